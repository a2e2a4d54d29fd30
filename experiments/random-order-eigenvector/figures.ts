import { colorBy, figure, linearAxis, logAxis, palette, theoryColor } from "../../lib/figures/mod.ts";
import type { Figure } from "../../lib/experiment/mod.ts";
import { HARD } from "./run.ts";
import { closedForm, mean, ofType, ojaMargin, type Row } from "./rows.ts";

/** Squared sines below this are rounding. */
const FLOOR = 1e-17;
const dashes = { strokeDash: [5, 4], color: theoryColor, strokeWidth: 1.2 };

/** The key figure: a cliff in memory, and a rule that no learning rate saves. */
function key(rows: Row[]): Figure {
  return figure({
    title: {
      text: "Room for every heavy row gives the exact answer; no learning rate does",
      subtitle: "The hard stream: h heavy rows among thousands of light ones, in random order",
    },
    hconcat: [staircase(rows), ojaPanel(rows)],
    spacing: 22,
    resolve: { scale: { color: "independent" } },
    config: { legend: { orient: "bottom", columns: 3, symbolType: "stroke" } },
  });
}

/** Figure 1: error against memory. */
function staircase(rows: Row[]) {
  const { heavy } = HARD;
  const shown = ofType(rows, "staircase").filter(({ budget }) => budget <= 2 * heavy);
  const points = shown.map(({ budget, error }) => ({ budget, error: Math.max(error, FLOOR) }));
  const law = Array.from({ length: heavy }, (_, b) => ({ budget: b, error: closedForm(heavy, b) }));
  const reference = 1 / heavy ** 2;
  return {
    width: 240,
    height: 270,
    title: {
      text: `Error against stored rows, h = ${heavy}`,
      fontSize: 12,
      frame: "group" as const,
      offset: 4,
    },
    layer: [
      {
        data: { values: [{ x: 5.6, y: reference / 5, text: "1/(R−1)²" }] },
        mark: { type: "text" as const, align: "right" as const, color: theoryColor },
        encoding: {
          x: { field: "x", type: "quantitative" as const },
          y: { field: "y", type: "quantitative" as const },
          text: { field: "text" },
        },
      },
      {
        data: { values: [{ y: reference }] },
        mark: { type: "rule" as const, ...dashes, strokeWidth: 0.8 },
        encoding: { y: { field: "y", type: "quantitative" as const } },
      },
      {
        data: { values: [...law, { budget: heavy, error: FLOOR }, { budget: 2 * heavy, error: FLOOR }] },
        mark: { type: "line" as const, ...dashes, clip: true },
        encoding: {
          x: { field: "budget", type: "quantitative" as const },
          y: { field: "error", type: "quantitative" as const },
        },
      },
      {
        data: { values: points },
        mark: { type: "point" as const, filled: true, size: 60, color: palette[0], opacity: 0.7, clip: true },
        encoding: {
          x: linearAxis("budget", "Rows stored, b", {
            domain: [-0.4, 2 * heavy + 0.4],
            values: [0, 2, 4, 6, 8, 16],
          }),
          y: logAxis("error", "Error, sin² of the angle", { domain: [FLOOR / 3, 3] }),
        },
      },
      {
        data: {
          values: [{ x: 8.4, y: 1e-15, text: "b ≥ h: rounding only" }, {
            x: 8.4,
            y: 3e-5,
            text: "dots: all seeds",
          }, { x: 8.4, y: 1e-6, text: "dashed: (h−b)/(h(b+1))" }],
        },
        mark: { type: "text" as const, align: "left" as const, fontSize: 10.5, color: "#555555" },
        encoding: {
          x: { field: "x", type: "quantitative" as const },
          y: { field: "y", type: "quantitative" as const },
          text: { field: "text" },
        },
      },
    ],
  };
}

