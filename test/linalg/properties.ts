/** What must hold of every factorization, as residuals in units of rounding errors. */
import { ComplexMatrix, Matrix, type RealArray } from "refigure/arrays";
import {
  cholesky,
  choleskySolve,
  complexCholesky,
  complexEigh,
  complexPolarFactor,
  complexQr,
  complexSolve,
  complexSvd,
  conditionNumber,
  eig,
  eigh,
  frobeniusNorm,
  inverse,
  leastSquares,
  nuclearNorm,
  polarFactor,
  qr,
  SingularMatrixError,
  singularValues,
  solve,
  spectralNorm,
  svd,
} from "refigure/linalg";
import {
  type AnyMatrix,
  departureFromOrthogonality,
  diagonal,
  multiply,
  norm,
  subtract,
  widen,
} from "./reference.ts";

/** Residuals in units of machine epsilon times size (times norm); `true` and `false` are exact properties. */
export type Findings = Record<string, number | boolean>;

export interface Property {
  name: string;
  /** Which shapes it is for. */
  square?: boolean;
  /** Real matrices only. */
  realOnly?: boolean;
  check: (a: AnyMatrix) => Findings;
}

interface Units {
  /** Size of one rounding error. */
  epsilon: number;
  /** `residual` in units of epsilon * size * scale; what is below the smallest denormals counts as zero. */
  of: (residual: number, scale?: number) => number;
}

export function units(a: AnyMatrix): Units {
  const single = a.data instanceof Float32Array;
  const epsilon = single ? 2 ** -23 : 2 ** -52;
  const least = single ? 2 ** -149 : Number.MIN_VALUE;
  const size = Math.max(a.rows, a.columns, 1);
  return {
    epsilon,
    of(residual, scale = 1) {
      if (residual <= size * size * least) return 0;
      return residual / size / epsilon / scale;
    },
  };
}

const isSorted = (x: Float64Array, sign: number) => x.every((v, i) => i === 0 || sign * (v - x[i - 1]) >= 0);

/** A square matrix with its strict upper triangle mirrored from the lower one: Hermitian. */
function hermitian(a: AnyMatrix): AnyMatrix {
  const w = widen(a);
  const h = ComplexMatrix.from(a.rows, a.rows, (i, j) => {
    if (i === j) return { re: w.get(i, i).re, im: 0 };
    const x = i > j ? w.get(i, j) : w.get(j, i);
    return i > j ? x : { re: x.re, im: -x.im };
  });
  return narrow(h, a);
}

/** A complex matrix in the field and the precision of `like`. */
function narrow(z: ComplexMatrix, like: AnyMatrix): AnyMatrix {
  const single = like.data instanceof Float32Array;
  if (like instanceof Matrix) {
    const real = Matrix.from(z.rows, z.columns, (i, j) => z.get(i, j).re);
    return single ? real.astype("float32") : real;
  }
  return single ? new ComplexMatrix(z.rows, z.columns, Float32Array.from(z.data)) : z;
}

/** A fixed matrix with entries of about 1. */
function probe(rows: number, columns: number, like: AnyMatrix): AnyMatrix {
  const z = ComplexMatrix.from(
    rows,
    columns,
    (i, j) => ({ re: Math.cos(3 * i + 5 * j), im: Math.sin(i - 2 * j) }),
  );
  return narrow(z, like);
}

const isReal = (a: AnyMatrix): a is Matrix<RealArray> => a instanceof Matrix;

