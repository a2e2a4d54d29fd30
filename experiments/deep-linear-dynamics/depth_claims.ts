import { gaussianProductMoments } from "../../lib/recurrent/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { average, type LearningRow, type Row, rowsOf, type SpectrumRow, type Start } from "./rows.ts";

/** Criteria 6 to 10. */
export function depthClaims(rows: Row[]): Claim[] {
  return [
    finiteDelay(rows),
    bestRate(rows),
    depthFree(rowsOf(rows, "learning")),
    isometry(rowsOf(rows, "spectrum")),
    meanField(rows),
    criticalGain(rows),
  ];
}

/** Criterion 6. */
function finiteDelay(rows: Row[]): Claim {
  const delays = rowsOf(rows, "delay");
  const steps = delays.map((row) => row.steps);
  const infinite = delays.find(({ layers }) => layers === null)?.steps ?? NaN;
  const shallow = delays.find(({ layers }) => layers === 3)?.steps ?? NaN;
  const expected = 1 / 1e-3 - 1 / 0.999;
  const error = Math.abs(infinite - shallow - expected);
  const rising = steps.length > 1 && steps.every((value, i) => i === 0 || value > steps[i - 1]);
  return {
    id: "finite-delay",
    statement:
      "At the optimal rate, an infinitely deep network is only a finite number of steps slower than a shallow one.",
    source: "theorem",
    reference: "section 2.1, t∞ − t₃ = s/ε − s/(s − ε)",
    expected: "ε = 0.001: 998.998999 steps to 1e-9; times rise with depth towards that of infinite depth",
    measured: `${show(infinite - shallow, 10)} (off by ${show(error, 2)}); ${
      rising ? "rising" : "not rising"
    }`,
    holds: error < 1e-9 && rising,
  };
}

/** Criterion 7. */
function bestRate(rows: Row[]): Claim {
  const runs = rowsOf(rows, "depth");
  const starts = [...new Set(runs.map(({ u0 }) => u0))];
  const products = runs.map(({ layers, rate, u0 }) => ({ u0, value: rate * (layers - 1) }));
  const spread = starts.map((u0) => {
    const values = products.filter((row) => row.u0 === u0).map(({ value }) => value);
    return Math.max(...values) / Math.min(...values);
  });
  const slopes = starts.map((u0) => {
    const group = runs.filter((row) => row.u0 === u0);
    if (group.length < 2) return NaN;
    return fitPowerLaw(group.map(({ layers }) => layers - 1), group.map(({ rate }) => rate)).slope;
  });
  const exact = runs.map(({ optimalSteps, theory }) => optimalSteps / theory);
  return {
    id: "best-rate",
    statement: "The best learning rate falls like one over the depth.",
    source: "theorem",
    reference: "section 2.1 and Figure 4, right: O(1/N)",
    expected: "3 to 100 layers: best rate times weight layers within a factor 3, power −1 ± 0.15",
    measured: `factor ${showRange(spread)}, power ${
      showRange(slopes)
    }; steps at the optimal rate over theory ${showRange(exact, 3)}`,
    holds: allWithin(spread, 1, 3) && allWithin(slopes, -1.15, -0.85),
  };
}

/** Criterion 8. */
function depthFree(runs: LearningRow[]): Claim {
  const at = (start: Start, layers: number) =>
    runs.filter((row) => row.start === start && row.layers === layers);
  const steps = (start: Start, layers: number) => at(start, layers).map((row) => row.steps);
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const layers = [...new Set(runs.map((row) => row.layers))];
  const ratios = seeds.map((seed) => {
    const of = (start: Start) => at(start, 20).find((row) => row.seed === seed)?.steps ?? NaN;
    return of("gaussian") / of("orthogonal");
  });
  const spread = seeds.map((seed) => {
    const values = runs.filter((row) => row.start === "orthogonal" && row.seed === seed).map((row) =>
      row.steps
    );
    return Math.max(...values) - Math.min(...values);
  });
  const capped = at("gaussian", 40).length > 0 && at("gaussian", 40).every((row) => row.capped);
  const table = (start: Start) =>
    [...layers].sort((a, b) => a - b).map((depth) => show(average(steps(start, depth)), 3)).join(", ");
  return {
    id: "depth-free",
    statement:
      "Orthogonal starts learn in a time that does not depend on depth; Gaussian starts do not learn at all when deep.",
    source: "figure",
    reference: "Figure 6A; numbers computed for the sheet",
    expected:
      "20 layers: Gaussian at least 10 times the orthogonal steps; 40 layers: Gaussian beyond the cap; orthogonal within 2 steps for all depths",
    measured: `ratio ${showRange(ratios, 3)}; ${capped ? "beyond" : "not beyond"} the cap; within ${
      showRange(spread)
    } (Gaussian ${table("gaussian")}; orthogonal ${table("orthogonal")}; decoupled ${table("decoupled")})`,
    holds: allWithin(ratios, 10, Infinity) && capped && allWithin(spread, 0, 2),
  };
}

