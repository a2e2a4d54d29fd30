/**
 * Acceptance criteria of the sheet: 1 spikes-stay; 2 smooth-inputs; 3 naive-hopeless; 4 conditioning; 5
 * uniformly-close; 6 norms; 7 robust-readout; 8 stability. Oracles, and the bilinear identity below:
 * test/ssm.
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { old as experiment, type Params, type Row } from "../../experiments/ptd/mod.ts";
import { complexAbs, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { solve } from "../../lib/linalg/mod.ts";
import {
  hippoLegS,
  imaginaryAxis,
  legsNormalPart,
  perturbThenDiagonalize,
  transferFunction,
} from "../../lib/ssm/mod.ts";
import { renderSvg } from "../../lib/figures/mod.ts";

async function rowsOf(params: Params, kinds?: string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const trial of experiment.trials(params)) {
    if (!kinds || kinds.includes(trial.kind)) rows.push(...await experiment.run(trial, () => {}));
  }
  return rows;
}

Deno.test("ptd: quick rows decide the claims, and figures can be drawn", async () => {
  const rows = await rowsOf(experiment.presets.quick);
  assertEquals(JSON.parse(JSON.stringify(rows)), rows);
  for (const { id, holds, measured } of experiment.claims(rows)) assert(holds === true, `${id}: ${measured}`);
  assertEquals(experiment.claims(rows).filter(({ headline }) => headline).length, 1);
  for (const draw of Object.values(experiment.figures)) {
    assert((await renderSvg(draw(rows))).startsWith("<svg"));
  }
  // The wrong factor before B is another system: its spikes are not those of the theorem.
  const broken = await rowsOf({ ...experiment.presets.quick, inputFactor: 1 }, ["spikes"]);
  const mixed = [
    ...rows.filter((row) => row.part !== "spike"),
    ...broken.filter((row) => row.part === "spike"),
  ];
  assertEquals(experiment.claims(mixed).find(({ headline }) => headline)!.holds, false);
  // An S4D readout in the place of PTD's fails the robustness claim.
  const swapped = rows.map((row) =>
    row.part === "readout" && row.system !== "S4"
      ? { ...row, system: row.system === "PTD" ? "S4D" as const : "PTD" as const }
      : row
  );
  assertEquals(experiment.claims(swapped).find(({ id }) => id === "robust-readout")!.holds, false);
});

Deno.test("ptd: the bilinear transform moves spikes, and leaves their gain (sheet 3.5)", () => {
  const n = 6;
  const dt = 0.01;
  const { A, B } = hippoLegS(n);
  const C = new Rng(1).normals(n);
  const systems: [Matrix, Float64Array][] = [
    [A, B],
    [legsNormalPart(n), B.map((b) => b / 2)],
    [A.plus(perturbThenDiagonalize(A, { rng: new Rng(2) }).E), B],
  ];
  for (const [a, b] of systems) {
    const low = Matrix.identity(n).plus(a, -dt / 2);
    const discrete = solve(low, Matrix.identity(n).plus(a, dt / 2));
    const input = solve(low, b.map((x) => dt * x));
    for (const theta of [0.2, 1.1, 3]) {
      // C (zI - discrete)^{-1} input, by the solver for points off the axis.
      const z = new Float64Array([Math.cos(theta), Math.sin(theta)]);
      const direct = complexAbs(transferFunction({ A: discrete, B: input, C }, z))[0];
      const omega = 2 / dt * Math.tan(theta / 2);
      const analogue = complexAbs(transferFunction({ A: a, B: b, C }, imaginaryAxis([omega])))[0] /
        Math.cos(theta / 2);
      assertAlmostEquals(direct, analogue, 1e-10);
    }
  }
});