/** Figure 2: Oja's rule against its learning rate. */
function ojaPanel(rows: Row[]) {
  const heavy = 3;
  const oja = ofType(rows, "oja").filter((row) => row.heavy === heavy);
  const dimensions = [...new Set(oja.map(({ d }) => d))].sort((a, b) => a - b);
  const curves = oja.map(({ d, rate, correlation, standardError }) => ({
    rate,
    correlation,
    low: Math.max(0, correlation - 2 * standardError),
    high: correlation + 2 * standardError,
    line: `Oja, d = ${d}`,
  }));
  const stored = ofType(rows, "stored").filter((row) => row.heavy === heavy).map(({ error }) => 1 - error);
  const flat = [0.01, 100].map((rate) => ({ rate, correlation: Math.min(...stored), line: "3 rows stored" }));
  const domain = ["3 rows stored", ...dimensions.map((d) => `Oja, d = ${d}`)];
  const color = {
    ...colorBy("line", null, domain, [palette[2], palette[4], palette[1], palette[6], palette[3]]),
    legend: { symbolOpacity: 1, title: null, columns: 2 },
  };
  const y = { field: "correlation", type: "quantitative" as const };
  return {
    width: 240,
    height: 270,
    title: {
      text: `Oja's rule at every rate, h = ${heavy} (R = 4)`,
      fontSize: 12,
      frame: "group" as const,
      offset: 4,
    },
    layer: [
      {
        data: { values: curves },
        mark: { type: "area" as const, opacity: 0.2 },
        encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
      },
      { data: { values: [...flat, ...curves] }, mark: { type: "line" as const }, encoding: { y, color } },
    ],
    encoding: {
      x: logAxis("rate", "Learning rate η", { domain: [0.01, 100], values: [0.01, 0.1, 1, 10, 100] }),
      y: linearAxis("correlation", "Squared correlation with v₁", {
        domain: [0, 1.03],
        values: [0, 0.2, 0.4, 0.6, 0.8, 1],
      }),
    },
  };
}

/** Whether Oja can succeed is known beforehand. */
function margin(rows: Row[]): Figure {
  const oja = ofType(rows, "oja");
  const pairs = [...new Set(oja.map(({ d, heavy }) => `${d} ${heavy}`))];
  const values = pairs.map((text) => {
    const [d, heavy] = text.split(" ").map(Number);
    const best = Math.max(
      ...oja.filter((row) => row.d === d && row.heavy === heavy).map((row) => row.correlation),
    );
    return { margin: ojaMargin(d, heavy), best, d: `d = ${d}`, text: `${heavy}` };
  });
  const domain = [...new Set(values.map(({ d }) => d))];
  const color = colorBy("d", null, domain);
  const x = linearAxis("margin", "Margin, h ln h − h + 1 − ½ ln(d − h − 1)");
  const y = linearAxis("best", "Best squared correlation", { domain: [0, 1] });
  return figure({
    title: {
      text: "Whether Oja's rule can win is known before the stream",
      subtitle:
        "Best of 41 learning rates; numbers: heavy rows h. Left of the dashed line noise outgrows signal at every rate",
    },
    layer: [
      {
        data: { values: [{ x: 0 }] },
        mark: { type: "rule", ...dashes },
        encoding: { x: { field: "x", type: "quantitative" } },
      },
      { data: { values }, mark: { type: "point", filled: true, size: 70 }, encoding: { x, y, color } },
      {
        data: { values },
        mark: { type: "text", dy: -11, fontSize: 10 },
        encoding: { x, y, color, text: { field: "text" } },
      },
    ],
  });
}

/** Figure 3: error against the gap. */
function gap(rows: Row[]): Figure {
  const spiked = ofType(rows, "spiked").filter(({ order }) => order === "random");
  const lines: [number, number, string][] = [
    [1, 0, "all heavy, none stored"],
    [0.5, 0, "half heavy, none stored"],
    [0, 0, "light, none stored"],
    [0.5, 4, "half heavy, 4 stored"],
    [1, 8, "all heavy, 8 stored"],
  ];
  const points = lines.flatMap(([share, budget, line]) => {
    // The streams of the order experiment are light ones with R = 16, too.
    const some = spiked.filter((row) => row.share === share && row.budget === budget);
    return [...new Set(some.map(({ gap }) => gap))].map((gap) => {
      const errors = some.filter((row) => row.gap === gap).map(({ error }) => error);
      return { gap, error: mean(errors), low: Math.min(...errors), high: Math.max(...errors), line };
    });
  });
  const ends = [4, 64];
  const guides = [
    ...ends.map((gap) => ({ gap, error: 1 / Math.sqrt(gap), line: "1/√R" })),
    ...ends.map((gap) => ({ gap, error: 0.035 / gap, line: "law" })),
  ];
  const labels = [{ gap: 64, error: 0.075, text: "theorem: 1/√R" }, {
    gap: 64,
    error: 0.0018,
    text: "law for light rows: (d/n)(T−1)/R",
  }];
  const color = {
    ...colorBy("line", null, lines.map(([, , line]) => line), [
      palette[1],
      palette[4],
      palette[0],
      palette[3],
      palette[2],
    ]),
    legend: { symbolOpacity: 1, title: null },
  };
  return figure({
    title: {
      text: "Stored heavy rows beat the theorem's 1/√R; without them, a large gap does not help",
      subtitle: "20,000 rows in 100 dimensions, 8 blocks; mean and range of seeds",
    },
    layer: [
      {
        data: { values: points },
        mark: { type: "area", opacity: 0.14 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color },
      },
      {
        data: { values: points },
        mark: { type: "line", point: { size: 40, filled: true } },
        encoding: { y: { field: "error", type: "quantitative" }, color },
      },
      {
        data: { values: guides },
        mark: { type: "line", ...dashes },
        encoding: { y: { field: "error", type: "quantitative" }, detail: { field: "line" } },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "right", dx: -4, color: theoryColor, fontSize: 10.5 },
        encoding: { y: { field: "error", type: "quantitative" }, text: { field: "text" } },
      },
    ],
    encoding: {
      x: logAxis("gap", "Gap R", { domain: [3.7, 69], values: [4, 8, 16, 32, 64] }),
      y: logAxis("error", "Error, sin² of the angle", { domain: [5e-7, 1.5] }),
    },
  });
}

