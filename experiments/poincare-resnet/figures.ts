/** Figures, the key one first. */
import { distinct, type Figure, type RowTable } from "../../lib/experiment/mod.ts";
import {
  annotation,
  categoryAxis,
  colorBy,
  figure,
  knob,
  linearAxis,
  lines,
  logAxis,
  meanAndRange,
  palette,
  panels,
  points,
  theoryColor,
  theoryLine,
} from "../../lib/figures/mod.ts";
import type { Row } from "./rows.ts";

const STARTS = ["identity", "½Q", "HNN++", "released code"];
const COLORS = [palette[0], palette[4], palette[1], palette[3]];
const TWO = ["identity", "HNN++"];
const NAMES: Record<Row<"training">["init"], string> = {
  "identity": "identity",
  "orthogonal": "½Q",
  "hnn++": "HNN++",
};

/** Norm against depth, for the curvature and norm that are chosen. */
function depth({ depth, released }: RowTable<Row>): Figure {
  const { c, rho } = chosen(released);
  const shown = depth.filter((row) => row.c === c && row.rho === rho && row.start !== "identity, float32");
  const factor = released.filter((row) => row.c === c && row.rho === rho)
    .flatMap(({ norms }) => norms.map((norm, layer) => ({ start: "released code", layer, norm })));
  const low = Math.min(...shown.flatMap(({ norms }) => norms));
  const panel = (d: number) => ({
    title: `d = ${d}`,
    x: linearAxis("layer", "Layer"),
    y: logAxis("norm", "Mean tangent norm", { domain: [low / 3, 3 * rho] }),
    color: colorBy("start", null, STARTS, COLORS),
    layer: [
      // Both isometries on the same line: the wide one first.
      ...STARTS.slice(0, 3).map((start) =>
        meanAndRange(
          shown.filter((row) => row.d === d && row.start === start).flatMap(({ norms }) =>
            norms.map((norm, layer) => ({ start, layer, norm }))
          ),
          {
            x: "layer",
            y: "norm",
            series: "start",
            center: "geometric mean",
            strokeWidth: start === "identity" ? 7 : 2.2,
          },
        )
      ),
      lines(factor),
      theoryLine((layer) => rho * (2 / d) ** (layer / 2), {
        x: "layer",
        y: "norm",
        domain: [0, shown[0].norms.length - 1],
        count: 2,
      }),
    ],
  });
  return figure({
    title: "The usual start lets features collapse to the origin; the identity start keeps them",
    subtitle:
      `Mean norm of tangent vectors, c = ${c}, ρ = ${rho}, range over seeds; dashed: ρ (2/d)^(layer/2)`,
    ...panels([panel(16), panel(64)], { height: 300 }),
  });
}

/** The setting of the knobs, which is run last. */
function chosen(released: RowTable<Row>["released"]): { c: number; rho: number } {
  const { c, rho } = released[released.length - 1];
  return { c, rho };
}

/** A batch in the disk, layer by layer. */
function disk({ disk }: RowTable<Row>): Figure {
  const starts = ["identity", "HNN++", "released code"];
  const layer = knob("layer", distinct(disk, "layer"), { label: "layer", start: 4 });
  const dots = disk.flatMap(({ start, layer, points }) => points.map(([x, y]) => ({ start, layer, x, y })));
  // Two halves, each from left to right.
  const circle = [1, -1].flatMap((half) =>
    Array.from({ length: 37 }, (_, k) => ({
      half,
      x: -Math.cos(k * Math.PI / 36),
      y: half * Math.sin(k * Math.PI / 36),
    }))
  );
  const plain = { domain: [-1.04, 1.04] as [number, number], grid: false, values: [-1, 0, 1] };
  return figure({
    params: [layer.param],
    title: "A few layers bring all points to the origin, unless each starts as the identity",
    subtitle:
      "40 points in the Poincaré ball, d = 16, c = 1, first two coordinates; the slider moves through the layers",
    ...panels(
      starts.map((start, k) => ({
        title: start,
        x: linearAxis("x", "x₁", plain),
        y: linearAxis("y", "x₂", plain),
        layer: [
          lines(circle, { each: "half", color: theoryColor, strokeWidth: 1, opacity: 1 }),
          layer.show(
            points(dots.filter((dot) => dot.start === start), { color: COLORS[[0, 2, 3][k]], size: 30 }),
          ),
          ...(k === 2 ? [layer.readout] : []),
        ],
      })),
      { width: 155, height: 155 },
    ),
  });
}

