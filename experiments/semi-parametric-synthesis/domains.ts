/** The digits in two halves, and what is measured against them: notes 6. */
import { Matrix, type RealArray } from "../../lib/arrays/mod.ts";
import { digits } from "../../lib/datasets/mod.ts";
import { EmbeddingDatabase, memorizationRatio, proposalDistribution } from "../../lib/retrieval/mod.ts";
import {
  frechetDistance,
  nearestNeighbors,
  precisionRecall,
  type PrincipalComponents,
  principalComponents,
} from "../../lib/statistics/mod.ts";
import type { Domain, Quality } from "./rows.ts";

/** Neighbours of the main experiment. */
export const K = 4;

/** Images of one domain: 8 x 8 pixels from -1 to 1. */
export interface Part {
  images: Matrix;
  labels: Int32Array;
}

/** All that is fixed by the data. */
export interface Domains {
  all: Part;
  database: Record<Domain, Part>;
  train: Record<Domain, Part>;
  test: Record<Domain, Part>;
  /** Standard deviation of all pixels. */
  sigmaData: number;
  /** Searches by pixels minus the mean image; tokens are the pixels. */
  search: (part: Part) => EmbeddingDatabase;
  /** Pixels minus the mean image. */
  embed: (images: Matrix<RealArray>) => Matrix;
  components: PrincipalComponents;
}

let loaded: Domains | undefined;

/** The split of notes 6.1; computed once. */
export function domains(): Domains {
  return loaded ??= load();
}

function load(): Domains {
  const { images: unit, labels } = digits();
  const images = unit.map((value) => 2 * value - 1);
  const select = (isWanted: (i: number) => boolean): Part => {
    const rows = Array.from(labels.keys()).filter(isWanted);
    return {
      images: Matrix.from(rows.length, 64, (i, j) => images.get(rows[i], j)),
      labels: Int32Array.from(rows, (row) => labels[row]),
    };
  };
  const isOf = (domain: Domain, i: number) => (labels[i] >= 5) === (domain === "new");
  const both = (from: number, to: number): Record<Domain, Part> => {
    const of = (domain: Domain) => select((i) => isOf(domain, i) && i % 20 >= from && i % 20 < to);
    return { old: of("old"), new: of("new") };
  };
  const mean = Float64Array.from(
    { length: 64 },
    (_, j) => images.column(j).reduce((a, b) => a + b) / images.rows,
  );
  const embed = (of: Matrix<RealArray>) => Matrix.from(of.rows, 64, (i, j) => of.get(i, j) - mean[j]);
  const total = images.data.reduce((sum, value) => sum + value, 0) / images.data.length;
  const squares = images.data.reduce((sum, value) => sum + (value - total) ** 2, 0);
  return {
    all: { images, labels },
    database: both(0, 7),
    train: both(7, 16),
    test: both(16, 20),
    sigmaData: Math.sqrt(squares / (images.data.length - 1)),
    search: (part) => new EmbeddingDatabase(embed(part.images), { tokens: part.images.astype("float32") }),
    embed,
    components: principalComponents(images, 20),
  };
}

/** Neighbours of the old training images among the old database, and how often each entry is one. */
export function retrieved(k: number): { neighbors: Int32Array; proposal: Float64Array } {
  const { train, database, search, embed } = domains();
  const neighbors = search(database.old).search(embed(train.old.images), k).indices;
  return { neighbors, proposal: proposalDistribution(neighbors, database.old.labels.length) };
}

/**
 * What samples are worth, against the test images of a domain: notes 6.3.
 *
 * @param classes The class of each sample's query; empty without a database.
 */
export function qualityOf(samples: Matrix<RealArray>, domain: Domain, classes: ArrayLike<number>): Quality {
  const { test, train, components } = domains();
  const [real, generated] = [components.project(test[domain].images), components.project(samples)];
  const found = classesOf(samples);
  const share = (isCounted: (label: number, i: number) => boolean) =>
    found.filter(isCounted).length / found.length;
  return {
    fd: frechetDistance(real, generated),
    ...precisionRecall(real, generated),
    isNew: share((label) => label >= 5),
    queryClass: share((label, i) => label === classes[i]),
    memorization: memorizationRatio(samples, train.old.images, test.old.images),
  };
}

/** The class of each image: that of the nearest of all images. */
export function classesOf(images: Matrix<RealArray>): Int32Array {
  const { all } = domains();
  return nearestNeighbors(images, all.images).indices.map((row) => all.labels[row]);
}
