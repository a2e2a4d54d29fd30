/** The learned V-cycle as a layer. Not public. */
import type { RealArray } from "../arrays/mod.ts";
import { type GridPadding, levelSizes } from "./grid.ts";
import {
  BoundConvolution,
  type BoundLayer,
  BoundTransposedConvolution,
  type GridLayer,
  type Room,
  type TensorInfo,
  uniformTensor,
} from "./layer.ts";
import { Patches } from "./patches.ts";

/** What a V-cycle is made of; all is checked. */
export interface VCycleSpec {
  dimension: 1 | 2;
  n: number;
  levels: number;
  channelsIn: number;
  channelsOut: number;
  /** Smoothing steps of each level on the way down. */
  smoothings: readonly number[];
  /** The same on the way up; the coarsest level has none. */
  postSmoothings: readonly number[];
  residual: boolean;
  padding: GridPadding;
}

/** Places of the tensors of one level in the list of all. */
interface LevelTensors {
  /** The first smoothing of the finest level starts from zero and has no `A`. */
  smoothers: { A: number | undefined; S: number }[];
  post: { A: number; S: number }[];
  residual?: number;
  restriction?: number;
  projection?: number;
  prolongation?: number;
}

/**
 * A layer for a V-cycle of convolutions (He, Liu & Xu 2024).
 *
 * @param prefix Put before the names of the tensors, for a network with several layers.
 */
export function vCycleLayer(spec: VCycleSpec, prefix?: string): GridLayer {
  const { dimension, n, levels, channelsIn: cf, channelsOut: cu, residual, padding } = spec;
  const sizes = levelSizes(n, levels, padding);
  const taps = 3 ** dimension;
  const tensors: TensorInfo[] = [];
  const named = (name: string) => prefix === undefined ? name : `${prefix} ${name}`;
  const add = (name: string, inputs: number, outputs: number) =>
    tensors.push(uniformTensor(named(name), [taps, inputs, outputs], taps * inputs)) - 1;
  const places = sizes.map((_, l): LevelTensors => {
    const level = l + 1;
    const smoother = (name: string) => ({ A: add(`A${name}`, cu, cf), S: add(`S${name}`, cf, cu) });
    const smoothers = Array.from(
      { length: spec.smoothings[l] },
      (_, i) => l === 0 && i === 0 ? { A: undefined, S: add("S1.1", cf, cu) } : smoother(`${level}.${i + 1}`),
    );
    if (level === levels) return { smoothers, post: [] };
    return {
      smoothers,
      residual: residual ? add(`Ar${level}`, cu, cf) : undefined,
      restriction: add(`R${level}`, cf, cf),
      projection: add(`Pi${level}`, cu, cu),
      // The kernel of the transpose: channels of the fine grid before those of the coarse one.
      prolongation: tensors.push(uniformTensor(named(`P${level}`), [taps, cu, cu], taps * cu)) - 1,
      post: Array.from({ length: spec.postSmoothings[l] }, (_, i) => smoother(`${level}.post${i + 1}`)),
    };
  });
  const same = sizes.map((size) => new Patches(dimension, size, 3, 1, padding));
  const down = sizes.slice(0, -1).map((size) => new Patches(dimension, size, 3, 2, padding));
  const points = n ** dimension;
  return {
    input: { channels: cf, points },
    output: { channels: cu, points },
    tensors,
    bind<Data extends RealArray>(room: Room<Data>): BoundLayer<Data> {
      const convolution = (patches: Patches, inputs: number, outputs: number, k: number) =>
        new BoundConvolution(patches, [inputs, outputs], room.values[k], room.gradients[k], room);
      return new BoundVCycle(places.map((place, l) => {
        const smoother = ({ A, S }: { A: number | undefined; S: number }): Smoother<Data> => ({
          A: A === undefined ? undefined : convolution(same[l], cu, cf, A),
          S: convolution(same[l], cf, cu, S),
          r: room.allocate(cf * same[l].pointsIn * room.batch),
          u: room.allocate(cu * same[l].pointsIn * room.batch),
        });
        const f = () => room.allocate(cf * same[l].pointsIn * room.batch);
        const u = () => room.allocate(cu * same[l].pointsIn * room.batch);
        return {
          smoothers: place.smoothers.map(smoother),
          post: place.post.map(smoother),
          Ar: place.residual === undefined ? undefined : convolution(same[l], cu, cf, place.residual),
          R: place.restriction === undefined ? undefined : convolution(down[l], cf, cf, place.restriction),
          Pi: place.projection === undefined ? undefined : convolution(down[l], cu, cu, place.projection),
          P: place.prolongation === undefined ? undefined : new BoundTransposedConvolution(
            down[l],
            [cu, cu],
            room.values[place.prolongation],
            room.gradients[place.prolongation],
            room,
          ),
          f: f(),
          start: u(),
          residual: f(),
          corrected: u(),
          df: f(),
          du: u(),
          dr: f(),
        };
      }));
    },
  };
}