/** What reaches each layer at the start. */
function gradients({ training }: RowTable<Row>): Figure {
  const shown = training.filter(({ norm, layers, init }) =>
    norm === "none" && layers > 2 && init !== "orthogonal"
  );
  const rows = shown.flatMap(({ init, layers, gradientNorms }) =>
    gradientNorms.map((norm, layer) => ({ start: NAMES[init], layers, layer: layer + 1, norm }))
  );
  return figure({
    title: "At the start no gradient reaches the first layers of a collapsed network",
    subtitle: "Gradient of the first batch's loss with respect to each layer's normals; range over seeds",
    ...panels(
      distinct(rows, "layers").sort((a, b) => a - b).map((layers) => ({
        title: `${layers} layers`,
        x: linearAxis("layer", "Layer"),
        y: logAxis("norm", "Gradient norm"),
        color: colorBy("start", null, TWO, [palette[0], palette[1]]),
        layer: [
          meanAndRange(rows.filter((row) => row.layers === layers), {
            x: "layer",
            y: "norm",
            series: "start",
            center: "geometric mean",
            dots: true,
          }),
        ],
      })),
    ),
  });
}

/** Loss against epoch. */
function training({ training }: RowTable<Row>): Figure {
  const shown = training.filter(({ norm, init }) => norm === "none" && init !== "orthogonal");
  const rows = shown.flatMap(({ init, layers, losses }) =>
    losses.map((loss, k) => ({ start: NAMES[init], layers, epoch: k + 1, loss }))
  );
  return figure({
    title: "The deeper the network, the more the start decides",
    subtitle: "Training loss on 8 x 8 digits, networks of width 32 with rectifiers; range over seeds",
    ...panels(
      distinct(rows, "layers").sort((a, b) => a - b).map((layers) => ({
        title: `${layers} layers`,
        x: linearAxis("epoch", "Epoch"),
        y: linearAxis("loss", "Training loss", { domain: [0, 2.5] }),
        color: colorBy("start", null, TWO, [palette[0], palette[1]]),
        layer: [
          meanAndRange(rows.filter((row) => row.layers === layers), {
            x: "epoch",
            y: "loss",
            series: "start",
          }),
        ],
      })),
    ),
  });
}

/** Accuracy of all networks. */
function accuracy({ training }: RowTable<Row>): Figure {
  const norms = { none: "", midpoint: ", midpoint", frechet: ", Fréchet" };
  const rows = training.map(({ layers, init, norm, accuracy }) => ({
    network: `${layers} layers${norms[norm]}`,
    start: NAMES[init],
    accuracy,
  }));
  const order = ["2 layers", "8 layers", "16 layers", "8 layers, midpoint", "8 layers, Fréchet"];
  const present = order.filter((name) => rows.some(({ network }) => network === name));
  return figure({
    title:
      "Batch normalization saves the usual start, and the midpoint is as good for it as the Fréchet mean",
    subtitle:
      "Accuracy on 397 test digits, one dot per seed; last two rows: batch normalization by that mean",
    height: 46 * present.length,
    encoding: {
      x: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
      y: categoryAxis("network", { order: present }),
      yOffset: { field: "start", type: "nominal", sort: STARTS.slice(0, 3) },
      color: colorBy("start", null, STARTS.slice(0, 3), COLORS.slice(0, 3)),
    },
    layer: [points(rows, { size: 55 })],
  });
}

