import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireOneOf,
  requireOptions,
  Rng,
} from "../../arrays/mod.ts";
import { blasInfo, matmul } from "../../blas/mod.ts";
import { dctRows } from "../../transforms/mod.ts";
import { requireNorm } from "../checks.ts";
import { type BasisName, orthonormalBasis } from "./basis.ts";
import { RANKED_BASIS } from "./names.ts";
import { selectColumns } from "./select_columns.ts";
import { coordinatesIn, type Side, type SubspaceRule } from "./subspace.ts";

/** Options of {@linkcode rankedBasis}. */
export interface RankedBasisOptions {
  /** The fixed basis of which r vectors are taken. Default `"dct2"`. */
  basis?: BasisName;
  /**
   * Score of a vector: sum of the absolute values (1) or squares (2) of the matrix's coordinates along it.
   * Default 2.
   */
  norm?: 1 | 2;
  /**
   * How all n coordinates are computed: one product with the basis, or for cosines a fast transform of each
   * row. Default `"auto"`: the one that was measured to be faster at this size and on this engine.
   */
  method?: "auto" | "matmul" | "fft";
  /**
   * `"largest"` (the default) takes the vectors with the highest scores. Controls that look at no gradient:
   * `"random"` draws r of them each time, `"roundRobin"` takes the next r in a circle.
   */
  selection?: "largest" | "random" | "roundRobin";
  /** Of the random basis and the random selection. Default 0. */
  seed?: number;
}

/** State of {@linkcode rankedBasis}. */
export type RankedBasisState = {
  /** Indices of the chosen vectors, ascending. */
  indices: Int32Array;
  /** Those chosen before. */
  previous: Int32Array;
  /** How often was chosen. */
  choices: number;
  /**
   * Label of the first choice, from which random choices are drawn, as UTF-16; empty for other selections.
   */
  label: Int32Array;
};

/** Longest label that is told from another one. */
const LABEL = 256;

/**
 * r vectors of a fixed orthonormal basis, those along which the matrix is largest (Modoranu et al., arXiv
 * 2505.17967). Only their indices are remembered, and between two choices coordinates are carried over by
 * matching indices: the product of two such bases is a matrix of zeros and ones.
 *
 * @throws {TypeError} if an option or a name is unknown, or the fast transform is asked for with a basis that
 * has none.
 * @throws {RangeError} if `norm` is neither 1 nor 2, or `seed` is not an integer.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rankedBasis } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const rule = rankedBasis({ basis: "dct2" });
 * const constantRows = Matrix.fromRows([[1, 1, 1, 1], [2, 2, 2, 2]]);
 * const state = rule.init(4, 1, constantRows.data);
 * rule.choose(constantRows, "right", state, "w");
 * assertEquals(state.indices, Int32Array.of(0)); // the constant cosine is all it takes
 * ```
 */
export function rankedBasis(options: RankedBasisOptions = {}): SubspaceRule<RankedBasisState> {
  requireOptions("options", options, RANKED_BASIS);
  const norm = requireNorm(options.norm);
  const { basis = "dct2", method = "auto", selection = "largest", seed = 0 } = options;
  const all = (n: number, like: RealArray) =>
    orthonormalBasis(basis, n, { dtype: like instanceof Float32Array ? "float32" : "float64", seed });
  const vectors = ({ indices }: RankedBasisState, n: number, like: RealArray) => {
    const out = new Matrix(indices.length, n, allocateLike(like, indices.length * n));
    const from = all(n, like);
    indices.forEach((index, i) => out.row(i).set(from.row(index)));
    return out;
  };
  // All coordinates are needed only until r columns of them are chosen: layers of one shape share the memory.
  let scratch: Matrix<RealArray> | undefined;
  const scratchFor = (rows: number, n: number, like: RealArray) => {
    const fits = scratch?.rows === rows && scratch.columns === n &&
      scratch.data.constructor === like.constructor;
    return fits ? scratch! : scratch = new Matrix(rows, n, allocateLike(like, rows * n));
  };
  requireOneOf("basis", basis, ["dct2", "dct3", "random", "axes"]);
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  if (method === "fft" && !(basis in TRANSFORM)) {
    throw new TypeError(
      `\`method\` can be "fft" for "dct2" and "dct3" only, got basis ${JSON.stringify(basis)}`,
    );
  }
  requireOneOf("method", method, ["auto", "matmul", "fft"]);
  requireOneOf("selection", selection, ["largest", "random", "roundRobin"]);
  return {
    init: (_n, r) => ({
      indices: new Int32Array(r),
      previous: new Int32Array(r),
      choices: 0,
      label: new Int32Array(selection === "random" ? LABEL : 0),
    }),
    choose(a, side, state, label) {
      const n = side === "right" ? a.columns : a.rows;
      const r = state.indices.length;
      state.previous.set(state.indices);
      const choice = state.choices++;
      // Kept in the state: a variable that is loaded has another name, and the same draws.
      if (choice === 0 && selection === "random") state.label.set(codesOf(label));
      if (selection !== "largest") {
        const next = selection === "random"
          ? new Rng(seed).split(textOf(state.label)).split(choice).permutation(n).slice(0, r)
          : Int32Array.from({ length: r }, (_, i) => (choice * r + i) % n);
        state.indices.set(next.sort());
        return coordinatesIn(a, side, vectors(state, n, a.data));
      }
      const rows = side === "right" ? a.rows : a.columns;
      const s = allCoordinates(a, side, basis, method, all, scratchFor(rows, n, a.data));
      state.indices.set(selectColumns(s, r, { norm }));
      return gatherColumns(s, state.indices);
    },
    vectors,
    origins,
    carry: (coordinates, state, fill = 0) => gatherColumns(coordinates, origins(state), fill),
  };
}

