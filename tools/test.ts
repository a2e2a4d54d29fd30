/**
 * `deno task test [word ...]`: every check and every test; tools/help/test.txt has the details. Each test file is a process
 * of its own, so that one that ends its process is named, and the others run. A line tells of each as it ends; the
 * last line is `N passed, M failed`, where a check such as formatting counts as one.
 */
import { readArguments, refuse } from "./command_line.ts";

/** A command to run. */
interface Job {
  name: string;
  command: string;
  args: string[];
}

/** What came of it. */
interface Outcome {
  passed: number;
  failed: number;
  seconds: number;
  output: string;
}

const deno = Deno.execPath();
const timesFile = ".cache/test-times.json";
/** Milliseconds after which a job hangs. */
const LIMIT = 25 * 60_000;
/** Seconds that a job is taken to need before it was timed on this machine. */
const UNKNOWN = 5;
/** Seconds of the longest jobs on a machine where nothing was timed yet: they must not be left for the end. */
const LONG: Record<string, number> = {
  "test/experiments/verdicts_test.ts": Deno.env.get("CI") ? 250 : 1,
  "test/lab/stored_test.ts": Deno.env.get("CI") ? 200 : 20,
  "test/lab/lab_test.ts": 70,
  "test/site/site_test.ts": Deno.env.get("CI") ? 250 : 50,
  "test/tfjs/suite/suite_test.ts": 50,
  "test/npm/npm_test.ts": 60,
  "test/setup/setup_test.ts": 45,
};
/** Checks the types of all: whoever runs the tests wants to see its errors first. */
const TYPES = "test/docs/types_test.ts";
/** Test files that start kernels, browsers or whole runs. */
const SLOW = /^test\/(experiments|lab|notebooks|npm|portable|setup|site|tools)\/|promises/;

const { flags, words } = readArguments("test", Deno.args, ["--one-by-one", "--no-notebooks"]);
const jobs = words.length > 0
  ? tests()
  : [...checks(), examples(), ...tests(), ...flags.has("--no-notebooks") ? [] : notebooks()];
if (jobs.length === 0) refuse(`No test file has "${words.join('" or "')}" in its path`);
// One more than there are processors: kernels, browsers and pauses leave gaps.
const lanes = flags.has("--one-by-one") ? 1 : navigator.hardwareConcurrency + 1;

const start = performance.now();
const times = readTimes();
const running = new Set<Deno.ChildProcess>();
const outcomes = new Map<Job, Outcome>();
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop(signal));
console.log(`${jobs.length} checks and test files, ${lanes} at once`);
await runAll(jobs);
if (stopping) await new Promise(() => {}); // `stop` ends the process
await writeTimes();
Deno.exit(report());

function checks(): Job[] {
  const check = (name: string, ...args: string[]) => ({ name, command: deno, args });
  return [
    check("formatting", "fmt", "--check", "--quiet"),
    check("lint", "lint", "--quiet"),
    check(
      "compiled kernels",
      ...["run", "--no-prompt", "--frozen", "--allow-read", "--allow-env", "tools/build_wasm.ts", "--check"],
    ),
  ];
}

/** The examples of docstrings. */
function examples(): Job {
  const args = ["test", "-A", "--frozen", "--no-check", "test/docs/examples.ts", "--", "lib", "experiments"];
  return { name: "examples in the documentation", command: deno, args };
}

function tests(): Job[] {
  return [...walk("test")].sort()
    .filter((path) => path.endsWith("_test.ts"))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .map((path) => ({ name: path, command: deno, args: ["test", "-A", "--frozen", "--no-check", path] }));
}

/** Every notebook at its quick size; `deno task notebooks-check` runs them at full size. */
function notebooks(): Job[] {
  return [...Deno.readDirSync("notebooks")]
    .filter(({ name }) => name.endsWith(".ipynb"))
    .map(({ name }) => name.slice(0, -".ipynb".length)).sort()
    .map((name) => ({
      name: `notebook ${name}`,
      command: Deno.build.os === "windows" ? ".venv/Scripts/python.exe" : ".venv/bin/python",
      args: ["tools/notebooks.py", "smoke", name],
    }));
}

/**
 * Checks come first, since they are quick and fail most. Then one half of the lanes takes the shortest job that is left,
 * so that failures show early, and the other half the longest, so that none is left for the end.
 */
