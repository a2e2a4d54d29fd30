/** What trials return. `rate` is the first layer's relative learning rate. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** Closed forms at one k for two-bit inputs. */
  law: {
    k: number;
    rate: number;
    meanOne: number;
    meanZero: number;
    variance: number;
    /** Networks for one input at 90 %. */
    models90: number;
    /** Networks for all inputs at once at 90 %. */
    all90: number;
    /** The paper's bound, reconstructed. */
    bound: number;
  };
  /** Closed accuracy curve. */
  curve: { k: number; rate: number; models: number; accuracy: number };
  /** Closed law by number of ones at k = 20, and the networks it needs. */
  weight: {
    k: number;
    rate: number;
    ones: number;
    models90: number;
    meanOne: number;
    meanZero: number;
    sd: number;
  };
  /** Largest distance of the closed forms from explicit kernel solves. */
  closed: { rate: number; upTo: number; deviation: number };
  /** Decoding of every nonzero input by the infinite-width mean. */
  exact: { k: number; rate: number; inputs: number; wrong: number; smallestOne: number; largestZero: number };
  /** Accuracy of one drawn ensemble of infinitely wide networks. */
  process: { k: number; rate: number; repetition: number; models: number; accuracy: number };
  /** Variance of single drawn networks over that of the law. */
  variance: { k: number; rate: number; repetition: number; ratio: number; models: number };
  /** A group of trained networks: mean outputs and summed outputs at all two-bit inputs. */
  finite: {
    k: number;
    rate: number;
    width: number;
    repetition: number;
    group: number;
    models: number;
    meanOne: number;
    meanZero: number;
    trainingError: number;
    /** Average output at input t and bit j in entry t k + j. */
    average: number[];
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Both layers learn: the tangent kernel. Only the last does: the kernel of the Gaussian process. */
export const NTK = 1;
export const NNGP = 0;
/** How the two are called in figures and claims. */
export const nameOf = (rate: number) => rate === NTK ? "both layers learn (NTK)" : "last layer learns (NNGP)";

/** Accuracy of trained ensembles as their groups are added up. */
export interface FiniteCurvePoint {
  k: number;
  rate: number;
  repetition: number;
  models: number;
  accuracy: number;
}

/** Accuracy of trained ensembles as their groups are added up, in the order of the groups. */
export function finiteCurves(finite: readonly Row<"finite">[]): FiniteCurvePoint[] {
  const points: FiniteCurvePoint[] = [];
  const sums = new Map<string, { models: number; total: number[] }>();
  for (const row of finite.toSorted((a, b) => a.group - b.group)) {
    const { k, rate, repetition } = row;
    const key = JSON.stringify([k, rate, repetition]);
    const state = sums.get(key) ?? { models: 0, total: row.average.map(() => 0) };
    row.average.forEach((value, e) => state.total[e] += row.models * value);
    state.models += row.models;
    sums.set(key, state);
    points.push({ k, rate, repetition, models: state.models, accuracy: twoBitAccuracy(state.total, k) });
  }
  return points;
}

/** Share of the two-bit inputs (first bit i, second bit j > i, in that order) whose signs are all right. */
function twoBitAccuracy(total: number[], k: number): number {
  let right = 0;
  let t = 0;
  for (let i = 0; i < k; i++) {
    for (let j = i + 1; j < k; j++, t++) {
      let all = true;
      for (let bit = 0; bit < k; bit++) all &&= (total[t * k + bit] > 0) === (bit === i || bit === j);
      if (all) right++;
    }
  }
  return right / t;
}
