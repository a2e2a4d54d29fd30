/**
 * The part of LAPACK that the factorizations use, through its C interface. A row-major m x n matrix is, in
 * memory, the column-major n x m transpose; every caller thinks in that transpose, so that nothing has to be
 * transposed on the way.
 */
import type { RealArray } from "../../arrays/mod.ts";
import { requireRoom, requireRoomForIntegers, span } from "./guard.ts";
import type { OpenLibrary } from "./library.ts";

const COLUMN_MAJOR = 102;

/**
 * LAPACK's routines on column-major arrays. Each returns `info`: 0 is success, a positive number a failure.
 */
export interface Lapack {
  /** Thin SVD; `vectors` false leaves u and vt alone. `a` is destroyed. `s` has the real precision of `a`. */
  gesdd(
    complex: boolean,
    vectors: boolean,
    m: number,
    n: number,
    a: RealArray,
    s: RealArray,
    u: RealArray,
    vt: RealArray,
  ): number;
  /** LQ factorization: L in the lower triangle of `a`, reflectors above. */
  gelqf(complex: boolean, m: number, n: number, a: RealArray, tau: RealArray): number;
  /** The first m rows of Q from {@linkcode gelqf}, of which k reflectors; `a` is m x n. */
  orglq(complex: boolean, m: number, n: number, k: number, a: RealArray, lda: number, tau: RealArray): number;
  /** Symmetric or Hermitian eigenproblem from the upper triangle; `a` becomes the eigenvectors. */
  syevd(complex: boolean, vectors: boolean, n: number, a: RealArray, w: RealArray): number;
  /** General real eigenproblem. Arrays of length 0 leave vectors out. */
  geev(n: number, a: RealArray, wr: RealArray, wi: RealArray, vl: RealArray, vr: RealArray): number;
  /** General complex eigenproblem. Arrays of length 0 leave vectors out. */
  complexGeev(n: number, a: RealArray, w: RealArray, vl: RealArray, vr: RealArray): number;
  /** LU factorization in place, with its row exchanges. */
  getrf(complex: boolean, n: number, a: RealArray, pivots: Int32Array): number;
  /** Solves with the transpose (not conjugated) of what {@linkcode getrf} factored; `b` is n x p. */
  getrs(complex: boolean, n: number, p: number, a: RealArray, pivots: Int32Array, b: RealArray): number;
  /** Cholesky factorization of the upper triangle, in place. */
  potrf(complex: boolean, n: number, a: RealArray): number;
}

const i32 = "i32";
const i8 = "i8";
const buffer = "buffer";
const gesdd = {
  parameters: [i32, i8, i32, i32, buffer, i32, buffer, buffer, i32, buffer, i32],
  result: i32,
} as const;
const gelqf = { parameters: [i32, i32, i32, buffer, i32, buffer], result: i32 } as const;
const orglq = { parameters: [i32, i32, i32, i32, buffer, i32, buffer], result: i32 } as const;
const syevd = { parameters: [i32, i8, i8, i32, buffer, i32, buffer], result: i32 } as const;
const geev = {
  parameters: [i32, i8, i8, i32, buffer, i32, buffer, buffer, buffer, i32, buffer, i32],
  result: i32,
} as const;
const complexGeev = {
  parameters: [i32, i8, i8, i32, buffer, i32, buffer, buffer, i32, buffer, i32],
  result: i32,
} as const;
const getrf = { parameters: [i32, i32, i32, buffer, i32, buffer], result: i32 } as const;
const getrs = { parameters: [i32, i8, i32, i32, buffer, i32, buffer, buffer, i32], result: i32 } as const;
const potrf = { parameters: [i32, i8, i32, buffer, i32], result: i32 } as const;

