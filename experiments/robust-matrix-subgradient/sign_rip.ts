import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram } from "../../lib/blas/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import { corrupt, signRipScale, streamedGaussianOperator } from "../../lib/sensing/mod.ts";
import { D, RANK, type Row } from "./rows.ts";

/** The sign-RIP constant on streamed measurements. */
export function signRip(
  { noise, m, seed }: { noise: Row<"rip">["noise"]; m: number; seed: number },
): Row<"rip">[] {
  const rng = new Rng(seed);
  const factor = rng.split("x").normalMatrix(D, RANK);
  const unit = (a: Matrix) => a.times(1 / frobeniusNorm(a));
  const inner = (a: Matrix, b: Matrix) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
  const x = unit(gram(factor, { side: "right" }));
  const other = gram(rng.split("y").normalMatrix(D, RANK), { side: "right" });
  const y = unit(other.plus(x, -inner(other, x)));
  const operator = streamedGaussianOperator({
    rows: D,
    measurements: m,
    scale: 1,
    symmetric: true,
    rng: rng.split("measurements"),
  });
  const s = corrupt(
    new Float64Array(m),
    noise === "outliers"
      ? { outlierProbability: 0.3, outlier: (rng) => 10 * rng.normal(), rng: rng.split("noise") }
      : { gaussianStd: 0.5, rng: rng.split("noise") },
  );
  const q = operator.residualAdjoint(x, s, { score: Math.sign }).gradient;
  const predicted = signRipScale(
    1,
    noise === "outliers" ? { kind: "outliers", probability: 0.3, std: 10 } : { kind: "gaussian", std: 0.5 },
  );
  return [{ kind: "rip", noise, m, predicted, along: inner(q, x) / m, across: inner(q, y) / m }];
}
