import {
  Matrix,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { addRow, rowDot } from "./stream_row.ts";

/** Options of {@linkcode spikedStream}. */
export interface SpikedStreamOptions {
  /** How many rows. */
  n: number;
  /** Length of a row. */
  d: number;
  /** Variance along the spike over the variance across it. */
  gap: number;
  /** How many rows are heavy. Default 0. */
  heavy?: number;
  /** Share of the spike that the heavy rows carry, 0 to 1. Default 0. */
  heavyShare?: number;
  /** Rows per chunk. Default 1000. */
  chunk?: number;
  /** Where the rows come from. */
  rng: Rng;
}

/** A random stream with one strong direction. */
export interface SpikedStream {
  /** The rows in random order, some at a time; every iteration gives the same ones. */
  chunks: Iterable<Matrix>;
  /** The direction of the spike; the top eigenvector only on average. */
  direction: Float64Array;
  /** How many rows. */
  n: number;
}

/**
 * Gaussian rows with a spike, `a = (g_perp + sqrt(gap (1 - heavyShare)) g v) / sqrt(n)`, and among them, at
 * random places, `heavy` rows `sqrt(gap heavyShare / heavy) v + f / sqrt(2)` with random unit vectors f
 * across v. The rows are made when they are asked for: memory for one chunk.
 *
 * @throws {RangeError} for sizes out of range, or a heavy share without heavy rows.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { RandomOrderTopEigenvector, spikedStream, squaredSine } from "refigure/streaming";
 * import { assertLess } from "@std/assert";
 *
 * const { chunks, direction, n } = spikedStream({ n: 4000, d: 20, gap: 16, rng: new Rng(0) });
 * const stream = new RandomOrderTopEigenvector({ d: 20, n, blocks: 8, heavyBudget: 0, rng: new Rng(1) });
 * for (const rows of chunks) stream.pushRows(rows);
 * assertLess(squaredSine(stream.result().vector, direction), 0.01);
 * ```
 */
export function spikedStream(options: SpikedStreamOptions): SpikedStream {
  requireOptions("options", options, ["n", "d", "gap", "heavy", "heavyShare", "chunk", "rng"]);
  const { n, d, gap, heavy = 0, heavyShare = 0, chunk = 1000, rng } = options;
  requireInteger("n", n, { min: 1 });
  requireInteger("d", d, { min: 2 });
  requireInteger("heavy", heavy, { max: n });
  requireInteger("chunk", chunk, { min: 1 });
  requireNumber("gap", gap, { above: 0 });
  requireNumber("heavyShare", heavyShare, { min: 0, max: 1 });
  requireRng("rng", rng);
  if (heavy === 0 && heavyShare > 0) {
    throw new RangeError(`\`heavy\` must be at least 1 for a \`heavyShare\` of ${heavyShare}, got 0`);
  }
  const v = rng.split("direction").sphere(d);
  const places = heavyPlaces(n, heavy, rng.split("places"));
  const lightScale = Math.sqrt(gap * (1 - heavyShare));
  const heavyScale = heavy === 0 ? 0 : Math.sqrt(gap * heavyShare / heavy);
  const fill = (row: Float64Array, rng: Rng, isHeavy: boolean) => {
    for (let j = 0; j < d; j++) row[j] = rng.normal();
    const along = rowDot(row, v);
    if (isHeavy) {
      addRow(row, v, -along);
      const scale = Math.SQRT1_2 / Math.sqrt(rowDot(row, row));
      for (let j = 0; j < d; j++) row[j] = scale * row[j] + heavyScale * v[j];
    } else {
      // The part along v is a standard normal number already: it only grows.
      addRow(row, v, (lightScale - 1) * along);
      for (let j = 0; j < d; j++) row[j] /= Math.sqrt(n);
    }
  };
  const chunks = {
    *[Symbol.iterator]() {
      const normals = rng.split("rows");
      for (let from = 0; from < n; from += chunk) {
        const rows = Matrix.zeros(Math.min(chunk, n - from), d);
        for (let i = 0; i < rows.rows; i++) fill(rows.row(i), normals, places.has(from + i));
        yield rows;
      }
    },
  };
  return { chunks, direction: v, n };
}

function heavyPlaces(n: number, heavy: number, rng: Rng): Set<number> {
  const places = new Set<number>();
  while (places.size < heavy) places.add(rng.integer(n));
  return places;
}
