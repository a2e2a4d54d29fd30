import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import {
  expectedAlignment,
  isotropicAlignment,
  linearStudentTeacher,
} from "../../lib/linear_networks/mod.ts";
import { kernelAlignment } from "../../lib/tangent_kernels/mod.ts";
import { mean } from "../../lib/experiment/mod.ts";
import { frobeniusNorm, haarOrthogonal } from "../../lib/linalg/mod.ts";
import type { AnisotropicStart, Row } from "./rows.ts";

/** Many random tasks from a very small start. */
export interface AverageTrial {
  d: number;
  rank: number;
  sigma: number;
  tasks: number;
  seed: number;
}

/** An isotropic start of full rank, against its closed form. */
export interface IsotropicTrial {
  d: number;
  sigma: number;
  seed: number;
}

/** One scale, all ranks, one seed. */
export interface FlowTrial {
  d: number;
  ranks: number[];
  sigma: number;
  seed: number;
}

/** Linear algebra only: inputs whose features have unequal sizes. */
export interface AnisotropicTrial {
  d: number;
  kappas: number[];
  draws: number;
  seed: number;
}

/** `sigma/sqrt(r) U V^T` with r orthonormal columns each. */
function flatStart(d: number, rank: number, sigma: number, rng: Rng): Matrix {
  const u = haarOrthogonal(d, { rng: rng.split("u") }).slice(0, d, 0, rank);
  const v = haarOrthogonal(d, { rng: rng.split("v") }).slice(0, d, 0, rank);
  return matmul(u, v, { transposeB: true }).times(sigma / Math.sqrt(rank));
}

/** The mean alignment over random tasks, beside the law. */
export function averageOverTasks({ d, rank, sigma, tasks, seed }: AverageTrial): Row<"average"> {
  const rng = new Rng(seed).split("average");
  const values: number[] = [];
  for (let task = 0; task < tasks; task++) {
    const stream = rng.split(task);
    const beta = stream.split("beta").sphere(d);
    const w1 = flatStart(d, rank, sigma, stream);
    const { k0, kf } = linearStudentTeacher({ w1, w2: new Float64Array(d), beta });
    values.push(kernelAlignment(k0, kf));
  }
  const { mean, sd } = expectedAlignment(new Float64Array(rank).fill(1), d);
  return {
    kind: "average",
    d,
    sigma,
    rank,
    tasks,
    ...moments(values),
    predicted: { mean, sd },
    some: values.slice(0, 60),
  };
}

/** A start whose alignment is known exactly at every scale. */
export function isotropicStart({ d, sigma, seed }: IsotropicTrial): Row<"isotropic"> {
  const rng = new Rng(seed).split("isotropic");
  const w1 = flatStart(d, d, sigma, rng);
  const beta = rng.split("beta").sphere(d);
  const run = linearStudentTeacher({
    w1,
    w2: new Float64Array(d),
    beta,
    tolerance: 1e-9,
    relativeTolerance: 1e-11,
  });
  const conserved = (w1: Matrix, w2: Float64Array) =>
    gram(w1, { side: "right" }).map((value, i, j) => value - w2[i] * w2[j]);
  return {
    kind: "isotropic",
    sigma,
    alignment: kernelAlignment(run.k0, run.kf),
    predicted: isotropicAlignment({ d, sigma }),
    drift: frobeniusNorm(conserved(run.w1, run.w2).minus(conserved(w1, new Float64Array(d)))),
  };
}

/**
 * Each rank at one scale. The perturbation makes runs from large starts of low rank reproducible: without it
 * round-off decides.
 */
export function flows({ d, ranks, sigma, seed }: FlowTrial): Row<"flow">[] {
  return ranks.map((rank) => {
    const rng = new Rng(seed).split("flow");
    const w1 = flatStart(d, rank, sigma, rng).plus(rng.split("perturbation").normalMatrix(d, d, 1e-3 / d));
    const w2 = rng.split("second layer").normals(d, 1e-3 / Math.sqrt(d));
    const beta = rng.split("beta").sphere(d);
    const run = linearStudentTeacher({ w1, w2, beta });
    return {
      kind: "flow",
      sigma,
      rank,
      seed,
      alignment: kernelAlignment(run.k0, run.kf),
      change: frobeniusNorm(run.w1.minus(w1)),
      converged: run.status === "converged",
    };
  });
}

/**
 * The exception. Features `z = F x` with singular values kappa (half of them) and 1, teacher `w^T z`; from
 * small starts the trained kernel is `F^T (I + w w^T) F`, w normalized. The first layer starts from full
 * rank, from half rank at random, or from half rank in the large features and along the teacher.
 */
export function anisotropicFeatures({ d, kappas, draws, seed }: AnisotropicTrial): Row<"anisotropic">[] {
  const half = d / 2;
  const rng = new Rng(seed).split("anisotropic");
  return kappas.flatMap((kappa) => {
    const values: Record<AnisotropicStart, number[]> = { aligned: [], full: [], random: [] };
    for (let draw = 0; draw < draws; draw++) {
      // The same draws for every kappa.
      const stream = rng.split(draw);
      const u = haarOrthogonal(d, { rng: stream.split("u") });
      const vt = haarOrthogonal(d, { rng: stream.split("v") });
      const f = matmul(u.map((value, _, j) => value * (j < half ? kappa : 1)), vt);
      const w = stream.split("w").sphere(d);
      const withTeacher = Matrix.from(d, d, (i, j) => (i === j ? 1 : 0) + w[i] * w[j]);
      const top = gram(u.slice(0, d, 0, half), { side: "right" });
      const other = gram(haarOrthogonal(d, { rng: stream.split("q") }).slice(0, d, 0, half), {
        side: "right",
      });
      const seen = (m: Matrix) => matmul(f, matmul(m, f), { transposeA: true });
      const trained = seen(withTeacher);
      values.full.push(kernelAlignment(seen(Matrix.identity(d)), trained));
      values.random.push(kernelAlignment(seen(other), trained));
      values.aligned.push(kernelAlignment(seen(matmul(matmul(top, withTeacher), top)), trained));
    }
    return (["aligned", "full", "random"] as const).map((start) => ({
      kind: "anisotropic" as const,
      kappa,
      start,
      draws,
      ...moments(values[start]),
    }));
  });
}

/** Mean and sample standard deviation; 0 for one value. */
function moments(values: number[]): { mean: number; sd: number } {
  const center = mean(values);
  const square = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return { mean: center, sd: Math.sqrt(square / Math.max(1, values.length - 1)) };
}
