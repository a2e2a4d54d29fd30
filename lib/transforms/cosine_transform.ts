/** Cosine transforms of one sequence, by the real Fourier transform of the same length (Makhoul 1980). */
import { copied, type Transformed } from "./check.ts";
import { cosines, placeOf } from "./loops.ts";
import { transformInPlace } from "./plan.ts";
import { inverseRealTransform, realTransform } from "./rfft.ts";
import { writeRoot } from "./roots.ts";
import { bytesForLength, type TableKind, type Workspace, workspaceFor } from "./workspace.ts";

/**
 * For even lengths n = 2h, blocks of two neighbours k <= h / 2: cosines and sines of pi k / h, then those of
 * pi k / 2n with the scale, then those of pi (h - k) / 2n. The key is that of {@linkcode tableKey}.
 */
export const cosineTable: TableKind = {
  bytes: (key) => 96 * (((key >> 2) >> 2) + 1),
  fill(workspace, key, address) {
    const h = key >> 2;
    const n = 2 * h;
    const { first, scale } = scales(n, key & 2 ? 3 : 2, (key & 1) === 1);
    const table = workspace.float64;
    for (let k = 0; k < 2 * ((h >> 2) + 1); k++) {
      const at = address / 8 + (k >> 1) * 12 + (k & 1);
      writeRoot(table, at, 2, k, n);
      writeRoot(table, at + 4, 2, k, 4 * n, k === 0 ? first : scale);
      writeRoot(table, at + 8, 2, h - k, 4 * n, scale);
    }
  },
};

/** The key of a table for length 2h. */
export function tableKey(h: number, type: 2 | 3, orthonormal: boolean): number {
  return 4 * h + (type === 3 ? 2 : 0) + (orthonormal ? 1 : 0);
}

/** Factors of entry 0 and of the others: half of the definition's for type 2, one over n times it for type 3. */
function scales(n: number, type: 2 | 3, orthonormal: boolean): { first: number; scale: number } {
  if (type === 2) {
    return orthonormal
      ? { first: Math.sqrt(1 / n) / 2, scale: Math.sqrt(2 / n) / 2 }
      : { first: 1, scale: 1 };
  }
  return orthonormal ? { first: Math.sqrt(1 / n), scale: Math.sqrt(1 / (2 * n)) } : { first: 1, scale: 1 };
}

/** Type 2 or 3 of x, unchecked. */
export function cosineTransform(
  x: Float64Array,
  type: 2 | 3,
  orthonormal: boolean,
  workspace?: Workspace,
): Transformed {
  if (x.length % 2 === 1) {
    return { values: (type === 2 ? odd2 : odd3)(x, orthonormal, workspace), seenFinite: false };
  }
  const h = x.length / 2;
  const place = workspace ?? workspaceFor(bytesForLength(h));
  const table = place.table(cosineTable, tableKey(h, type, orthonormal));
  if (type === 2) return even2(place, x, h, table);
  return { values: even3(place, x, h, table), seenFinite: false };
}

function even2(place: Workspace, x: Float64Array, h: number, table: number): Transformed {
  const { f, other } = transformInPlace(place, h, (memory, at) => order(x, h, memory, at));
  const memory = place.float64;
  const n = 2 * h;
  const out = other / 8;
  let seenFinite = false;
  if (h % 4 === 0) seenFinite = place.run.cosines(f, other, h, table) !== 0;
  else cosines(memory, f / 8, out, h, table / 8);
  if (h % 2 === 0) {
    // Its own partner: V is the conjugate of F.
    const k = h / 2;
    const at = f / 8 + placeOf(k);
    const t = table / 8 + (k >> 1) * 12 + (k & 1);
    const re = memory[at] + memory[at];
    const im = -(memory[at + 2] + memory[at + 2]);
    memory[out + k] = memory[t + 4] * re + memory[t + 6] * im;
    memory[out + n - k] = memory[t + 6] * re - memory[t + 4] * im;
    seenFinite &&= Number.isFinite(memory[out + k] + memory[out + n - k]);
  }
  return { values: copied(memory.subarray(out, out + n)), seenFinite };
}

/** Makhoul's order: the even entries, then the odd ones backwards. */
function order(x: Float64Array, h: number, memory: Float64Array, at: number): void {
  let back = at + 2 * h - 1;
  for (let j = 0; j < h; j++, back--) {
    memory[at + j] = x[2 * j];
    memory[back] = x[2 * j + 1];
  }
}

