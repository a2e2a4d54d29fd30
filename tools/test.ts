/**
 * `deno task test [filter ...]`: every check and every test. Prints a line a step, and at the end `N passed,
 * M failed`, where a step such as formatting counts as one. With words, only test files whose path contains
 * one of them.
 */

interface Step {
  name: string;
  args: string[];
  /** Whether its output has the test runner's own counts. */
  counts?: boolean;
}

const filters = Deno.args;
const testFiles = [...walk("test")].filter((path) =>
  path.endsWith("_test.ts") && (filters.length === 0 || filters.some((word) => path.includes(word)))
).sort();
if (testFiles.length === 0) {
  console.error(`No test file has "${filters.join('" or "')}" in its path`);
  Deno.exit(2);
}
const sources = ["lib", "experiments", "bench", "test", "tools"];

const steps: Step[] = filters.length > 0 ? [tests()] : [
  { name: "formatting", args: ["fmt", "--check", "--quiet"] },
  { name: "lint", args: ["lint", "--quiet"] },
  { name: "types", args: ["check", "--quiet", ...sources] },
  { name: "compiled kernels", args: ["run", "-A", "tools/build_wasm.ts", "--check"] },
  {
    name: "examples",
    args: ["test", "-A", "--quiet", "--no-check", "--doc", "lib", "experiments"],
    counts: true,
  },
  tests(),
];

let passed = 0;
let failed = 0;
for (const step of steps) {
  const start = performance.now();
  console.log(`--- ${step.name}`);
  const { code, output } = await run(step.args, step.counts ?? false);
  const counts = [...output.matchAll(/(\d+) passed[^|\n]*\| (\d+) failed/g)].at(-1);
  if (step.counts && counts !== undefined) {
    passed += Number(counts[1]);
    failed += Math.max(Number(counts[2]), code === 0 ? 0 : 1);
  } else if (code === 0) passed++;
  else failed++;
  console.log(
    `--- ${step.name}: ${code === 0 ? "ok" : "FAILED"} in ${
      ((performance.now() - start) / 1000).toFixed(0)
    } s`,
  );
}
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

function tests(): Step {
  return { name: "tests", args: ["test", "-A", "--no-check", "--parallel", ...testFiles], counts: true };
}

async function run(args: string[], live: boolean): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", DENO_JOBS: String(navigator.hardwareConcurrency), DENO_NO_UPDATE_CHECK: "1" },
  }).spawn();
  let output = "";
  const drain = async (stream: ReadableStream<Uint8Array>) => {
    for await (
      const text of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    ) {
      output += text;
      // A test that is running is shown as it ends: an hour of silence looks like a hang.
      if (live) await Deno.stdout.write(new TextEncoder().encode(text));
    }
  };
  await Promise.all([drain(child.stdout), drain(child.stderr)]);
  const { code } = await child.status;
  if (!live && code !== 0) console.log(output);
  return { code, output };
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}
