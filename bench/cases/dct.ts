/**
 * Choosing cosines beside computing singular vectors, the two ways to all cosine coordinates, and steps of
 * the low-rank optimizers.
 *
 * The rows `cosine coordinates n=... by fft / our matmul` are criterion 9 of experiments/svd-free-dct: their
 * ratio falls with n, and the slopes of the two times in n (m = n, log-log from 64 to 1024) are 2.0 to 2.5
 * and 2.7 to 3.1.
 */
import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm, qr, svd } from "../../lib/linalg/mod.ts";
import {
  adamwUpdates,
  dctAdamwUpdates,
  dionUpdates,
  type GradientTransformation,
  muonUpdates,
  orthonormalBasis,
  SubspaceProjector,
  trionUpdates,
} from "../../lib/optimizers/mod.ts";
import { dctRows } from "../../lib/transforms/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/** A fixed n x n matrix and the same in Python. */
const entries = (n: number) => Matrix.from(n, n, (i, j) => ((i * 31 + j * 17 + i * j) % 101) / 101 - 0.5);
const inPython = (n: number) =>
  `import numpy as np
i, j = np.indices((${n}, ${n}))
a = ((i * 31 + j * 17 + i * j) % 101) / 101 - 0.5
`;

/** One choice of r cosines, coordinates included, beside the r leading singular vectors. */
function selection(n: number, r: number, peer: "our gesdd" | "our qr" | "numpy svd"): BenchCase {
  return {
    what: `choose ${r} of ${n} cosines, ${n} x ${n} f64`,
    peer,
    async setup() {
      const g = entries(n);
      const projector = new SubspaceProjector(g, r);
      const other = peer === "numpy svd"
        ? await python("numpy", {
          setup: inPython(n),
          run: "u, s, vt = np.linalg.svd(a, full_matrices=False)",
        })
        : peer === "our qr"
        ? () => void qr(g)
        : () => void svd(g);
      // Of the identity: squared norm of g = that of what is kept + that of what is lost.
      const error = () => {
        const low = projector.update(g);
        const lost = g.minus(projector.reconstruct(low));
        return Math.abs(frobeniusNorm(low) ** 2 + frobeniusNorm(lost) ** 2 - frobeniusNorm(g) ** 2) /
          frobeniusNorm(g) ** 2;
      };
      return { ours: () => void projector.update(g), peer: other, error };
    },
  };
}

/** All n coordinates of n rows, by fast transforms and by one product. */
function coordinates(n: number): BenchCase {
  return {
    what: `cosine coordinates n=${n} by fft`,
    peer: "our matmul",
    setup() {
      const g = entries(n);
      const cosines = orthonormalBasis("dct2", n);
      const fast = () => dctRows(g);
      const product = () => matmul(g, cosines as Matrix, { transposeB: true });
      return {
        ours: () => void fast(),
        peer: () => void product(),
        error: () => frobeniusNorm(fast().minus(product())) / frobeniusNorm(g),
      };
    },
  };
}

/** Cosine transforms of all rows. */
function rows(n: number, dtype: "float64" | "float32"): BenchCase {
  return {
    what: `dctRows ${n} x ${n} ${dtype === "float64" ? "f64" : "f32"}`,
    peer: "scipy",
    async setup() {
      const g: Matrix<RealArray> = entries(n).astype(dtype);
      const peer = await python("scipy", {
        setup: `import scipy.fft\n${inPython(n)}a = a.astype("${dtype}")`,
        run: 'r = scipy.fft.dct(a, norm="ortho")',
        value: "r.ravel().tolist()",
      });
      const error = async () => {
        const wanted = await peer.value();
        return Math.hypot(...dctRows(g).data.map((x, k) => x - wanted[k])) / frobeniusNorm(g);
      };
      return { ours: () => void dctRows(g), peer, error: n <= 64 ? error : undefined };
    },
  };
}

/** A step of one optimizer beside a step of another, on one n x n matrix. */
function step(
  n: number,
  [what, link]: [string, GradientTransformation],
  [peer, other]: [string, GradientTransformation],
): BenchCase {
  return {
    what: `${what} step ${n} x ${n}`,
    peer,
    setup() {
      const run = (link: GradientTransformation) => {
        const rng = new Rng(1);
        const w = { name: "w", weights: rng.normalMatrix(n, n), outputs: "rows" as const };
        const state = link.init(w);
        const g = rng.normalMatrix(n, n);
        return () => void link.update(g.clone(), state, w);
      };
      return { ours: run(link), peer: run(other) };
    },
  };
}

const dct = (
  rank: number,
): [string, GradientTransformation] => [`dctAdamW r=${rank}`, dctAdamwUpdates({ rank })];
const singular = (rank: number): [string, GradientTransformation] => [
  "the same with SVD",
  dctAdamwUpdates({ rank, basis: "svd" }),
];

/** The rows of this file. */
export const cases: BenchCase[] = [
  ...[8, 64, 256].map((r) => selection(512, r, "our gesdd")),
  selection(512, 64, "our qr"),
  selection(512, 64, "numpy svd"),
  selection(64, 8, "our gesdd"),
  ...[64, 128, 256, 512, 1024].map(coordinates),
  ...[64, 512, 1024].map((n) => rows(n, "float64")),
  rows(512, "float32"),
  step(64, dct(8), singular(8)),
  step(64, dct(8), ["our adamW", adamwUpdates()]),
  step(512, dct(64), singular(64)),
  step(512, dct(64), ["our adamW", adamwUpdates()]),
  step(512, ["trion r=64", trionUpdates({ rank: 64 })], ["our dion r=64", dionUpdates({ rank: 64 })]),
  step(512, ["trion r=64", trionUpdates({ rank: 64 })], ["our muon", muonUpdates()]),
];