/** {@linkcode even2} undone: V from the cosine coefficients, F from V, and the conjugate of F transformed. */
function even3(place: Workspace, x: Float64Array, h: number, table: number): Float64Array {
  const n = 2 * h;
  const { f } = transformInPlace(place, h, (memory, at) => pack(x, h, place.float64, table / 8, memory, at));
  const memory = place.float64;
  const from = f / 8;
  const out = new Float64Array(n);
  for (let j = 0; 2 * j + 1 < h; j++) {
    const front = from + placeOf(j);
    const back = from + placeOf(h - 1 - j);
    out[4 * j] = memory[front];
    out[4 * j + 1] = -memory[back + 2];
    out[4 * j + 2] = -memory[front + 2];
    out[4 * j + 3] = memory[back];
  }
  if (h % 2 === 1) {
    const middle = from + placeOf((h - 1) / 2);
    out[n - 2] = memory[middle];
    out[n - 1] = -memory[middle + 2];
  }
  return out;
}

function pack(
  x: Float64Array,
  h: number,
  tables: Float64Array,
  table: number,
  memory: Float64Array,
  at: number,
): void {
  const n = 2 * h;
  const start = tables[table + 4] * x[0];
  const middle = tables[table + 8] * x[h] + tables[table + 10] * x[h];
  memory[at] = start + middle;
  memory[at + 1] = middle - start;
  for (let k = 1; 2 * k < h; k++) {
    const t = table + (k >> 1) * 12 + (k & 1);
    const front = at + 2 * k;
    const back = at + 2 * (h - k);
    const vr = tables[t + 4] * x[k] + tables[t + 6] * x[n - k];
    const vi = tables[t + 6] * x[k] - tables[t + 4] * x[n - k];
    const wr = tables[t + 8] * x[h - k] + tables[t + 10] * x[h + k];
    const wi = tables[t + 10] * x[h - k] - tables[t + 8] * x[h + k];
    const re = vr - wr;
    const im = vi + wi;
    const or = tables[t] * re - tables[t + 2] * im;
    const oi = tables[t] * im + tables[t + 2] * re;
    memory[front] = vr + wr - oi;
    memory[front + 1] = -(vi - wi + or);
    memory[back] = vr + wr + oi;
    memory[back + 1] = vi - wi - or;
  }
  if (h % 2 === 0) {
    const k = h / 2;
    const t = table + (k >> 1) * 12 + (k & 1);
    const vr = tables[t + 4] * x[k] + tables[t + 6] * x[n - k];
    const vi = tables[t + 6] * x[k] - tables[t + 4] * x[n - k];
    memory[at + h] = vr + vr;
    memory[at + h + 1] = vi + vi;
  }
}

/** X[k] = 2 Re(exp(-pi i k / 2n) V[k]), V the transform of x in Makhoul's order. */
function odd2(x: Float64Array, orthonormal: boolean, workspace?: Workspace): Float64Array {
  const n = x.length;
  const v = new Float64Array(n);
  const out = new Float64Array(n);
  for (let j = 0; 2 * j < n; j++) v[j] = x[2 * j];
  for (let j = 0; 2 * j + 1 < n; j++) v[n - 1 - j] = x[2 * j + 1];
  const z = realTransform(v, workspace);
  const { first, scale } = scales(n, 2, orthonormal);
  const root = new Float64Array(2);
  out[0] = 2 * first * z[0];
  for (let k = 1; 2 * k < n; k++) {
    writeRoot(root, 0, 1, k, 4 * n, 2 * scale);
    out[k] = root[0] * z[2 * k] + root[1] * z[2 * k + 1];
    // V[n - k] is the conjugate of V[k], which makes the other half the imaginary part.
    out[n - k] = root[1] * z[2 * k] - root[0] * z[2 * k + 1];
  }
  return out;
}

/** {@linkcode odd2} undone: V[k] = exp(pi i k / 2n) (X[k] - i X[n - k]) / 2. */
function odd3(x: Float64Array, orthonormal: boolean, workspace?: Workspace): Float64Array {
  const n = x.length;
  const z = new Float64Array(n + 1);
  const out = new Float64Array(n);
  const { first, scale } = scales(n, 3, orthonormal);
  const root = new Float64Array(2);
  z[0] = n * first * x[0];
  for (let k = 1; 2 * k < n; k++) {
    writeRoot(root, 0, 1, k, 4 * n, n * scale);
    z[2 * k] = root[0] * x[k] + root[1] * x[n - k];
    z[2 * k + 1] = root[1] * x[k] - root[0] * x[n - k];
  }
  const v = inverseRealTransform(z, n, workspace);
  for (let j = 0; 2 * j < n; j++) out[2 * j] = v[j];
  for (let j = 0; 2 * j + 1 < n; j++) out[2 * j + 1] = v[n - 1 - j];
  return out;
}
