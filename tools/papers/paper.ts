/**
 * `deno task paper <slug ...>`: renews all that is stored of a paper: results, claim and figure snapshots, the executed
 * notebook, the README's scorecard, docs/findings.md and the table of docs/full.md.
 */
import { experimentSlugs } from "../../lib/experiment/deno/mod.ts";
import { nearest } from "../../lib/arrays/nearest.ts";
import { printHelp, readArguments, refuse } from "../command_line.ts";

const { words: slugs } = readArguments("paper", Deno.args, []);
if (slugs.length === 0) {
  printHelp("paper");
  Deno.exit(2);
}
const known = experimentSlugs();
for (const slug of slugs) {
  if (!known.includes(slug)) {
    refuse(`Unknown paper "${slug}"${nearest(slug, known)}; there are: ${known.join(", ")}`);
  }
}
const project = new URL("../../", import.meta.url);
let status = 0;
for (const slug of slugs) {
  await step("format", ["fmt", "--quiet", `experiments/${slug}`, `test/experiments/${slug}_test.ts`]);
  await step("notebook", [
    "run",
    "-A",
    "tools/python.ts",
    "tools/bootstrap.py",
    "--then",
    "tools/notebooks.py",
    "run",
    slug,
  ]);
  // Exit status 1 is a claim that does not hold, which is a result.
  // What is stored does not depend on the kernels that the environment names.
  const usual = { OPENBLAS_CORETYPE: "", REFIGURE_BLAS: "" };
  await step("results", ["run", "-A", "tools/reproduce/reproduce.ts", slug], usual, [0, 1]);
  await step("snapshots", ["test", "-A", "--no-check", `test/experiments/${slug}_test.ts`], {
    UPDATE_SNAPSHOTS: "1",
  });
}
await step("README", ["run", "-A", "tools/papers/scorecard.ts"]);
await step("findings", ["run", "-A", "tools/papers/findings.ts"]);
await step("full sizes", ["run", "-A", "tools/papers/full.ts"]);
Deno.exit(status);

async function step(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  allowed: number[] = [0],
): Promise<void> {
  console.log(`--- ${name}`);
  const child = new Deno.Command(Deno.execPath(), { args, env, cwd: project }).spawn();
  const { code } = await child.status;
  if (!allowed.includes(code)) {
    console.error(`--- ${name} failed`);
    status = 1;
  }
}
