/** The types of rows, and what computes them from the library. */
import { mean } from "simple-statistics";
import { type DType, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import type { Report, RowOfKind } from "../../lib/experiment/mod.ts";
import { frobeniusNorm, haarOrthogonal, householderProduct, singularValues } from "../../lib/linalg/mod.ts";
import {
  HouseholderProjector,
  nearestPartialIsometry,
  sefaDirections,
} from "../../lib/latent_directions/mod.ts";
import { Autoencoder } from "./autoencoder.ts";
import { ATTRIBUTES, blobs } from "./blobs.ts";
import { FEATURES, LATENTS } from "./decoder.ts";
import { alongDirections, attributeChanges, directionsOf, entanglements, pathLengths } from "./measures.ts";
import { releasedStart } from "./released_start.ts";
import { varimax } from "./varimax.ts";

/** Which model. */
export interface Model {
  /** Its name in figures. */
  model: string;
  /** Rank of its projectors; 16, that of free projections, if it has none. */
  rank: number;
  start: "free" | "nearest" | "random";
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /**
   * How far projectors with random reflectors are from what they must be, the largest over shapes and ranks.
   */
  spectrum: {
    seed: number;
    precision: DType;
    /** Largest entry of AᵀA - V Vᵀ. */
    isometry: number;
    /** Largest difference of the first singular values from 1. */
    ones: number;
    /** Largest of the other singular values. */
    zeros: number;
    /** Largest entry of A Aᵀ A - A. */
    idempotence: number;
  };
  /** How far traversals along the columns of V are from what they must be, relative to the step. */
  traversal: {
    seed: number;
    /** Length of the response against that of the step. */
    length: number;
    /** Largest cosine of two responses. */
    cosine: number;
    /** Response to a step orthogonal to all directions. */
    dead: number;
  };
  /** One way to start from a random projection. */
  start: {
    seed: number;
    rank: number;
    method: "nearest" | "released code" | "random member" | "best of 1000 random";
    /** From the projection, in the Frobenius norm; the mean for random members. */
    distance: number;
    /** From the nearest matrix of the family. */
    fromNearest: number;
    /** The smallest distance that there is, by its formula. */
    formula: number;
  };
  /** A model after its fine-tuning. */
  training: Model & {
    seed: number;
    /** Mean squared error of fresh pictures, before the fine-tuning. */
    before: number;
    /** After it. */
    error: number;
    /** PIPL. */
    pathLength: number;
    /** PIPL per squared change of style. */
    normalized: number;
    entanglement: number;
  };
  /** Error during the fine-tuning. */
  curve: Model & { seed: number; step: number; error: number };
  /** All directions of a layer, one number for each. */
  directions: Model & {
    seed: number;
    layer: number;
    /** Singular values of the projection. */
    spectrum: number[];
    /** PIPL of each direction, the strongest first; those of a projector without the dead ones. */
    pathLengths: number[];
  };
  /** One choice of axes for the space of a trained projector's directions. */
  axes: {
    seed: number;
    layer: number;
    axes: "columns of V" | "singular vectors" | "random rotation" | "varimax";
    /** Largest change of the projection when both sides are rotated alike. */
    change: number;
    /** Mean over the axes of the largest |cosine| with a column of V. */
    cosine: number;
    entanglement: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Shapes and ranks on which identities are checked: tall, wide and square. */
const SHAPES = [
  { outputs: FEATURES, inputs: LATENTS, rank: 8 },
  { outputs: LATENTS, inputs: FEATURES, rank: 5 },
  { outputs: 64, inputs: 64, rank: 10 },
  { outputs: 12, inputs: 12, rank: 12 },
];

export function spectrumRow(seed: number, precision: DType): Row<"spectrum"> {
  const found = SHAPES.map(({ outputs, inputs, rank }) => {
    const rng = new Rng(seed).split(`${outputs} x ${inputs}`);
    const [u, v] = [outputs, inputs].map((size) =>
      householderProduct(rng.split(size).normalMatrix(size, rank).astype(precision))
    );
    const a = matmul(u, v, { transposeB: true });
    const spectrum = singularValues(a);
    return {
      isometry: largest(gram(a).minus(matmul(v, v, { transposeB: true }))),
      ones: largest({ data: spectrum.subarray(0, rank).map((s) => s - 1) }),
      zeros: largest({ data: spectrum.subarray(rank) }),
      idempotence: largest(matmul(a, gram(a)).minus(a)),
    };
  });
  const worst = (part: keyof typeof found[number]) => Math.max(...found.map((row) => row[part]));
  return {
    kind: "spectrum",
    seed,
    precision,
    isometry: worst("isometry"),
    ones: worst("ones"),
    zeros: worst("zeros"),
    idempotence: worst("idempotence"),
  };
}

/** Steps of a traversal: seven from -20 to 20, as in the released code, without the one of length zero. */
const STEPS = [-20, -40 / 3, -20 / 3, 20 / 3, 40 / 3, 20];

export function traversalRow(seed: number): Row<"traversal"> {
  const found = SHAPES.map(({ outputs, inputs, rank }) => {
    const rng = new Rng(seed).split(`${outputs} x ${inputs}`);
    const projector = new HouseholderProjector(outputs, inputs, { rank, rng });
    const directions = projector.directions();
    const w = rng.normalMatrix(1, inputs);
    const style = projector.forward(w);
    const responses = STEPS.flatMap((step) =>
      Array.from({ length: rank }, (_, j) => {
        const moved = w.map((x, _, i) => x + step * directions.get(i, j));
        return { step, change: projector.forward(moved).minus(style) };
      })
    );
    const first = Matrix.from(rank, outputs, (j, i) => responses[j].change.data[i] / Math.abs(STEPS[0]));
    // What is left of a random step without its part in the space of directions.
    const inside = matmul(matmul(w, directions), directions, { transposeB: true });
    const dead = projector.forward(w.minus(inside));
    return {
      length: Math.max(
        ...responses.map(({ step, change }) => Math.abs(frobeniusNorm(change) / Math.abs(step) - 1)),
      ),
      cosine: largest(gram(first, { side: "right" }).map((x, i, j) => i === j ? 0 : x)),
      dead: frobeniusNorm(dead) / frobeniusNorm(w),
    };
  });
  const worst = (part: keyof typeof found[number]) => Math.max(...found.map((row) => row[part]));
  return { kind: "traversal", seed, length: worst("length"), cosine: worst("cosine"), dead: worst("dead") };
}

/** Random members of the family that are tried. */
const MEMBERS = 1000;

/** Ways to start from a random square projection. */
export function startRows(seed: number, rank: number): Row<"start">[] {
  const a = new Rng(seed).split("projection").normalMatrix(LATENTS, LATENTS, 1 / Math.sqrt(LATENTS));
  const all = nearestPartialIsometry(a, LATENTS);
  const { u, v, distance: formula } = nearestPartialIsometry(a, rank);
  const nearest = matmul(u, v, { transposeB: true });
  const row = (method: Row<"start">["method"], members: Matrix[]): Row<"start"> => ({
    kind: "start",
    seed,
    rank,
    method,
    distance: mean(members.map((member) => frobeniusNorm(a.minus(member)))),
    fromNearest: mean(members.map((member) => frobeniusNorm(nearest.minus(member)))),
    formula,
  });
  const rng = new Rng(seed).split(`members ${rank}`);
  const members = Array.from(
    { length: MEMBERS },
    () => new HouseholderProjector(LATENTS, LATENTS, { rank, rng: rng.split(rng.integer(2 ** 32)) }).matrix(),
  );
  let best = members[0];
  for (const member of members) {
    if (frobeniusNorm(a.minus(member)) < frobeniusNorm(a.minus(best))) best = member;
  }
  return [
    row("nearest", [HouseholderProjector.fromMatrix(a, { rank }).matrix()]),
    row("released code", [releasedStart(all.u, all.v, rank)]),
    row("random member", members),
    row("best of 1000 random", [best]),
  ];
}

/** One seed of the autoencoder. */
export interface AutoencoderTrial {
  seed: number;
  models: Model[];
  /** Steps before the projectors are put in. */
  steps: number;
  fineTuneSteps: number;
  /** Fresh pictures for the error. */
  pictures: number;
}

/** Latents at which directions are measured. */
const LATENT_SAMPLES = 256;

export function autoencoderRows(
  { seed, models, steps, fineTuneSteps, pictures }: AutoencoderTrial,
  report: Report<Row>,
): Row[] {
  const rng = new Rng(seed);
  const test = blobs(pictures, rng.split("test"));
  const sample = test.slice(0, LATENT_SAMPLES);
  const total = steps + models.length * fineTuneSteps;
  const rows: Row[] = [];
  const trained = Autoencoder.start(rng.split("start"));
  trained.train({
    steps,
    learningRate: 3e-3,
    rng: rng.split("training"),
    onStep: (step) => step % 100 === 0 && report(step / total),
  });
  models.forEach((model, m) => {
    const tuned = trained.with(projectorsOf(trained, model, rng.split("reflectors")));
    const before = tuned.error(test);
    const curve = (step: number) =>
      rows.push({ kind: "curve", seed, ...model, step, error: tuned.error(sample) });
    curve(0);
    tuned.train({
      steps: fineTuneSteps,
      learningRate: 1.5e-3,
      // All models see the same pictures.
      rng: rng.split("fine-tuning"),
      onStep: (step) => step % Math.max(1, Math.round(fineTuneSteps / 10)) === 0 && curve(step),
    });
    const w = tuned.encode(sample);
    rows.push({
      kind: "training",
      seed,
      ...model,
      before,
      error: tuned.error(test),
      ...alongDirections(tuned, w),
    });
    tuned.decoder.layers.forEach(({ projection }, layer) =>
      rows.push({
        kind: "directions",
        seed,
        ...model,
        layer,
        spectrum: Array.from(singularValues(projection)),
        pathLengths: Array.from(pathLengths(tuned, w, directionsOf(tuned, layer))),
      })
    );
    if (model.start === "nearest" && model === models.find(({ start }) => start === "nearest")) {
      rows.push(...axesRows(seed, tuned, w, rng.split("axes")));
    }
    report((steps + (m + 1) * fineTuneSteps) / total, rows);
  });
  return rows;
}

function projectorsOf({ decoder }: Autoencoder, { start, rank }: Model, rng: Rng): HouseholderProjector[] {
  if (start === "free") return [];
  return decoder.layers.map(({ projection }, layer) =>
    start === "nearest"
      ? HouseholderProjector.fromMatrix(projection, { rank })
      : new HouseholderProjector(FEATURES, LATENTS, { rank, rng: rng.split(layer) })
  );
}

/**
 * Other axes for the same projection: a random rotation of its directions and responses, and the rotation
 * that makes the attributes' changes sparse, found on one half of the latents; entanglement is that on the
 * other.
 */
function axesRows(seed: number, model: Autoencoder, w: Matrix, rng: Rng): Row<"axes">[] {
  const half = Math.floor(w.rows / 2);
  const [chosenOn, testedOn] = [w.slice(0, half), w.slice(half, w.rows)];
  return model.projectors.flatMap((projector, layer) => {
    const v = projector.directions();
    const u = projector.responses();
    const changes = attributeChanges(model, chosenOn, v);
    // One row for each latent and attribute, one column for each direction.
    const loadings = Matrix.from(half * ATTRIBUTES.length, v.columns, (k, j) => changes[j].data[k]);
    const rotations = {
      "columns of V": Matrix.identity(v.columns),
      // Of a matrix whose singular values are equal: an arbitrary basis.
      "singular vectors": matmul(v, sefaDirections(projector.matrix(), v.columns).directions, {
        transposeA: true,
      }),
      "random rotation": haarOrthogonal(v.columns, { rng: rng.split(layer) }),
      "varimax": varimax(loadings),
    };
    return Object.entries(rotations).map(([axes, rotation]): Row<"axes"> => {
      const directions = matmul(v, rotation);
      const projection = matmul(matmul(u, rotation), directions, { transposeB: true });
      return {
        kind: "axes",
        seed,
        layer,
        axes: axes as Row<"axes">["axes"],
        change: largest(projection.minus(projector.matrix())),
        cosine: largestCosines(directions, v),
        entanglement: mean(entanglements(model, testedOn, directions)),
      };
    });
  });
}

/** Mean over the columns of `a` of the largest |cosine| with a column of `b`; both have unit columns. */
export function largestCosines(a: Matrix, b: Matrix): number {
  const cosines = matmul(a, b, { transposeA: true });
  return mean(Array.from({ length: cosines.rows }, (_, j) => largest({ data: cosines.row(j) })));
}

function largest({ data }: { data: ArrayLike<number> }): number {
  let out = 0;
  for (let k = 0; k < data.length; k++) if (!(Math.abs(data[k]) <= out)) out = Math.abs(data[k]);
  return out;
}