/** Midpoint and Fréchet mean. */
function means({ means }: RowTable<Row>): Figure {
  const rows = means.map(({ c, ...row }) => ({ ...row, curvature: `c = ${c}` }));
  const color = colorBy("curvature", null, distinct(rows, "curvature"));
  const x = logAxis("sigma", "Spread σ of the points");
  return figure({
    title: "The closed-form midpoint lies within a few thousandths of the spread from the Fréchet mean",
    subtitle: "4096 points in 16 dimensions around 0.5 e₁; the iteration ends at changes of 1e-12",
    ...panels([
      {
        x,
        y: logAxis("relative", "Distance of the means over rms spread"),
        color,
        layer: [
          meanAndRange(rows, {
            x: "sigma",
            y: "relative",
            series: "curvature",
            center: "geometric mean",
            dots: true,
          }),
        ],
      },
      {
        x,
        y: linearAxis("iterations", "Iterations of the Fréchet mean", { domain: [0, 12] }),
        color,
        layer: [meanAndRange(rows, { x: "sigma", y: "iterations", series: "curvature", dots: true })],
      },
    ]),
  });
}

/** Single precision far from the origin. */
function boundary({ boundary }: RowTable<Row>): Figure {
  const names = { ball: "on the ball", fused: "fused" };
  const rows = boundary.flatMap(({ form, norm, error }) =>
    error === null || error === 0 ? [] : [{ form: names[form], norm, error: Math.abs(error) }]
  );
  const last = rows.filter(({ form }) => form === names.ball).at(-1)!;
  return figure({
    title: "On the ball single precision runs out at tangent norm 8; the fused layer loses nothing",
    subtitle:
      "Relative error of the norm that one isometric layer returns, c = 1; dashed: ε cosh²(norm)/norm",
    height: 280,
    x: linearAxis("norm", "Norm of the tangent vector", { domain: [0, 12.5] }),
    y: logAxis("error", "Relative error", { domain: [1e-9, 0.1] }),
    color: colorBy("form", null, Object.values(names), [palette[1], palette[0]]),
    layer: [
      theoryLine((norm) => 2 ** -24 * Math.cosh(norm) ** 2 / norm, {
        x: "norm",
        y: "error",
        domain: [0.5, last.norm],
      }),
      points(rows, { size: 55 }),
      annotation("NaN from here on", { x: last.norm, y: last.error, side: "right", color: palette[1] }),
    ],
  });
}

/** What is kept for the backward pass. */
function graph({ graph }: RowTable<Row>): Figure {
  const order = ["tensor operations", "fused"];
  const panel = (field: "operations" | "kilobytes", title: string) => ({
    x: linearAxis(field, title, { zero: true }),
    y: categoryAxis("form", { order }),
    layer: [{
      data: {
        values: graph.map(({ form, operations, bytes }) => ({ form, operations, kilobytes: bytes / 1000 })),
      },
      mark: { type: "bar", height: 26, color: palette[0] },
    }],
    height: 90,
  });
  return figure({
    title: "One operation with its own gradient keeps a fraction of what tensor operations keep",
    subtitle: "Layer, rectifier and midpoint normalization, 256 vectors of 64 entries, single precision",
    ...panels([
      panel("operations", "Operations on the tape"),
      panel("kilobytes", "Kept for the gradient, kB"),
    ]),
  });
}

/** ResNets on digits. */
function resnet({ resnet }: RowTable<Row>): Figure {
  return figure({
    title: "A Poincaré ResNet learns digits as a Euclidean one of the same widths does",
    subtitle: "ResNet-8 with 4, 8 and 16 channels, test accuracy after each epoch; range over seeds",
    height: 260,
    x: linearAxis("epoch", "Epoch", { tickCount: 5 }),
    y: linearAxis("accuracy", "Test accuracy", { domain: [0, 1] }),
    color: colorBy("network", null, ["Poincaré", "Euclidean"]),
    layer: [meanAndRange(resnet, { x: "epoch", y: "accuracy", series: "network", dots: true })],
  });
}

export const figures = { depth, disk, training, gradients, accuracy, means, boundary, graph, resnet };
