import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import {
  asymmetricGradientDescent,
  gaussianOperator,
  type MeasurementOperator,
  populationOperator,
  signSpectralStart,
  subgradientDescent,
  symmetricGaussianOperator,
} from "../../lib/sensing/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** Residual and adjoint together, as gradient descent asks for them. */
function sensing(
  what: string,
  n: number,
  m: number,
  call: (operator: MeasurementOperator, d: Matrix, y: Float64Array) => unknown,
  make = gaussianOperator,
): BenchCase {
  return {
    what,
    peer: "numpy",
    async setup() {
      const rng = new Rng(1);
      const operator = make({ rows: n, measurements: m, rng });
      const half = rng.normalMatrix(n, n);
      const d = half.plus(half.transpose());
      const y = rng.normals(m);
      const peer = await python("numpy", {
        setup: `import numpy as np
rng = np.random.default_rng(0)
A = rng.standard_normal((${m}, ${
          n * n
        })) / np.sqrt(${m}); D = rng.standard_normal((${n}, ${n})); y = rng.standard_normal(${m})`,
        run: "g = (A.T @ (A @ D.ravel() - y)).reshape(D.shape)",
      });
      return { ours: () => void call(operator, d, y), peer };
    },
  };
}

/** Many steps of the population form at once; a step is what is reported. */
const STEPS = 2000;

function population(k: number, r: number): BenchCase {
  return {
    what: `population steps n=50 k=${k} (${STEPS} at once)`,
    peer: "numpy",
    async setup() {
      const rng = new Rng(1);
      const n = 50;
      const target = Matrix.diagonal(new Array(r).fill(1), n, n);
      const f0 = rng.normalMatrix(n, k, 0.05);
      const g0 = rng.normalMatrix(n, k, 0.02);
      const operator = populationOperator(n);
      const ours = () =>
        void asymmetricGradientDescent({
          operator,
          target: { matrix: target },
          f0,
          g0,
          stepSize: 0.1,
          steps: STEPS,
          record: [],
        });
      const peer = await python("numpy", {
        setup: `import numpy as np
rng = np.random.default_rng(0)
S = np.diag([1.0]*${r} + [0.0]*${
          n - r
        }); F0 = 0.05*rng.standard_normal((${n}, ${k})); G0 = 0.02*rng.standard_normal((${n}, ${k}))`,
        run: `F, G = F0, G0
for _ in range(${STEPS}):
  M = F @ G.T - S
  F, G = F - 0.1*(M @ G), G - 0.1*(M.T @ F)`,
      });
      return { ours, peer };
    },
  };
}

/**
 * Steps of the robust method, or of gradient descent on the squared loss: packed measurements, read once a
 * step.
 */
function robust(loss: "absolute" | "squared", d: number, m: number, k: number, steps: number): BenchCase {
  const step = { kind: "constant", size: 0.01 } as const;
  return {
    what: `${
      loss === "absolute" ? "sub-gradient" : "gradient"
    } steps d=${d} m=${m} k=${k} (${steps} at once)`,
    peer: "numpy",
    async setup() {
      const rng = new Rng(1);
      const operator = symmetricGaussianOperator({ rows: d, measurements: m, scale: 1, rng });
      const y = operator.apply(Matrix.diagonal([1, 1], d, d));
      const u0 = signSpectralStart(operator, y, k, 1e-2);
      const descend = (record: number[]) =>
        subgradientDescent({ operator, y, u0, loss, step, steps, record });
      const peer = await python("numpy", {
        setup: `import numpy as np
rng = np.random.default_rng(0)
A = rng.standard_normal((${m}, ${d * d})); y = A[:, 0] + A[:, ${
          d + 1
        }]; U0 = 0.01*rng.standard_normal((${d}, ${k}))`,
        run: `U = U0
for _ in range(${steps}):
  rho = A @ (U @ U.T).ravel() - y
  M = (A.T @ ${loss === "absolute" ? "np.sign(rho)" : "rho"}).reshape(${d}, ${d})
  U = U - ${step.size}/${2 * m}*((M + M.T) @ U)`,
      });
      // Against the same steps with the plain adjoint of the plain residual.
      const error = () => {
        let u = u0;
        for (let t = 0; t < steps; t++) {
          const x = matmul(u, u, { transposeB: true });
          const residual = operator.apply(x).map((value, i) => value - y[i]);
          const gradient = operator.adjoint(loss === "absolute" ? residual.map(Math.sign) : residual);
          u = u.minus(matmul(gradient, u).times(step.size / m));
        }
        return frobeniusNorm(descend([]).u.minus(u)) / frobeniusNorm(u);
      };
      return { ours: () => void descend([]), peer, error };
    },
  };
}

export const cases: BenchCase[] = [
  sensing("residual and adjoint n=50 m=1500", 50, 1500, (operator, d, y) => operator.residualAdjoint(d, y)),
  sensing(
    "symmetric residual and adjoint n=50 m=1500",
    50,
    1500,
    (operator, d, y) => operator.residualAdjoint(d, y),
    symmetricGaussianOperator,
  ),
  sensing("normal operator n=20 m=320", 20, 320, (operator, d) => operator.normal(d)),
  sensing(
    "symmetric normal operator n=20 m=320",
    20,
    320,
    (operator, d) => operator.normal(d),
    symmetricGaussianOperator,
  ),
  population(5, 3),
  robust("absolute", 20, 800, 20, 50),
  robust("squared", 20, 800, 20, 50),
  robust("absolute", 50, 5000, 50, 3),
];
