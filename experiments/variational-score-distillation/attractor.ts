/** Where SDS ends: the zero of its expected gradient, by Gauss-Hermite quadrature over the noise. */
import { scaledLinearSchedule } from "../../lib/diffusion/mod.ts";
import { gaussHermite } from "../../lib/numerics/mod.ts";
import { conditional, MEANS, nearestMean, unconditional } from "./prompt.ts";
import type { Row } from "./rows.ts";

const schedule = scaledLinearSchedule();

/** Noise in the plane: nodes of a product rule. */
interface Rule {
  nodes: number[][];
  weights: number[];
}

function productRule(count: number): Rule {
  const { nodes, weights } = gaussHermite(count);
  const pairs = [...nodes].flatMap((x, i) =>
    [...nodes].map((y, j) => ({ node: [x, y], weight: weights[i] * weights[j] }))
  );
  return { nodes: pairs.map(({ node }) => node), weights: pairs.map(({ weight }) => weight) };
}

/** Every eighth time of a range. */
function timesTo(largest: number): number[] {
  const times: number[] = [];
  for (let t = 20; t <= largest; t += 8) times.push(t);
  return times;
}

interface Gradient {
  gradient: number[];
  /** Row by row. */
  jacobian: number[];
}

/** The expected gradient of SDS at a point, and its derivatives. */
function expectedGradient(
  at: readonly number[],
  guidance: number,
  times: readonly number[],
  rule: Rule,
): Gradient {
  const gradient = [0, 0];
  const jacobian = [0, 0, 0, 0];
  for (const t of times) {
    const alpha = schedule.alpha(t);
    const sigma = schedule.sigma(t);
    const x = Float64Array.from(rule.nodes.flatMap((node) => node.map((e, k) => alpha * at[k] + sigma * e)));
    for (const [model, share] of [[conditional, guidance], [unconditional, 1 - guidance]] as const) {
      if (share === 0) continue;
      const { score, jacobian: slope } = model.scoreAndJacobian(x, alpha, sigma);
      // The noise is minus sigma times the score, the weight sigma squared.
      const factor = -share * sigma ** 3 / times.length;
      rule.weights.forEach((weight, i) => {
        for (let k = 0; k < 2; k++) gradient[k] += factor * weight * score[2 * i + k];
        for (let k = 0; k < 4; k++) jacobian[k] += factor * alpha * weight * slope[4 * i + k];
      });
    }
  }
  return { gradient, jacobian };
}

/** Newton's method, from a point that is near. */
function zeroNear(start: readonly number[], guidance: number, times: number[], rule: Rule): number[] {
  let at = [...start];
  for (let step = 0; step < 50; step++) {
    const { gradient: [g, h], jacobian: [a, b, c, d] } = expectedGradient(at, guidance, times, rule);
    const determinant = a * d - b * c;
    const move = [(d * g - b * h) / determinant, (a * h - c * g) / determinant];
    at = at.map((value, k) => value - move[k]);
    if (Math.hypot(...move) < 1e-10) return at;
  }
  throw new Error(`Newton's method did not converge at guidance ${guidance}`);
}

/** The flow of the expected gradient at s = 1, by Euler steps of length one. */
function flowFrom(start: readonly number[], times: number[], rule: Rule): number[] {
  let at = [...start];
  for (let step = 0; step < 60; step++) {
    const { gradient } = expectedGradient(at, 1, times, rule);
    at = at.map((value, k) => value - gradient[k]);
  }
  return at;
}

/** The zero as guidance grows, each the start of the next; and the ends of the flow from everywhere. */
export function attractorRows({ largest, nodes, guidances, isFlowRun }: {
  largest: number;
  nodes: number;
  guidances: number[];
  isFlowRun: boolean;
}): (Row<"attractor"> | Row<"settled">)[] {
  const times = timesTo(largest);
  const rule = productRule(nodes);
  const rows: (Row<"attractor"> | Row<"settled">)[] = [];
  let at = MEANS[0];
  for (const guidance of guidances) {
    at = zeroNear(at, guidance, times, rule);
    const [x, y] = at;
    rows.push({ kind: "attractor", guidance, largest, x, y, distance: nearestMean(x, y).distance });
  }
  if (!isFlowRun) return rows;
  const coarse = productRule(Math.min(nodes, 12));
  for (const start of [...MEANS, [-2, -2]]) {
    const [x, y] = flowFrom(start, times, coarse);
    rows.push({ kind: "settled", by: "flow", start: `(${start.join(", ")})`, seed: 0, x, y });
  }
  return rows;
}