async function runAll(all: readonly Job[]): Promise<void> {
  const urgent = all.filter(({ name }) => name in { formatting: 1, lint: 1, [TYPES]: 1 });
  // Notebooks take the trials that the tests of the papers have computed, and the index those of all.
  const last = all.filter(({ name }) => name.startsWith("notebook "))
    .sort((a, b) =>
      Number(b.name === "notebook index") - Number(a.name === "notebook index") || expected(a) - expected(b)
    );
  const rest = all.filter((job) => !urgent.includes(job) && !last.includes(job))
    .sort((a, b) => expected(a) - expected(b));
  const lane = async (index: number) => {
    for (;;) {
      const job = urgent.shift() ?? (index % 2 === 0 ? rest.pop() : rest.shift()) ?? last.pop();
      if (job === undefined) return;
      const outcome = await run(job);
      if (stopping) return;
      outcomes.set(job, outcome);
      tell(job, outcome, all.length);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
}

/** Lets what is running end by itself, since it may have kernels to end, and ends this process. */
async function stop(signal: "SIGINT" | "SIGTERM"): Promise<never> {
  if (!stopping) {
    stopping = true;
    // Ctrl-C has reached them as well; a second signal would break off what they do about it.
    if (signal === "SIGTERM") running.forEach((child) => kill(child, "SIGINT"));
    const end = performance.now() + 10_000;
    while (running.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  running.forEach((child) => kill(child, "SIGKILL"));
  Deno.exit(signal === "SIGINT" ? 130 : 143);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}

async function run({ command, args }: Job): Promise<Outcome> {
  const began = performance.now();
  let code = 1;
  let output = "";
  try {
    const child = new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: {
        NO_COLOR: "1",
        DENO_NO_UPDATE_CHECK: "1",
        // Threads of BLAS wait for each other by spinning: with several files at once they take each other's time.
        OPENBLAS_NUM_THREADS: Deno.env.get("OPENBLAS_NUM_THREADS") ?? "1",
      },
    }).spawn();
    running.add(child);
    const limit = setTimeout(() => {
      output += `\nstopped after ${LIMIT / 60_000} minutes\n`;
      kill(child, "SIGKILL");
    }, LIMIT);
    const drain = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const bytes of stream) output += decoder.decode(bytes, { stream: true });
    };
    await Promise.all([drain(child.stdout), drain(child.stderr)]);
    code = (await child.status).code;
    clearTimeout(limit);
    running.delete(child);
  } catch (error) {
    output += String(error);
  }
  const counts = [...output.matchAll(/(\d+) passed[^|\n]*\| (\d+) failed/g)].at(-1);
  const passed = Number(counts?.[1] ?? (code === 0 ? 1 : 0));
  const failed = Math.max(Number(counts?.[2] ?? 0), code === 0 ? 0 : 1);
  return { passed, failed, seconds: (performance.now() - began) / 1000, output };
}

function tell({ name }: Job, { passed, failed, seconds, output }: Outcome, total: number): void {
  const count = `${outcomes.size}`.padStart(`${total}`.length);
  const result = failed > 0 ? "FAILED" : "ok    ";
  console.log(`[${count}/${total}] ${result} ${seconds.toFixed(1).padStart(5)} s  ${name} (${passed})`);
  if (failed > 0) console.log(output);
}

/** Prints what failed, what was slow and the counts; returns the exit status. */
function report(): number {
  const all = [...outcomes].sort(([, a], [, b]) => b.seconds - a.seconds);
  const failures = all.filter(([, { failed }]) => failed > 0);
  if (failures.length > 0) console.log(`\nfailed: ${failures.map(([{ name }]) => name).join(", ")}`);
  if (all.length > 10) {
    console.log("\nthe ten slowest:");
    for (const [{ name }, { seconds }] of all.slice(0, 10)) {
      console.log(`  ${seconds.toFixed(1).padStart(5)} s  ${name}`);
    }
  }
  const minutes = (performance.now() - start) / 60_000;
  console.log(`\n${minutes.toFixed(1)} minutes`);
  const sum = (key: "passed" | "failed") => all.reduce((total, [, outcome]) => total + outcome[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
}

function expected({ name }: Job): number {
  return times[name] ?? LONG[name] ??
    (SLOW.test(name) || name.startsWith("notebook") ? 2 * UNKNOWN : UNKNOWN);
}

/** Seconds of earlier runs on this machine. */
function readTimes(): Record<string, number> {
  try {
    return JSON.parse(Deno.readTextFileSync(timesFile));
  } catch {
    return {};
  }
}

/** They only make the next run shorter, so that it does not matter if they can't be kept. */
async function writeTimes(): Promise<void> {
  for (const [{ name }, { seconds }] of outcomes) times[name] = Number(seconds.toFixed(1));
  try {
    await Deno.mkdir(".cache", { recursive: true });
    await Deno.writeTextFile(timesFile, JSON.stringify(times, null, 1) + "\n");
  } catch {
    // Not writable.
  }
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}
