import { mean } from "simple-statistics";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { rowNorms } from "../../lib/linalg/mod.ts";
import { chain, momentum, normalizeNeurons, orthogonalize } from "../../lib/optimizers/mod.ts";
import type { Row } from "./rows.ts";

/** Steps with a gradient, and steps without. */
const ALIVE = 100;
const DEAD = 300;

const SHAPES = { tall: [256, 64], wide: [64, 256] } as const;

/**
 * A neuron dies: all gradients are constant, until that of the first neuron becomes zero, as that of a ReLU
 * that no longer fires. How far is it still pushed along its last direction?
 */
export function deadNeuron({ beta2, seed }: { beta2: number; seed: number }): Row<"dead">[] {
  const lines = {
    "Muon": undefined,
    [`NorMuon, β₂ = ${beta2}`]: normalizeNeurons({ beta2 }),
    "NorMuon, β₂ = 0.5": normalizeNeurons({ beta2: 0.5 }),
    "NorMuon, β₂ = 0.5, ε = 0.01": normalizeNeurons({ beta2: 0.5, eps: 0.01 }),
  };
  return Object.entries(SHAPES).flatMap(([shape, [rows, columns]]) => {
    const alive = new Rng(seed).split(shape).normalMatrix(rows, columns);
    const dead = alive.map((x, i) => i === 0 ? 0 : x);
    const parameter = { name: "w", weights: Matrix.zeros(rows, columns), outputs: "rows" as const };
    // All lines start from Muon's update; what follows it as a factor does not change the ratio of rows.
    const muon = chain(momentum(), orthogonalize());
    const state = muon.init(parameter);
    const runs = Object.entries(lines).map(([line, link]) => ({
      line,
      link,
      state: link?.init(parameter),
      out: [] as Row<"dead">[],
    }));
    for (let step = 1; step <= ALIVE + DEAD; step++) {
      const orthogonal = muon.update((step <= ALIVE ? alive : dead).clone(), state, parameter);
      for (const { line, link, state, out } of runs) {
        const update = link?.update(orthogonal.clone(), state!, parameter) ?? orthogonal;
        const since = step - ALIVE;
        if (since < 0 || since % 5 !== 0) continue;
        const [first, ...others] = rowNorms(update);
        out.push({
          kind: "dead",
          shape: shape as Row<"dead">["shape"],
          line,
          since,
          size: first / mean(others),
        });
      }
    }
    return runs.flatMap(({ out }) => out);
  });
}
