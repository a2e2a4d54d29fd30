import { requireBoolean, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { addRow, rowDot, type StreamRow } from "./stream_row.ts";

/** A stream whose spectrum is known. */
export interface HardInstance {
  /** The rows in random order; every iteration gives the same ones. */
  rows: Iterable<StreamRow>;
  /** The top eigenvector of `A^T A`. */
  v1: Float64Array;
  /** The ratio of the two largest eigenvalues. */
  gap: number;
  /** How many rows. */
  n: number;
}

/** A random rotation is a product of this many reflections: enough that no coordinate stays sparse. */
const REFLECTIONS = 3;

/**
 * A stream on which Oja's rule fails at every learning rate while a few stored rows settle everything:
 * `heavy` rows `e_0 + e_j`, and for every other coordinate `copies` rows `e_l / sqrt(copies)`, shuffled. `A^T
 * A` has the eigenvalues heavy + 1 once, 1 (d - 2 times) and 0. (Same scaling as the lower bound of Kacham &
 * Woodruff 2024, arXiv 2412.11963; the instance is our own.)
 *
 * @param options `d` coordinates, of which `d - heavy - 1` are light; `rotate` (default false) turns all rows
 * by a random rotation, which makes them dense.
 * @throws {RangeError} if a size is not positive or `d` has no room for the heavy rows.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { ojaHardInstance, RandomOrderTopEigenvector, squaredSine } from "refigure/streaming";
 * import { assertEquals, assertLess } from "@std/assert";
 *
 * const { rows, v1, gap, n } = ojaHardInstance({ d: 64, heavy: 3, copies: 16, rng: new Rng(0) });
 * assertEquals([gap, n], [4, 963]);
 * const stream = new RandomOrderTopEigenvector({ d: 64, n, heavyBudget: 3, rng: new Rng(1) });
 * for (const row of rows) stream.push(row);
 * assertLess(squaredSine(stream.result().vector, v1), 1e-12);
 * ```
 */
export function ojaHardInstance(
  options: { d: number; heavy: number; copies: number; rng: Rng; rotate?: boolean },
): HardInstance {
  requireOptions("options", options, ["d", "heavy", "copies", "rng", "rotate"]);
  const { d, heavy, copies, rng, rotate = false } = options;
  requireInteger("heavy", heavy, { min: 1 });
  requireInteger("d", d, { min: heavy + 1 });
  requireInteger("copies", copies, { min: 1 });
  requireRng("rng", rng);
  requireBoolean("rotate", rotate);
  const light = d - heavy - 1;
  const n = heavy + light * copies;
  const order = rng.split("order").permutation(n);
  const size = 1 / Math.sqrt(copies);
  const distinct: StreamRow[] = Array.from(
    { length: heavy + light },
    (_, i) =>
      i < heavy
        ? { indices: Int32Array.of(0, i + 1), values: Float64Array.of(1, 1) }
        : { indices: Int32Array.of(i + 1), values: Float64Array.of(size) },
  );
  const reflections = rotate
    ? Array.from({ length: REFLECTIONS }, (_, i) => rng.split(`reflection ${i}`).sphere(d))
    : [];
  const turned = (row: StreamRow): Float64Array => {
    const out = new Float64Array(d);
    addRow(out, row, 1);
    for (const u of reflections) addRow(out, u, -2 * rowDot(u, out));
    return out;
  };
  const v1 = new Float64Array(d);
  const norm = Math.sqrt(heavy + 1);
  for (let j = 0; j <= heavy; j++) v1[j] = (j === 0 ? Math.sqrt(heavy) : 1 / Math.sqrt(heavy)) / norm;
  const rows = {
    *[Symbol.iterator]() {
      for (const i of order) {
        const row = distinct[i < heavy ? i : heavy + Math.floor((i - heavy) / copies)];
        yield rotate ? turned(row) : row;
      }
    },
  };
  return { rows, v1: turned(v1), gap: heavy + 1, n };
}