/** The assumption that fails, on made and on real rows. */
function order(rows: Row[]): Figure {
  const values = [
    ...ofType(rows, "spiked").filter(({ gap, share, heavy, budget }) =>
      gap === 16 && share === 0 && heavy === 0 && budget !== 4
    )
      .map(({ order, budget, error }) => ({
        order,
        error,
        stored: `${budget} rows stored`,
        stream: "Gaussian rows, R = 16",
      })),
    ...ofType(rows, "digits").map(({ centred, order, budget, gap, error }) => ({
      order,
      error,
      stored: `${budget} rows stored`,
      stream: `digits${centred ? ", mean removed" : ""}, R = ${gap.toPrecision(3)}`,
    })),
  ];
  const streams = [...new Set(values.map(({ stream }) => stream))];
  return figure({
    title: {
      text: "Random order matters, and so does the gap",
      subtitle: "A dot a seed. Sorted: Gaussian rows by their angle to v₁, images of digits by their digit",
    },
    data: { values },
    facet: {
      row: {
        field: "stream",
        type: "nominal",
        sort: streams,
        title: null,
        header: {
          labelAngle: 0,
          labelAlign: "left",
          labelAnchor: "start",
          labelOrient: "top",
          labelFontWeight: "bold",
        },
      },
    },
    spec: {
      width: 470,
      height: 62,
      mark: { type: "point", size: 55, filled: true, opacity: 0.7 },
      encoding: {
        x: logAxis("error", "Error, sin² of the angle", { domain: [1e-4, 1] }),
        y: { field: "order", type: "nominal", title: null, sort: ["random", "sorted"] },
        yOffset: { field: "stored", type: "nominal" },
        color: colorBy("stored", null, ["0 rows stored", "8 rows stored", "32 rows stored"], [
          palette[1],
          palette[0],
          palette[2],
        ]),
      },
    },
    spacing: 10,
  });
}

/** Equal memory. */
function race(rows: Row[]): Figure {
  const names = { spiked: "Half-heavy spike, R = 16", hard: "The hard stream, h = 8" };
  const values = ofType(rows, "race").map(({ stream, method, words, error }) => ({
    stream: names[stream],
    method,
    words,
    error: Math.max(error, FLOOR),
  }));
  const methods = ["heavy rows + blocks", "Frequent Directions", "Oja, best rate"];
  return figure({
    title: {
      text: "With the same memory, storing the right rows wins",
      subtitle:
        "11 d words each (Frequent Directions 10 d; Oja d, at the best of 13 rates in hindsight); a dot a seed",
    },
    data: { values },
    facet: {
      row: {
        field: "stream",
        type: "nominal",
        sort: Object.values(names),
        title: null,
        header: {
          labelAngle: 0,
          labelAlign: "left",
          labelAnchor: "start",
          labelOrient: "top",
          labelFontWeight: "bold",
        },
      },
    },
    spec: {
      width: 420,
      height: 90,
      mark: { type: "point", size: 55, filled: true, opacity: 0.7 },
      encoding: {
        x: logAxis("error", "Error, sin² of the angle", { domain: [FLOOR / 3, 3] }),
        y: { field: "method", type: "nominal", sort: methods, title: null, axis: { labelLimit: 200 } },
        color: { ...colorBy("method", null, methods, [palette[2], palette[0], palette[1]]), legend: null },
      },
    },
    spacing: 10,
  });
}

/** All figures, the key figure first. */
export const figures: Record<string, (rows: Row[]) => Figure> = { key, margin, gap, order, race };
