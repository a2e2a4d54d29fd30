/** Eigenproblems of sample covariances beside NumPy, expectation maximization beside scikit-learn. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import { fitSphericalMixture } from "../../lib/latent_variables/mod.ts";
import { eigh } from "../../lib/linalg/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

/** As many as the standard grid of unsupervised-pretraining solves. */
const PROBLEMS = 540;
const ORDER = 60;

/** Entries that both sides can compute; fractions of a sequence that is spread over [0, 1) evenly. */
const pythonScatter = `import numpy as np
def scatter(rows, columns):
    return (np.arange(rows * columns) * 0.7548776662466927 % 1 - 0.5).reshape(rows, columns)
`;
const scatter = (rows: number, columns: number) =>
  new Matrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, (_, k) => k * 0.7548776662466927 % 1 - 0.5),
  );

const MIXTURE = { inputs: 20_000, size: 20, components: 8, steps: 20 };

/** Inputs around `components` orthogonal means of length 4.5, in turn. */
function mixtureInputs(): Matrix {
  const { inputs, size, components } = MIXTURE;
  const x = scatter(inputs, size).times(Math.sqrt(12));
  for (let i = 0; i < inputs; i++) x.row(i)[i % components] += 4.5;
  return x;
}

/** Rows in the order of their first entries, then the next ones. */
const sorted = (means: Matrix) =>
  Float64Array.from(
    means.toRows().sort((a, b) => a.find((v, j) => v !== b[j])! - b.find((v, j) => v !== a[j])!).flat(),
  );

export const cases: BenchCase[] = [
  {
    what: `${PROBLEMS} symmetric eigenproblems of order ${ORDER}`,
    peer: "numpy",
    async setup() {
      const matrices = Array.from({ length: PROBLEMS }, (_, k) => {
        const x = scatter(2 * ORDER, ORDER).map((value, i, j) => value * (1 + ((i + 3 * j + k) % 17) / 17));
        return gram(x);
      });
      const peer = await python("numpy", {
        setup: `${pythonScatter}
i, j = np.indices((${2 * ORDER}, ${ORDER}))
x = scatter(${2 * ORDER}, ${ORDER})
a = np.stack([(lambda y: y.T @ y)(x * (1 + (i + 3 * j + k) % 17 / 17)) for k in range(${PROBLEMS})])`,
        run: "values, vectors = np.linalg.eigh(a)",
        value: "values",
      });
      return {
        ours: () => {
          for (const a of matrices) eigh(a);
        },
        peer,
        error: async () =>
          relativeDistance(
            Float64Array.from(matrices.flatMap((a) => [...eigh(a).values])),
            Float64Array.from(await peer.value()),
          ),
      };
    },
  },
  {
    what:
      `${MIXTURE.steps} steps of EM, ${MIXTURE.inputs} x ${MIXTURE.size}, ${MIXTURE.components} components`,
    peer: "scikit-learn",
    async setup() {
      const x = mixtureInputs();
      const { inputs, size, components, steps } = MIXTURE;
      // From the first rows: k-means++ among as many inputs as components takes all of them.
      const fit = () =>
        fitSphericalMixture(x, components, {
          restarts: 1,
          startSteps: 0,
          startSize: components,
          steps,
          rng: new Rng(0),
        }).means;
      const peer = await python("scikit-learn", {
        // Weights and covariances stay as they are in this mixture; what is left of scikit-learn's step is ours.
        setup: `${pythonScatter}
import warnings
from sklearn.mixture import GaussianMixture
warnings.simplefilter("ignore")
class UnitMixture(GaussianMixture):
    def _m_step(self, X, log_resp, **_):
        resp = np.exp(log_resp)
        self.means_ = (resp.T @ X) / resp.sum(axis=0)[:, None]
    def _initialize(self, X, resp, **_):
        self.weights_ = np.full(${components}, 1 / ${components})
        self.means_ = self.means_init
        self.covariances_ = self.precisions_cholesky_ = np.ones(${components})
x = scatter(${inputs}, ${size}) * 12 ** 0.5
x[np.arange(${inputs}), np.arange(${inputs}) % ${components}] += 4.5
start = x[:${components}].copy()`,
        run:
          `model = UnitMixture(${components}, covariance_type="spherical", means_init=start, max_iter=${steps}, tol=0,
                    init_params="random", random_state=0).fit(x)`,
        value: "np.array(sorted(model.means_.tolist()))",
      });
      return {
        ours: () => void fit(),
        peer,
        error: async () => relativeDistance(sorted(fit()), Float64Array.from(await peer.value())),
      };
    },
  },
];
