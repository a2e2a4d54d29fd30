/** `deno task reproduce`: re-runs papers and prints the scorecard. */
import { runExperiment } from "../runner.ts";

const run = await runExperiment(Deno.args[0], { preset: (Deno.args[1] ?? "laptop") as "laptop" });
for (const claim of run.claims) {
  console.log(
    `${
      claim.holds === null ? "?" : claim.holds ? "ok" : "NO"
    }  ${claim.statement}\n    expected ${claim.expected}\n    measured ${claim.measured}`,
  );
}
for (const failure of run.failures) console.log(failure);
console.log(`${run.rows.length} rows, ${run.seconds.toFixed(1)} s`);
