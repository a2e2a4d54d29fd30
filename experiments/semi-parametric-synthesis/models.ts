/** Trains models and measures their samples. */
import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  type EmbeddingDatabase,
  RetrievalDenoiser,
  sampleRetrieval,
  type SampleRetrievalOptions,
  topM,
  trainRetrievalDenoiser,
} from "../../lib/retrieval/mod.ts";
import { classesOf, domains, K, type Part, qualityOf, retrieved } from "./domains.ts";
import type { Arm, Domain, Row } from "./rows.ts";

/** What is trained. */
export interface Training {
  arm: Arm;
  k: number;
  seed: number;
  steps: number;
  /** Probability with which neighbours are dropped. */
  drop: number;
}

/** How it is sampled. */
export interface Sampling {
  /** Samples per setting. */
  count: number;
  /** Strength of guidance. */
  guidance: number;
  /** Share of the old database that is sampled, 1 for all of it in proportion to its use. */
  m: number;
  /** Entries per class of the new database, at most. */
  entries: number;
}

const WIDTHS: Partial<Record<Arm, number>> = { "parametric, 52 k": 128 };

interface Trained {
  net: RetrievalDenoiser;
  loss: number;
}

/** Trains a model as notes 4 and 6.2 tell. */
export function train({ arm, k, seed, steps, drop }: Training, report: Report = () => {}): Trained {
  const { train, database, sigmaData } = domains();
  const rng = new Rng(seed);
  const hasDatabase = k > 0;
  const net = new RetrievalDenoiser({
    dim: 64,
    ...(hasDatabase ? { tokenDim: 64 } : {}),
    width: WIDTHS[arm] ?? 64,
    sigmaData,
    prediction: arm === "RDM, predicts x₀" ? "signal" : "preconditioned",
    rng: rng.split("start"),
  });
  const tokens = database.old.images.astype("float32");
  const indices = arm === "random neighbours"
    ? randomNeighbors(k, rng.split("random neighbours"))
    : retrieved(Math.max(1, k)).neighbors;
  const { losses } = trainRetrievalDenoiser(
    net,
    train.old.images.astype("float32"),
    hasDatabase ? { tokens, indices } : null,
    {
      steps,
      dropProbability: drop,
      rng: rng.split("training"),
      onStep: ({ step }) => step % 100 === 99 && report(0.8 * (step + 1) / steps),
    },
  );
  const last = losses.slice(-200);
  return { net, loss: last.reduce((a, b) => a + b, 0) / last.length };
}

/** As many entries per training image as are retrieved, drawn once. */
function randomNeighbors(k: number, rng: Rng): Int32Array {
  const { train, database } = domains();
  const [count, size] = [train.old.labels.length, database.old.labels.length];
  return Int32Array.from({ length: k * count }, () => rng.integer(size));
}

/** Samples of a model from a part of the data, and the classes of their queries. */
function sample(
  net: RetrievalDenoiser,
  part: Part | null,
  seed: number,
  options: Omit<SampleRetrievalOptions, "rng">,
): { samples: Matrix<Float32Array>; classes: Int32Array } {
  const database: EmbeddingDatabase | null = part === null ? null : domains().search(part);
  // One stream for all models and settings of a seed: they start from the same noise.
  const rng = new Rng(seed).split("samples");
  const { samples, queries } = sampleRetrieval(net, database, { ...options, clip: [-1, 1], rng });
  return { samples, classes: queries.map((query) => part!.labels[query]) };
}

/** The first entries of each class. */
function fewer({ images, labels }: Part, perClass: number): Part {
  const seen = new Map<number, number>();
  const rows = Array.from(labels.keys()).filter((row) => {
    const count = (seen.get(labels[row]) ?? 0) + 1;
    seen.set(labels[row], count);
    return count <= perClass;
  });
  return partOf({ images, labels }, rows);
}

function partOf({ images, labels }: Part, rows: number[]): Part {
  return {
    images: Matrix.from(rows.length, 64, (i, j) => images.get(rows[i], j)),
    labels: Int32Array.from(rows, (row) => labels[row]),
  };
}