/** Criterion 9. */
function isometry(runs: SpectrumRow[]): Claim {
  const orthogonal = runs.filter(({ start, factors }) => start === "orthogonal" && factors === 99)
    .map(({ deviation }) => deviation);
  const gaussian = runs.filter(({ start }) => start === "gaussian");
  // The sheet's shares are those of N = 100; larger matrices have nearly the same.
  const expected: [number, number][] = [[1, 0.02], [5, 0.2], [20, 0.62], [99, 0.89]];
  const shares = expected.map(([factors]) =>
    average(gaussian.filter((row) => row.factors === factors).map((row) => row.small))
  );
  const counts = [...new Set(gaussian.map((row) => row.factors))];
  // How far the mean of draws is from 1, in its exact standard deviation.
  const away = counts.map((factors) => {
    const draws = gaussian.filter((row) => row.factors === factors);
    const { secondSpread } = gaussianProductMoments(draws[0].size, factors);
    return Math.abs(average(draws.map((row) => row.second)) - 1) * Math.sqrt(draws.length) / secondSpread;
  });
  return {
    id: "isometry",
    statement:
      "A product of orthogonal matrices keeps all lengths; one of Gaussian matrices keeps them on average, by crushing almost every direction.",
    source: "derived",
    reference: "section 3.2 and Figure 6B",
    expected:
      "orthogonal, 99 factors: all singular values 1 to 1e-12; Gaussian: share below 0.01 of 0.02, 0.20, 0.62, 0.89 ± 0.05; mean σ² within 4 of its exact standard deviations of 1",
    measured: `${showRange(orthogonal)}; ${shares.map((x) => show(x, 3)).join(", ")}; σ² off by ${
      showRange(away, 2)
    } standard deviations`,
    holds: allWithin(orthogonal, 0, 1e-12) && allWithin(away, 0, 4) &&
      shares.every((x, i) => Math.abs(x - expected[i][1]) <= 0.05),
  };
}

/** Criterion 10, first half. */
function meanField(rows: Row[]): Claim {
  const runs = rowsOf(rows, "jacobian").filter(({ start, q1 }) => start === "orthogonal" && q1 === 1);
  const expected: [number, number][] = [[0.9, 1.1e-10], [1, 7.2e-3], [1.1, 0.435]];
  const values = expected.map(([gain]) =>
    average(runs.filter((row) => row.gain === gain).map((row) => row.meanSquare))
  );
  return {
    id: "mean-field",
    statement: "How a deep tanh network stretches small differences is what mean-field theory says.",
    source: "derived",
    reference: "section 4; mean square of the Jacobian's singular values, orthogonal weights, 100 layers",
    expected: "gain 0.9, 1, 1.1 from q = 1: mean σ² within a factor 2 of 1.1e-10, 7.2e-3, 0.435",
    measured: values.map((x) => show(x, 3)).join(", "),
    holds: values.every((x, i) => x > expected[i][1] / 2 && x < expected[i][1] * 2),
  };
}

/** Criterion 10, second half. */
function criticalGain(rows: Row[]): Claim {
  const medians = (start: string) =>
    rowsOf(rows, "jacobian").filter((row) => row.start === start && row.gain === 1 && row.q1 === 1)
      .map(({ median }) => median);
  const orthogonal = medians("orthogonal");
  const gaussian = medians("gaussian");
  return {
    id: "critical-gain",
    statement:
      "At the critical gain 1, a tanh network of 100 orthogonal layers still passes gradients in most directions; a Gaussian one does not.",
    source: "derived",
    reference: "Figure 7",
    expected: "median σ above 1e-2 with orthogonal, below 1e-10 with Gaussian weights",
    measured: `${showRange(orthogonal, 3)} and ${showRange(gaussian, 2)}`,
    holds: allWithin(orthogonal, 1e-2, 1) && allWithin(gaussian, 0, 1e-10),
  };
}