/** The last characters of a text, filled up with zeros, as UTF-16. */
function codesOf(text: string): Int32Array {
  const codes = new Int32Array(LABEL);
  const end = text.slice(-LABEL);
  for (let i = 0; i < end.length; i++) codes[i] = end.charCodeAt(i);
  return codes;
}

function textOf(codes: Int32Array): string {
  const end = codes.indexOf(0);
  return String.fromCharCode(...codes.subarray(0, end < 0 ? codes.length : end));
}

const TRANSFORM: Partial<Record<BasisName, 2 | 3>> = { dct2: 2, dct3: 3 };

/**
 * All n coordinates of the rows (right) or the columns (left) of `a`, one row each, in `out` or as they are.
 */
function allCoordinates(
  a: Matrix<RealArray>,
  side: Side,
  basis: BasisName,
  method: "auto" | "matmul" | "fft",
  all: (n: number, like: RealArray) => Matrix<RealArray>,
  out: Matrix<RealArray>,
): Matrix<RealArray> {
  const type = TRANSFORM[basis];
  if (basis === "axes") return side === "right" ? a : a.transpose();
  return type !== undefined && (method === "fft" || method === "auto" && transformPays(out.columns, a.data))
    ? dctRows(side === "right" ? a : a.transpose(), { type, out })
    : matmul(a, all(out.columns, a.data), { transposeA: side === "left", transposeB: true, out });
}

/**
 * Where the fast transform was measured to be faster (`bench/cases/dct.ts`): beside OpenBLAS from 128 on in
 * double and from 256 on in single precision, beside the portable product from 16 on. Lengths that are no
 * power of two take two longer transforms each. A rule and no stopwatch, because the two ways round
 * differently: a run must be the same each time.
 */
function transformPays(n: number, like: RealArray): boolean {
  const native = blasInfo().engine === "native";
  const isPower = (n & (n - 1)) === 0;
  const from = native ? (like instanceof Float32Array ? 256 : 128) : 16;
  return n >= (isPower ? from : native ? 8 * from : 4 * from);
}

/** The columns at these places, in this order; a place of -1 gives a column of `fill`. */
function gatherColumns(a: Matrix<RealArray>, places: Int32Array, fill = 0): Matrix<RealArray> {
  const r = places.length;
  const out = new Matrix(a.rows, r, allocateLike(a.data, a.rows * r));
  let k = 0;
  for (let i = 0; i < a.rows; i++) {
    const at = i * a.columns;
    for (let j = 0; j < r; j++, k++) out.data[k] = places[j] < 0 ? fill : a.data[at + places[j]];
  }
  return out;
}

/** For each chosen index its place among the previous ones, or -1; both are ascending. */
function origins({ indices, previous, choices }: RankedBasisState): Int32Array {
  const out = new Int32Array(indices.length).fill(-1);
  if (choices < 2) return out;
  let j = 0;
  for (let i = 0; i < indices.length; i++) {
    while (j < previous.length && previous[j] < indices[i]) j++;
    if (j < previous.length && previous[j] === indices[i]) out[i] = j;
  }
  return out;
}