export const properties: Property[] = [
  {
    name: "qr",
    check(a): Findings {
      const { q, r } = isReal(a) ? qr(a) : complexQr(a);
      const [A, Q, R] = [a, q, r].map(widen);
      const u = units(a);
      const p = Math.min(a.rows, a.columns);
      let triangular = true;
      let positive = true;
      for (let i = 0; i < p; i++) {
        for (let j = 0; j < i; j++) triangular &&= R.get(i, j).re === 0 && R.get(i, j).im === 0;
        positive &&= R.get(i, i).re >= 0 && R.get(i, i).im === 0;
      }
      return {
        "a = q r": u.of(norm(subtract(A, multiply(Q, R))), norm(A) || 1),
        "q^H q = I": u.of(departureFromOrthogonality(Q)),
        "shapes": q.rows === a.rows && q.columns === p && r.rows === p && r.columns === a.columns,
        "r is upper triangular": triangular,
        "diagonal of r >= 0": positive,
        "precision kept": q.data.constructor === a.data.constructor &&
          r.data.constructor === a.data.constructor,
      };
    },
  },
  {
    name: "svd",
    check(a): Findings {
      const result = isReal(a) ? svd(a) : complexSvd(a);
      const s = result.s;
      const vh = "vt" in result ? result.vt : result.vh;
      const [A, U, V] = [a, result.u, vh].map(widen);
      const u = units(a);
      const p = Math.min(a.rows, a.columns);
      const alone = singularValues(a);
      return {
        "a = u s v^H": u.of(norm(subtract(A, multiply(multiply(U, diagonal(s)), V))), norm(A) || 1),
        "u^H u = I": u.of(departureFromOrthogonality(U)),
        "v^H v = I": u.of(departureFromOrthogonality(V.conjugateTranspose())),
        "shapes": U.rows === a.rows && U.columns === p && s.length === p && V.rows === p &&
          V.columns === a.columns,
        "s descending and >= 0": isSorted(s, -1) && s.every((x) => x >= 0),
        "singularValues agrees": u.of(norm({ data: alone.map((x, i) => x - s[i]) }), norm(A) || 1),
        "precision kept": result.u.data.constructor === a.data.constructor,
      };
    },
  },
  {
    name: "polarFactor",
    check(a): Findings {
      const factor = isReal(a) ? polarFactor(a) : complexPolarFactor(a);
      const A = widen(a);
      const Q = widen(factor);
      const u = units(a);
      const wide = a.rows < a.columns;
      const h = wide ? multiply(A, Q.conjugateTranspose()) : multiply(Q.conjugateTranspose(), A);
      return {
        "orthonormal": u.of(departureFromOrthogonality(wide ? Q.conjugateTranspose() : Q)),
        "the other factor is Hermitian": u.of(norm(subtract(h, h.conjugateTranspose())), norm(A) || 1),
        "trace is the nuclear norm": u.of(
          Math.abs(
            nuclearNorm(a) -
              Array.from({ length: h.rows }, (_, i) => h.get(i, i).re).reduce((x, y) => x + y, 0),
          ),
          norm(A) || 1,
        ),
      };
    },
  },
  {
    name: "eigh",
    square: true,
    check(a): Findings {
      const b = hermitian(a);
      // What stands above the diagonal must not matter.
      const spoilt = b.clone() as AnyMatrix;
      const parts = isReal(a) ? 1 : 2;
      for (let i = 0; i < b.rows; i++) {
        for (let j = parts * (i + 1); j < parts * b.rows; j++) spoilt.data[parts * i * b.rows + j] = 7;
      }
      const { values, vectors } = isReal(spoilt) ? eigh(spoilt) : complexEigh(spoilt);
      const B = widen(b);
      const V = widen(vectors);
      const u = units(a);
      return {
        "b v = v d": u.of(norm(subtract(multiply(B, V), multiply(V, diagonal(values)))), norm(B) || 1),
        "v^H v = I": u.of(departureFromOrthogonality(V)),
        "ascending": isSorted(values, 1),
        "precision kept": vectors.data.constructor === a.data.constructor,
      };
    },
  },
  {
    name: "eig",
    square: true,
    check(a): Findings {
      const { values, right, left } = eig(a, { left: true });
      const A = widen(a);
      const V = widen(right);
      const W = widen(left);
      const u = units(a);
      const D = diagonal(values, true);
      const n = a.rows;
      const columnNorm = (x: ComplexMatrix, j: number) =>
        norm({ data: Array.from({ length: n }, (_, i) => Math.hypot(x.get(i, j).re, x.get(i, j).im)) });
      const trace = (x: ComplexMatrix) =>
        Array.from({ length: n }, (_, i) => x.get(i, i).re).reduce((s, y) => s + y, 0);
      let unit = 0;
      for (let j = 0; j < n; j++) {
        unit = Math.max(unit, Math.abs(columnNorm(V, j) - 1), Math.abs(columnNorm(W, j) - 1));
      }
      const findings: Findings = {
        "a v = v d": u.of(norm(subtract(multiply(A, V), multiply(V, D))), norm(A) || 1),
        "w^H a = d w^H": u.of(
          norm(subtract(multiply(W.conjugateTranspose(), A), multiply(D, W.conjugateTranspose()))),
          norm(A) || 1,
        ),
        "vectors of norm 1": u.of(unit),
        "trace": u.of(Math.abs(trace(A) - trace(D)), norm(A) || 1),
        "precision kept": right.data.constructor === a.data.constructor,
      };
      if (isReal(a)) {
        findings["exactly conjugate pairs"] = Array.from({ length: n }, (_, i) => i).every((i) =>
          values[2 * i + 1] === 0 ||
          Array.from({ length: n }, (_, j) => j).some((j) =>
            values[2 * j] === values[2 * i] && values[2 * j + 1] === -values[2 * i + 1]
          )
        );
      }
      return findings;
    },
  },
  {
    name: "solve",
    square: true,
    check(a): Findings {
      const A = widen(a);
      const u = units(a);
      const b = narrow(multiply(A, widen(probe(a.rows, 3, a))), a);
      let x: AnyMatrix;
      try {
        x = isReal(a) ? solve(a, b as typeof a) : complexSolve(a, b as typeof a);
      } catch (error) {
        // An exactly singular matrix is refused by name; whether roundings hide the singularity is not ours
        // to say.
        return { "singular is refused by name": error instanceof SingularMatrixError };
      }
      const X = widen(x);
      return {
        "a x = b": u.of(norm(subtract(multiply(A, X), widen(b))), (norm(A) || 1) * Math.max(norm(X), 1)),
        "shape": x.rows === a.rows && x.columns === 3,
      };
    },
  },
  {
    name: "inverse",
    square: true,
    realOnly: true,
    check(a): Findings {
      // Scaled, because the inverse of a denormal matrix is not a matrix of finite numbers.
      const unit = narrow(new ComplexMatrix(a.rows, a.rows, widen(a).data.map((x) => x / (norm(a) || 1))), a);
      try {
        const X = widen(inverse(unit as Matrix<RealArray>));
        const A = widen(unit);
        const u = units(a);
        const identity = ComplexMatrix.identity(a.rows);
        return { "a x = I": u.of(norm(subtract(multiply(A, X), identity)), norm(A) * norm(X) || 1) };
      } catch (error) {
        return { "singular is refused by name": error instanceof SingularMatrixError };
      }
    },
  },
  {
    name: "cholesky",
    square: true,
    check(a): Findings {
      // (I + n n^H) times the norm, with n the matrix scaled to norm 1: positive definite at the scale of a.
      const size = norm(a) || 1;
      const n = new ComplexMatrix(a.rows, a.rows, widen(a).data.map((x) => x / size));
      const product = multiply(n, n.conjugateTranspose());
      const identity = ComplexMatrix.identity(a.rows);
      const b = hermitian(
        narrow(
          new ComplexMatrix(a.rows, a.rows, product.data.map((x, k) => size * (x + identity.data[k]))),
          a,
        ),
      );
      const l = isReal(b) ? cholesky(b) : complexCholesky(b);
      const B = widen(b);
      const L = widen(l);
      const u = units(a);
      let triangular = true;
      for (let i = 0; i < a.rows; i++) {
        for (let j = i + 1; j < a.rows; j++) triangular &&= L.get(i, j).re === 0 && L.get(i, j).im === 0;
      }
      const findings: Findings = {
        "b = l l^H": u.of(norm(subtract(B, multiply(L, L.conjugateTranspose()))), norm(B) || 1),
        "l is lower triangular": triangular,
      };
      if (isReal(b) && isReal(l)) {
        const y = narrow(multiply(B, widen(probe(a.rows, 2, a))), a) as typeof b;
        const X = widen(choleskySolve(l, y));
        findings["choleskySolve"] = u.of(norm(subtract(multiply(B, X), widen(y))), norm(B) * norm(X) || 1);
      }
      return findings;
    },
  },
  {
    name: "leastSquares",
    realOnly: true,
    check(a): Findings {
      if (!isReal(a)) return {};
      const size = norm(a) || 1;
      const unit = a.map((x) => x / size);
      const b = probe(a.rows, 2, a) as typeof a;
      const A = widen(unit);
      const B = widen(b);
      const X = widen(leastSquares(unit, b));
      const u = units(a);
      const gradient = multiply(A.conjugateTranspose(), subtract(multiply(A, X), B));
      return {
        "a^T (a x - b) = 0": u.of(norm(gradient), norm(X) + norm(B) || 1),
        "shape": X.rows === a.columns && X.columns === 2,
      };
    },
  },
  {
    name: "norms",
    check(a): Findings {
      const s = singularValues(a);
      const u = units(a);
      const size = norm(a) || 1;
      const sum = s.reduce((x, y) => x + y, 0);
      const condition = conditionNumber(a);
      return {
        "Frobenius norm": u.of(Math.abs(frobeniusNorm(a) - norm(a)), size),
        "Frobenius norm from singular values": u.of(Math.abs(norm({ data: s }) - norm(a)), size),
        "spectral norm": spectralNorm(a) === (s[0] ?? 0),
        "nuclear norm": u.of(Math.abs(nuclearNorm(a) - sum), size),
        "condition number": s.length === 0 ? condition === 1 : condition >= 1,
      };
    },
  },
];
