/**
 * Successive over-relaxation with several parameters at a time, and conjugate gradients with the SSOR
 * preconditioner, beside SciPy.
 */
import {
  conjugateGradients,
  FivePointStencil,
  laplacian,
  sor,
  sorIterations,
  ssorPreconditioner,
} from "../../lib/sparse/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** The matrix of `new FivePointStencil(n, n)`, or of an implicit step of the heat equation, in SciPy. */
const inScipy = (n: number, centre: number, neighbour: number) =>
  `import numpy as np, scipy.sparse as sp, scipy.sparse.linalg as sla
line = sp.diags([np.full(${n} - 1, ${neighbour}), np.full(${n} - 1, ${neighbour})], [-1, 1])
A = sp.csr_matrix(sp.kron(sp.eye(${n}), line) + sp.kron(line, sp.eye(${n})) + ${centre} * sp.eye(${n * n}))
b = np.ones(${n * n})
D = sp.diags(A.diagonal())
`;

/** Parameters whose sweeps are counted. */
const OMEGAS = [1, 1.2, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9];

/** A loop of a triangular solution, a product and a norm, as the code of Khodak et al. has it. */
const scipySor = `def solve(w):
    W = sp.csr_matrix(D / w + sp.tril(A, -1))
    x = np.zeros_like(b); r = b.copy(); k = 0; goal = 1e-8 * np.linalg.norm(b)
    while np.linalg.norm(r) > goal:
        x += sla.spsolve_triangular(W, r, lower=True); r = b - A @ x; k += 1
    return k
`;

/** The time of one sweep is that of the row over their number, which is in its name. */
function relaxation(ours: "lanes" | "lanes, any matrix", peer: "scipy" | "one by one"): BenchCase {
  const b = new Float64Array(100).fill(1);
  const stencil = new FivePointStencil(10, 10);
  const a = ours === "lanes" ? stencil : laplacian([10, 10]);
  const run = () => [...sorIterations(a, b, OMEGAS)];
  const single = () => OMEGAS.map((omega) => sor(stencil, b, { omega }).iterations);
  return {
    what: `SOR ${run().reduce((sum, count) => sum + count, 0)} sweeps of 100 points, ${ours}`,
    peer,
    async setup() {
      if (peer === "one by one") return { ours: () => void run(), peer: () => void single() };
      const other = await python("scipy", {
        setup: inScipy(10, 4, -1) + scipySor,
        run: `r = [solve(w) for w in ${JSON.stringify(OMEGAS)}]`,
        value: "[float(k) for k in r]",
      });
      const error = async () => {
        const wanted = await other.value();
        return run().reduce((most, count, k) => Math.max(most, Math.abs(count / wanted[k] - 1)), 0);
      };
      return { ours: () => void run(), peer: other, error };
    },
  };
}

/** The preconditioner in SciPy: two triangular factors, factorized once, which is the fastest that it has. */
const scipySsor = (omega: number) =>
  `L = sp.tril(A, -1)
w = ${omega}
options = dict(permc_spec="NATURAL", diag_pivot_thresh=0.0, options=dict(Equil=False, SymmetricMode=True))
upper = sla.splu(sp.csc_matrix(D + w * L.T), **options)
lower = sla.splu(sp.csc_matrix(D + w * L), **options)
d = A.diagonal()
M = sla.LinearOperator(A.shape, matvec=lambda r: w * (2 - w) * lower.solve(d * upper.solve(r)), dtype=float)
`;

/** One solution with the matrix of a Crank-Nicolson step, its preconditioner set up beforehand. */
function heat(n: number): BenchCase {
  // kappa dt / (2 h^2) with kappa = 10 and dt = 1e-3.
  const s = 10 * 1e-3 / 2 * (n + 1) ** 2;
  const a = new FivePointStencil(n, n, { centre: 1 + 4 * s, neighbour: -s });
  const b = new Float64Array(n * n).fill(1);
  const omega = 1.5;
  return {
    what: `SSOR-CG n=${n * n} f64`,
    peer: "scipy",
    async setup() {
      const preconditioner = ssorPreconditioner(a, { omega });
      const run = () => conjugateGradients(a, b, { preconditioner });
      const peer = await python("scipy", {
        setup: inScipy(n, 1 + 4 * s, -s) + scipySsor(omega),
        run: "x, info = sla.cg(A, b, rtol=1e-8, M=M)",
        value: "x.tolist()",
      });
      const error = async () => {
        const wanted = await peer.value();
        const { x } = run();
        let [difference, size] = [0, 0];
        for (let i = 0; i < x.length; i++) {
          difference += (x[i] - wanted[i]) ** 2;
          size += wanted[i] ** 2;
        }
        return Math.sqrt(difference / size);
      };
      return { ours: () => void run(), peer, error };
    },
  };
}

/** The rows of this file. */
export const cases: BenchCase[] = [
  relaxation("lanes", "scipy"),
  relaxation("lanes, any matrix", "scipy"),
  relaxation("lanes", "one by one"),
  heat(24),
  heat(99),
];