/** How many digits a strip shows. */
const SHOWN = 8;

function strip(
  of: Row<"strip">["of"],
  domain: Domain,
  seed: number,
  images: Matrix<RealArray>,
): Row<"strip"> {
  const pixels = Array.from(
    images.data.subarray(0, SHOWN * 64),
    (value) => String.fromCharCode(65 + Math.round(8 * (value + 1))),
  );
  return { kind: "strip", of, domain, seed, pixels: pixels.join("") };
}

/** Rows that show the classes in turn. */
function inTurn({ labels }: Part): number[] {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const lists = classes.map((label) => Array.from(labels.keys()).filter((row) => labels[row] === label));
  return Array.from({ length: SHOWN }, (_, i) => lists[i % lists.length][Math.floor(i / lists.length)])
    .filter((row) => row !== undefined);
}

/** A trial: a training, and where to sample. */
export type ModelTrial = Training & Sampling & {
  /** Whether samples are kept as pictures. */
  drawn: boolean;
  /** Shares m of top-m sampling. */
  shares: number[];
  /** Strengths of guidance, beside the one in use, by the domain of the database. */
  strengths: Record<Domain, number[]>;
  /** Whether the neighbours' influence and a deleted digit are looked at. */
  explained: boolean;
};

type ModelTrialRow =
  | Row<"model">
  | Row<"topM">
  | Row<"guidance">
  | Row<"deleted">
  | Row<"influence">
  | Row<"strip">;

/** Trains one model and samples it from both databases, and in all the ways that are asked for. */
export function modelRows(trial: ModelTrial, report: Report): ModelTrialRow[] {
  const { arm, k, seed, steps, drop, count, guidance, m, entries, drawn, shares, strengths } = trial;
  const { database } = domains();
  const { net, loss } = train(trial, report);
  const common = { k: Math.max(1, k), count };
  const { proposal } = retrieved(Math.max(1, k));
  const parts: Record<Domain, Part> = { old: database.old, new: fewer(database.new, entries) };
  const proposals = { old: m === 1 ? proposal : topM(proposal, m), new: undefined };
  const rows: ModelTrialRow[] = [];
  for (const domain of ["old", "new"] as const) {
    const { samples, classes } = k === 0
      ? sample(net, null, seed, common)
      : sample(net, parts[domain], seed, { ...common, proposal: proposals[domain], guidance });
    const quality = qualityOf(samples, domain, classes);
    const { length: parameters } = net.parameters;
    rows.push({ kind: "model", arm, drop, k, seed, steps, domain, parameters, loss, ...quality });
    if (strengths[domain].length > 0) {
      rows.push({ kind: "guidance", seed, domain, drop, strength: guidance, ...quality });
    }
    if (drawn) rows.push(strip(arm, domain, seed, samples));
    if (trial.explained) {
      if (drawn) {
        rows.push(strip("database", domain, seed, partOf(parts[domain], inTurn(parts[domain])).images));
      }
      if (domain === "new") rows.push(...deletedRows(net, trial, samples));
    }
  }
  for (const share of shares) {
    const options = { ...common, proposal: topM(proposal, share) };
    const { samples, classes } = sample(net, database.old, seed, options);
    rows.push({ kind: "topM", seed, m: share, ...qualityOf(samples, "old", classes) });
  }
  for (const domain of ["old", "new"] as const) {
    for (const strength of strengths[domain]) {
      const options = { ...common, guidance: strength, proposal: domain === "old" ? proposal : undefined };
      const { samples, classes } = sample(net, database[domain], seed, options);
      rows.push({ kind: "guidance", seed, domain, drop, strength, ...qualityOf(samples, domain, classes) });
    }
  }
  if (trial.explained) rows.push(...influenceRows(net, trial));
  return rows;
}

/** The digit that is deleted. */
const DELETED = 7;

