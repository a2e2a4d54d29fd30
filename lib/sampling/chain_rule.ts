/** Points of a determinantal point process one after the other, by rejection. Not public. */
import { compiledOnce, type HeapBase } from "../wasm/compiled.ts";
import { projectionKernels } from "../wasm/projection_wasm.ts";
import { appendAlong, dot } from "./append_orthonormal.ts";

/**
 * Whether a candidate x, with the values `phi` of the basis, becomes the next point: if u, uniform in [0, 1), is less than
 * the share of its square that is left beyond the points so far.
 */
export type Offer = (x: number, phi: Float64Array, u: number) => boolean;

/** With more of a candidate's square left than this share, one pass of Gram and Schmidt is clean to a few roundings. */
const CLEAN = 0.1;

/** The functions of lib/wasm/projection; addresses are bytes. */
interface ProjectionKernels extends HeapBase {
  offer(
    q: number,
    m: number,
    k: number,
    phi: number,
    x: number,
    u: number,
    clean: number,
    sorted: number,
    order: number,
    along: number,
  ): number;
}

const kernelsOf = compiledOnce<ProjectionKernels>(projectionKernels);

/** Whether the memory is in use: the callbacks of a space may draw themselves. */
let isBusy = false;

/** Runs `draw` with an empty set of points of a space of dimension m. */
export function withChainRule<Result>(m: number, draw: (offer: Offer) => Result): Result {
  const kernels = isBusy ? null : kernelsOf();
  // Rows of an even length, so that they begin at multiples of 16 bytes.
  const row = 8 * (m + m % 2);
  const q = kernels?.scratch(row * (m + 4)) ?? 0;
  if (kernels === null || q === 0) return draw(plainOffer(m));
  const { run, float64: memory } = kernels;
  const phiAt = q + row * m;
  const sorted = phiAt + row;
  const along = sorted + row;
  const order = along + row;
  memory[phiAt / 8 + m] = 0;
  let k = 0;
  isBusy = true;
  try {
    return draw((x, phi, u) => {
      memory.set(phi, phiAt / 8);
      if (run.offer(q, m, k, phiAt, x, u, CLEAN, sorted, order, along) === 0) return false;
      k++;
      return true;
    });
  } finally {
    isBusy = false;
  }
}

/** The same in TypeScript. */
function plainOffer(m: number): Offer {
  const q = new Float64Array(m * m);
  // Points in ascending order, and which of them is at each place.
  const sorted = new Float64Array(m);
  const order = new Int32Array(m);
  const along = new Float64Array(m);
  let k = 0;
  return (x, phi, u) => {
    const leverage = dot(phi, 0, phi, m);
    const level = u * leverage;
    let left = leverage;
    // What is left only falls, fastest along the directions of the nearest points: with these first, most candidates are
    // rejected after a few products.
    const place = placeOf(sorted, k, x);
    let above = place;
    let below = place - 1;
    for (let i = 0; i < k && left > level; i++) {
      const isBelow = above === k || below >= 0 && x - sorted[below] < sorted[above] - x;
      const row = order[isBelow ? below-- : above++];
      along[row] = dot(q, row * m, phi, m);
      left -= along[row] * along[row];
    }
    if (!(left > level)) return false;
    appendAlong(q, k, phi, along, left < CLEAN * leverage);
    sorted.copyWithin(place + 1, place, k);
    order.copyWithin(place + 1, place, k);
    sorted[place] = x;
    order[place] = k++;
    return true;
  };
}

/** How many of the first k entries, which ascend, are below x. */
function placeOf(sorted: Float64Array, k: number, x: number): number {
  let low = 0;
  let high = k;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
