/**
 * Everything that the library exports, called with bad arguments: wrong classes, numbers out of range, NaN,
 * misspelt options. No call may end or hang the process, every error is one of the library's own, a value of
 * the wrong type or an unknown option is a TypeError, and NaN is not swallowed.
 *
 * In continuous integration a sixth of the entry points has its turn a day.
 * The exports, their types and their examples come from `deno doc --json`, so a new export is in it.
 * `FUZZ=refigure/ssm deno test -A test/docs/fuzz_test.ts` fuzzes one entry point and prints all problems.
 */
import { assert, assertEquals } from "@std/assert";
import { hasTurn } from "../turns.ts";
import { deno, entryPoints, root } from "./entry_points.ts";
import { type EntryPointDoc, entryPointDoc } from "./fuzz/signatures.ts";

/** A call that shows no sign of life for so long, in seconds, hangs. */
const LIMIT = Number(Deno.env.get("FUZZ_LIMIT") ?? 30);

const only = Deno.env.get("FUZZ");

interface Problem {
  id: string;
  what: string;
  problem: string;
}

interface Report {
  problems: Problem[];
  calls: number;
  callables: number;
  /** How many callables no example calls, so that their other arguments were guessed. */
  guesses: number;
}

/** Fuzzes one entry point; a child process that dies or hangs is a problem, and another one goes on from there. */
async function fuzz(name: string, url: URL, doc: EntryPointDoc, folder: string): Promise<Report> {
  const file = `${folder}/${name.replaceAll("/", "-")}.json`;
  await Deno.writeTextFile(file, JSON.stringify({ name, url: url.href, doc }));
  const report: Report = { problems: [], calls: 0, callables: 0, guesses: 0 };
  let next = 0;
  for (let round = 0; round < 50; round++) {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "--allow-read",
        "--allow-env",
        "--allow-ffi",
        "--allow-sys",
        `--allow-write=${folder}`,
        `--config=${new URL("deno.json", root).pathname}`,
        new URL("test/docs/fuzz/child.ts", root).pathname,
        file,
        String(next),
      ],
      cwd: root,
      // Threads of BLAS wait for each other by spinning, which on a busy machine takes twenty times as long.
      env: { NO_COLOR: "1", OPENBLAS_NUM_THREADS: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(process.stderr).text();
    let last = "";
    let finished = false;
    let hangs = false;
    let watch: ReturnType<typeof setTimeout> | undefined;
    const expectLife = () => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        hangs = true;
        process.kill("SIGKILL");
      }, LIMIT * 1000);
    };
    expectLife();
    let rest = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      expectLife();
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("> ")) {
          last = line.slice(2);
          report.calls++;
        } else if (line.startsWith("! ")) report.problems.push(JSON.parse(line.slice(2)));
        else if (line.startsWith(". ")) {
          const { callables, guesses } = JSON.parse(line.slice(2));
          report.callables = callables;
          report.guesses = guesses;
          finished = true;
        }
      }
    }
    clearTimeout(watch);
    await process.status;
    const said = await stderr;
    if (finished) return report;
    if (last === "") throw new Error(`${name} cannot be fuzzed: ${said}`);
    const [index, ...title] = last.split(" ");
    next = Number(index) + 1;
    const [id, what] = title.join(" ").split(/\((.*)\)$/s);
    report.problems.push({
      id,
      what,
      problem: hangs ? "hangs" : `ends the process: ${said.trim().split("\n").at(-1)}`,
    });
  }
  return report;
}

const wanted = entryPoints().filter(({ name }, i) =>
  name !== "refigure" && (only === undefined ? !Deno.env.get("CI") || hasTurn(i) : name === only)
);

/** All reports, a few entry points at a time, started by the first test. */
let all: Map<string, Promise<Report>> | undefined;

async function start(): Promise<Map<string, Promise<Report>>> {
  const folder = await Deno.makeTempDir();
  const read = async (urls: string[]) => {
    const { code, stdout, stderr } = await deno("doc", "--json", ...urls);
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const everything = await read(
    entryPoints().filter(({ name }) => name !== "refigure").map(({ url }) => url.href),
  );
  const reports = new Map<string, Promise<Report>>();
  const queue = Array.from({ length: Math.max(2, navigator.hardwareConcurrency) }, () => Promise.resolve());
  wanted.forEach(({ name, url }, i) => {
    const run = queue[i % queue.length].then(async () =>
      await fuzz(name, url, entryPointDoc(await read([url.href]), everything), folder)
    );
    reports.set(name, run);
    queue[i % queue.length] = run.then(() => {}, () => {});
  });
  Promise.all(queue).then(() => Deno.remove(folder, { recursive: true }));
  return reports;
}

for (const { name } of wanted) {
  Deno.test({
    name: `fuzz: ${name} refuses bad arguments`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      all ??= await start();
      const { problems, calls, callables, guesses } = await all.get(name)!;
      const lines = problems.map(({ id, what, problem }) => `${id}(${what}): ${problem}`);
      if (only !== undefined) {
        console.log([...lines, `${problems.length} problems in ${calls} calls`].join("\n"));
      }
      assert(calls >= 20 * callables, `${calls} calls of ${callables} callables`);
      assert(guesses <= callables / 2, `${guesses} of ${callables} callables are called by no example`);
      const shown = lines.slice(0, 60).join("\n  ");
      assert(lines.length === 0, `${lines.length} problems in ${calls} calls:\n  ${shown}`);
    },
  });
}