/** Samples from the new database without one of its digits. */
function deletedRows(
  net: RetrievalDenoiser,
  { k, count, seed, drawn }: ModelTrial,
  before: Matrix<Float32Array>,
): (Row<"deleted"> | Row<"strip">)[] {
  const whole = domains().database.new;
  const rest = partOf(whole, Array.from(whole.labels.keys()).filter((row) => whole.labels[row] !== DELETED));
  const { samples } = sample(net, rest, seed, { k, count });
  const share = (images: Matrix<Float32Array>) =>
    classesOf(images).filter((label) => label === DELETED).length / images.rows;
  return [
    { kind: "deleted", seed, digit: DELETED, before: share(before), after: share(samples) },
    ...(drawn ? [strip("without 7", "new", seed, samples)] : []),
  ];
}

/** Noise levels at which the neighbours' influence is looked at. */
const LEVELS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.8, 3, 5, 10];

/** Denoises test images with their own neighbours and with those of the next image of another class. */
function influenceRows(net: RetrievalDenoiser, { k, seed }: ModelTrial): Row<"influence">[] {
  const { test: { old: { images, labels } }, database, search, embed, sigmaData } = domains();
  const entries = search(database.old);
  const right = entries.search(embed(images), k).indices;
  const n = labels.length;
  const wrong = right.slice();
  for (let i = 0; i < n; i++) {
    let other = (i + 1) % n;
    while (labels[other] === labels[i]) other = (other + 1) % n;
    wrong.set(right.subarray(other * k, (other + 1) * k), i * k);
  }
  const noise = new Rng(seed).split("influence").normalMatrix(n, 64);
  const attention = new Float64Array(n * k);
  return LEVELS.map((sigma) => {
    const noisy = Matrix.from(n, 64, (i, j) => images.get(i, j) + sigma * noise.get(i, j));
    const denoise = (indices: Int32Array) =>
      net.denoise(noisy, sigma, { tokens: entries.tokens, indices }, { attention });
    const withWrong = denoise(wrong);
    const withRight = denoise(right);
    const distance = (a: Matrix<RealArray>, b: Matrix<RealArray>) => {
      let sum = 0;
      for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
      return Math.sqrt(sum / a.data.length) / sigmaData;
    };
    let largest = 0;
    for (let i = 0; i < n; i++) {
      largest += attention.subarray(i * k, (i + 1) * k).reduce((a, b) => Math.max(a, b)) / n;
    }
    return {
      kind: "influence",
      seed,
      sigma,
      change: distance(withRight, withWrong),
      right: distance(withRight, images),
      wrong: distance(withWrong, images),
      attention: largest,
    };
  });
}

/** What no training changes: notes 6.4. */
export function dataRows(): (Row<"data"> | Row<"proposal">)[] {
  const { train, database, search } = domains();
  const row = (of: Row<"data">["of"], from: Domain, domain: Domain, part: Part): Row<"data"> => ({
    kind: "data",
    of,
    from,
    domain,
    count: part.labels.length,
    ...qualityOf(part.images, domain, part.labels),
  });
  const copied = (part: Part): Part => {
    const entries = search(part);
    const { indices } = entries.search(entries.embeddings, K);
    return {
      images: Matrix.from(part.labels.length, 64, (i, j) => {
        let sum = 0;
        for (let n = 0; n < K; n++) sum += part.images.get(indices[i * K + n], j);
        return sum / K;
      }),
      labels: part.labels,
    };
  };
  const { neighbors, proposal } = retrieved(K);
  return [
    row("train", "old", "old", train.old),
    row("train", "old", "new", train.old),
    row("database", "old", "old", database.old),
    row("database", "new", "new", database.new),
    row("mean of the neighbours", "old", "old", copied(database.old)),
    row("mean of the neighbours", "new", "new", copied(database.new)),
    {
      kind: "proposal",
      total: neighbors.length,
      sum: proposal.reduce((a, b) => a + b),
      used: proposal.filter((p) => p > 0).length / proposal.length,
      largest: Math.round(neighbors.length * proposal.reduce((a, b) => Math.max(a, b))),
    },
  ];
}