/** One smoothing step, u + S (f - A u), with what it computed. */
interface Smoother<Data extends RealArray> {
  A: BoundConvolution<Data> | undefined;
  S: BoundConvolution<Data>;
  r: Data;
  u: Data;
}

interface Level<Data extends RealArray> {
  smoothers: Smoother<Data>[];
  post: Smoother<Data>[];
  Ar: BoundConvolution<Data> | undefined;
  R: BoundConvolution<Data> | undefined;
  Pi: BoundConvolution<Data> | undefined;
  P: BoundTransposedConvolution<Data> | undefined;
  /** Right-hand side and start, of the coarser levels. */
  f: Data;
  start: Data;
  /** f - Ar u. */
  residual: Data;
  /** u with the correction of the coarser level. */
  corrected: Data;
  df: Data;
  du: Data;
  dr: Data;
}

class BoundVCycle<Data extends RealArray> implements BoundLayer<Data> {
  readonly #levels: Level<Data>[];

  constructor(levels: Level<Data>[]) {
    this.#levels = levels;
  }

  forward(x: Data): Data {
    const levels = this.#levels;
    const coarsest = levels.length - 1;
    const smoothed: Data[] = [];
    levels.forEach((level, l) => {
      const f = l === 0 ? x : level.f;
      let u = l === 0 ? undefined : level.start;
      for (const step of level.smoothers) u = smooth(step, f, u);
      smoothed.push(u!);
      if (l === coarsest) return;
      const { Ar, R, Pi, residual } = level;
      const next = levels[l + 1];
      if (Ar !== undefined) {
        residual.set(f);
        Ar.forward(u!, residual, -1, 1);
      }
      R!.forward(Ar === undefined ? f : residual, next.f, 1, 0);
      Pi!.forward(u!, next.start, 1, 0);
    });
    let u = smoothed[coarsest];
    for (let l = coarsest - 1; l >= 0; l--) {
      const { P, post, corrected, f } = levels[l];
      corrected.set(smoothed[l]);
      P!.forward(u, corrected);
      u = corrected;
      for (const step of post) u = smooth(step, l === 0 ? x : f, u);
    }
    return u;
  }

  backward(dy: Data): Data {
    const levels = this.#levels;
    const coarsest = levels.length - 1;
    levels[0].du.set(dy);
    levels.forEach((level, l) => {
      const { P, post, df, du, dr } = level;
      df.fill(0);
      for (const step of post.toReversed()) unsmooth(step, df, du, dr);
      if (l === coarsest) return;
      levels[l + 1].du.fill(0);
      P!.backward(du, levels[l + 1].du);
    });
    for (let l = coarsest; l >= 0; l--) {
      const { smoothers, Ar, R, Pi, df, du, dr } = levels[l];
      if (l < coarsest) {
        const next = levels[l + 1];
        dr.fill(0);
        R!.backward(next.df, dr, 1);
        addTo(df, dr);
        Ar?.backward(dr, du, -1);
        Pi!.backward(next.du, du, 1);
      }
      for (const step of smoothers.toReversed()) unsmooth(step, df, du, dr);
    }
    return levels[0].df;
  }
}

/** u + S (f - A u), or S f from zero. */
function smooth<Data extends RealArray>(step: Smoother<Data>, f: Data, u: Data | undefined): Data {
  if (u === undefined) {
    step.S.forward(f, step.u, 1, 0);
    return step.u;
  }
  step.r.set(f);
  step.A!.forward(u, step.r, -1, 1);
  step.u.set(u);
  step.S.forward(step.r, step.u, 1, 1);
  return step.u;
}

/** The adjoint: from the cotangents of the new u to those of the old one, in place; adds to those of f. */
function unsmooth<Data extends RealArray>(step: Smoother<Data>, df: Data, du: Data, dr: Data): void {
  if (step.A === undefined) {
    step.S.backward(du, df, 1);
    return;
  }
  dr.fill(0);
  step.S.backward(du, dr, 1);
  addTo(df, dr);
  step.A.backward(dr, du, -1);
}

function addTo(a: RealArray, b: RealArray): void {
  for (let k = 0; k < a.length; k++) a[k] += b[k];
}
