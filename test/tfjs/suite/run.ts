/**
 * Runs tfjs-core's own tests in a process of their own. By hand, for one backend:
 *
 *     deno run -A test/tfjs/suite/run.ts '{"backend":"native","only":"matmul"}'
 */
import { bundle } from "./bundle.ts";

/** What to run. */
export interface RunOptions {
  /** The backend's name. */
  backend: "cpu" | "native";
  /** Whether matrix products are compiled too. */
  blas?: "portable";
  /** Which build of the compiled kernels. Default: as the engine can. */
  kernels?: "plain";
  /** Only tests whose name has these words. */
  only?: string;
}

/** What the run writes, one object a line. */
export type Line =
  | { engine: string }
  | { started: string }
  | { name: string; status: string; messages: string[] }
  | { outside: string; messages: string[] }
  | { ended: string };

/** What came out. */
export interface Outcome {
  /** The engine of matrix products. */
  engine: string;
  /** By name (and number, where a name occurs again): "passed", "failed" or "pending". */
  statuses: Map<string, string>;
  /** Messages of tests that failed, by name. */
  messages: Map<string, string[]>;
  /** What failed outside of tests, and how the process ended if it did not reach the end. */
  troubles: string[];
}

/** Without news for so long a run hangs. */
const PATIENCE_MS = 180_000;

/** Runs a bundle. */
export async function run(program: string, options: RunOptions): Promise<Outcome> {
  const report = await Deno.makeTempFile({ prefix: "tfjs_suite_", suffix: ".jsonl" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-config", program, JSON.stringify({ ...options, report })],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: options.blas === undefined ? {} : { REFIGURE_BLAS: options.blas },
    }).spawn();
    let size = 0;
    let isHanging = false;
    const watch = setInterval(() => {
      const now = Deno.statSync(report).size;
      isHanging = now === size;
      size = now;
      if (isHanging) child.kill("SIGKILL");
    }, PATIENCE_MS);
    const { code, stderr } = await child.output();
    clearInterval(watch);
    const text = await Deno.readTextFile(report);
    const lines: Line[] = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    const outcome = read(lines);
    if (!lines.some((line) => "ended" in line)) {
      const last = lines.findLast((line) => "started" in line);
      const how = isHanging ? "hangs" : `ended with code ${code}`;
      outcome.troubles.push(`${how} in ${last?.started}: ${new TextDecoder().decode(stderr).slice(-1000)}`);
    }
    return outcome;
  } finally {
    await Deno.remove(report);
  }
}

function read(lines: Line[]): Outcome {
  const outcome: Outcome = { engine: "", statuses: new Map(), messages: new Map(), troubles: [] };
  const seen = new Map<string, number>();
  for (const line of lines) {
    if ("engine" in line) outcome.engine = line.engine;
    if ("outside" in line) outcome.troubles.push(`${line.outside}: ${line.messages.join("; ")}`);
    if (!("name" in line)) continue;
    const count = (seen.get(line.name) ?? 0) + 1;
    seen.set(line.name, count);
    const name = count === 1 ? line.name : `${line.name} (${count})`;
    outcome.statuses.set(name, line.status);
    if (line.status === "failed") outcome.messages.set(name, line.messages);
  }
  return outcome;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "tfjs_suite_" });
  const program = await bundle(folder);
  const { engine, statuses, messages, troubles } = await run(program, JSON.parse(Deno.args[0]));
  await Deno.remove(folder, { recursive: true });
  for (const [name, texts] of messages) console.log(`${name}\n    ${texts.join("\n    ").slice(0, 1000)}`);
  for (const trouble of troubles) console.log(trouble);
  console.log(`${statuses.size} tests, ${messages.size} failed, products by the ${engine} engine`);
  Deno.exit(messages.size + troubles.length > 0 ? 1 : 0);
}