const symbols = {
  LAPACKE_sgesdd: gesdd,
  LAPACKE_dgesdd: gesdd,
  LAPACKE_cgesdd: gesdd,
  LAPACKE_zgesdd: gesdd,
  LAPACKE_sgelqf: gelqf,
  LAPACKE_dgelqf: gelqf,
  LAPACKE_cgelqf: gelqf,
  LAPACKE_zgelqf: gelqf,
  LAPACKE_sorglq: orglq,
  LAPACKE_dorglq: orglq,
  LAPACKE_cunglq: orglq,
  LAPACKE_zunglq: orglq,
  LAPACKE_ssyevd: syevd,
  LAPACKE_dsyevd: syevd,
  LAPACKE_cheevd: syevd,
  LAPACKE_zheevd: syevd,
  LAPACKE_sgeev: geev,
  LAPACKE_dgeev: geev,
  LAPACKE_cgeev: complexGeev,
  LAPACKE_zgeev: complexGeev,
  LAPACKE_sgetrf: getrf,
  LAPACKE_dgetrf: getrf,
  LAPACKE_cgetrf: getrf,
  LAPACKE_zgetrf: getrf,
  LAPACKE_sgetrs: getrs,
  LAPACKE_dgetrs: getrs,
  LAPACKE_cgetrs: getrs,
  LAPACKE_zgetrs: getrs,
  LAPACKE_spotrf: potrf,
  LAPACKE_dpotrf: potrf,
  LAPACKE_cpotrf: potrf,
  LAPACKE_zpotrf: potrf,
} as const;

const letter = (text: string) => text.charCodeAt(0);
const NONE = letter("N");
const VECTORS = letter("V");
const THIN = letter("S");
const UPPER = letter("U");
const TRANSPOSE = letter("T");

/**
 * LAPACK of an opened library, or undefined if it has no C interface to it (Accelerate, some system builds).
 */
