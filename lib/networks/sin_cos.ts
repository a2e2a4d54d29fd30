import type { RealArray } from "../arrays/mod.ts";
import { compiledThenLoop, kernelsOf, tables } from "./compiled.ts";
import { ANGLES, SINES } from "./sine_table.ts";

/** Adding and subtracting it rounds a number of moderate size to an integer. */
const ROUNDING = 6755399441055744;
/** The first 33 bits of the step between two angles of the table, so that `n * STEP` is exact below 2^20. */
const STEP = 1.57079632673412561417 / (ANGLES / 4);
/** What is missing to 2 pi / ANGLES. */
const STEP_REST = 6.07710050650619224932e-11 / (ANGLES / 4);
/** Steps beyond which the reduction would lose digits. */
const LARGEST = 2 ** 20;

/**
 * Sines and cosines of the first `count` entries of `x`, together: the nearest angle of a table, and short series
 * for what is left, at most pi / 1024. Within 3e-16 (of a Float32Array: the nearest single or its neighbour), and ten
 * times as fast as `Math.sin` and `Math.cos`. `sin` may be `x`. NaN and infinity give NaN. Arrays of a pass are worked
 * on by compiled loops, which give the same bits.
 */
export function sinCos(x: RealArray, count: number, sin: RealArray, cos: RealArray): void {
  const run = kernelsOf(x);
  // Two loops, since a loop that meets both classes of arrays runs at half the speed.
  const loop = x instanceof Float32Array
    ? (from: number, to: number) => singles(x, from, to, sin as Float32Array, cos as Float32Array)
    : (from: number, to: number) => doubles(x, from, to, sin as Float64Array, cos as Float64Array);
  if (run === null) return loop(0, count);
  const [sines, size] = x instanceof Float32Array ? [run.sines32, 4] : [run.sines64, 8];
  const [atX, atSin, atCos] = [x.byteOffset, sin.byteOffset, cos.byteOffset];
  compiledThenLoop(count, (from) => {
    const bytes = size * from;
    return sines(atX + bytes, atSin + bytes, atCos + bytes, count - from, tables.sines);
  }, loop);
}

function doubles(x: Float64Array, from: number, to: number, sin: Float64Array, cos: Float64Array): void {
  for (let i = from; i < to; i++) {
    const angle = x[i];
    const n = angle * (ANGLES / 2 / Math.PI) + ROUNDING - ROUNDING;
    if (!(n < LARGEST && n > -LARGEST)) {
      sin[i] = Math.sin(angle);
      cos[i] = Math.cos(angle);
      continue;
    }
    const r = angle - n * STEP - n * STEP_REST;
    const t = r * r;
    const s = r + r * t * (-1 / 6 + t * (1 / 120));
    const c = t * (-1 / 2 + t * (1 / 24)); // cos r - 1
    const j = (n & (ANGLES - 1)) << 1;
    const s0 = SINES[j];
    const c0 = SINES[j + 1];
    sin[i] = s0 + (s0 * c + c0 * s);
    cos[i] = c0 + (c0 * c - s0 * s);
  }
}

/** With the terms of the series that singles can show. */
function singles(x: Float32Array, from: number, to: number, sin: Float32Array, cos: Float32Array): void {
  for (let i = from; i < to; i++) {
    const angle = x[i];
    const n = angle * (ANGLES / 2 / Math.PI) + ROUNDING - ROUNDING;
    if (!(n < LARGEST && n > -LARGEST)) {
      sin[i] = Math.sin(angle);
      cos[i] = Math.cos(angle);
      continue;
    }
    const r = angle - n * STEP - n * STEP_REST;
    const t = r * r;
    const s = r - r * t * (1 / 6);
    const c = 1 - t * (1 / 2);
    const j = (n & (ANGLES - 1)) << 1;
    const s0 = SINES[j];
    const c0 = SINES[j + 1];
    sin[i] = s0 * c + c0 * s;
    cos[i] = c0 * c - s0 * s;
  }
}