export function openLapack(library: OpenLibrary): Lapack | undefined {
  let f: ReturnType<typeof open>;
  try {
    f = open(library);
  } catch {
    return undefined;
  }
  /** The routine for the precision of `a`. */
  const pick = <Routine>(
    a: RealArray,
    complex: boolean,
    s: Routine,
    d: Routine,
    c: Routine,
    z: Routine,
  ): Routine => a instanceof Float32Array ? (complex ? c : s) : (complex ? z : d);
  const bytes = (x: RealArray | Int32Array) => x as unknown as BufferSource;
  const job = (vectors: RealArray) => vectors.length > 0 ? VECTORS : NONE;
  const isSingle = (x: RealArray) => x instanceof Float32Array;
  const partsOf = (complex: boolean) => complex ? 2 : 1;
  return {
    gesdd(complex, vectors, m, n, a, s, u, vt) {
      const call = pick(a, complex, f.LAPACKE_sgesdd, f.LAPACKE_dgesdd, f.LAPACKE_cgesdd, f.LAPACKE_zgesdd);
      const p = Math.min(m, n);
      const parts = partsOf(complex);
      const single = isSingle(a);
      requireRoom("a", a, single, parts * m * n);
      requireRoom("s", s, single, p);
      requireRoom("u", u, single, vectors ? parts * m * p : 0);
      requireRoom("vt", vt, single, vectors ? parts * p * n : 0);
      return call(
        COLUMN_MAJOR,
        vectors ? THIN : NONE,
        m,
        n,
        bytes(a),
        m,
        bytes(s),
        bytes(u),
        m,
        bytes(vt),
        p,
      );
    },
    gelqf(complex, m, n, a, tau) {
      const call = pick(a, complex, f.LAPACKE_sgelqf, f.LAPACKE_dgelqf, f.LAPACKE_cgelqf, f.LAPACKE_zgelqf);
      const parts = partsOf(complex);
      requireRoom("a", a, isSingle(a), parts * m * n);
      requireRoom("tau", tau, isSingle(a), parts * Math.min(m, n));
      return call(COLUMN_MAJOR, m, n, bytes(a), m, bytes(tau));
    },
    orglq(complex, m, n, k, a, lda, tau) {
      const call = pick(a, complex, f.LAPACKE_sorglq, f.LAPACKE_dorglq, f.LAPACKE_cunglq, f.LAPACKE_zunglq);
      const parts = partsOf(complex);
      requireRoom("a", a, isSingle(a), parts * span(n, m, lda));
      requireRoom("tau", tau, isSingle(a), parts * k);
      return call(COLUMN_MAJOR, m, n, k, bytes(a), lda, bytes(tau));
    },
    syevd(complex, vectors, n, a, w) {
      const call = pick(a, complex, f.LAPACKE_ssyevd, f.LAPACKE_dsyevd, f.LAPACKE_cheevd, f.LAPACKE_zheevd);
      requireRoom("a", a, isSingle(a), partsOf(complex) * n * n);
      requireRoom("w", w, isSingle(a), n);
      return call(COLUMN_MAJOR, vectors ? VECTORS : NONE, UPPER, n, bytes(a), n, bytes(w));
    },
    geev(n, a, wr, wi, vl, vr) {
      const call = a instanceof Float32Array ? f.LAPACKE_sgeev : f.LAPACKE_dgeev;
      requireRoom("a", a, isSingle(a), n * n);
      requireRoom("wr", wr, isSingle(a), n);
      requireRoom("wi", wi, isSingle(a), n);
      requireRoom("vl", vl, isSingle(a), vl.length > 0 ? n * n : 0);
      requireRoom("vr", vr, isSingle(a), vr.length > 0 ? n * n : 0);
      return call(
        COLUMN_MAJOR,
        job(vl),
        job(vr),
        n,
        bytes(a),
        n,
        bytes(wr),
        bytes(wi),
        bytes(vl),
        n,
        bytes(vr),
        n,
      );
    },
    complexGeev(n, a, w, vl, vr) {
      const call = a instanceof Float32Array ? f.LAPACKE_cgeev : f.LAPACKE_zgeev;
      requireRoom("a", a, isSingle(a), 2 * n * n);
      requireRoom("w", w, isSingle(a), 2 * n);
      requireRoom("vl", vl, isSingle(a), vl.length > 0 ? 2 * n * n : 0);
      requireRoom("vr", vr, isSingle(a), vr.length > 0 ? 2 * n * n : 0);
      return call(COLUMN_MAJOR, job(vl), job(vr), n, bytes(a), n, bytes(w), bytes(vl), n, bytes(vr), n);
    },
    getrf(complex, n, a, pivots) {
      const call = pick(a, complex, f.LAPACKE_sgetrf, f.LAPACKE_dgetrf, f.LAPACKE_cgetrf, f.LAPACKE_zgetrf);
      requireRoom("a", a, isSingle(a), partsOf(complex) * n * n);
      requireRoomForIntegers("pivots", pivots, n);
      return call(COLUMN_MAJOR, n, n, bytes(a), n, bytes(pivots));
    },
    getrs(complex, n, p, a, pivots, b) {
      const call = pick(a, complex, f.LAPACKE_sgetrs, f.LAPACKE_dgetrs, f.LAPACKE_cgetrs, f.LAPACKE_zgetrs);
      requireRoom("a", a, isSingle(a), partsOf(complex) * n * n);
      requireRoomForIntegers("pivots", pivots, n);
      requireRoom("b", b, isSingle(a), partsOf(complex) * n * p);
      return call(COLUMN_MAJOR, TRANSPOSE, n, p, bytes(a), n, bytes(pivots), bytes(b), n);
    },
    potrf(complex, n, a) {
      const call = pick(a, complex, f.LAPACKE_spotrf, f.LAPACKE_dpotrf, f.LAPACKE_cpotrf, f.LAPACKE_zpotrf);
      requireRoom("a", a, isSingle(a), partsOf(complex) * n * n);
      return call(COLUMN_MAJOR, UPPER, n, bytes(a), n);
    },
  };
}

function open(library: OpenLibrary): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  return library.open(symbols);
}
