/**
 * Trials per second against the number of workers: of this machine, and of a Dask cluster on it. In a process of its own
 * (`deno run workers.ts` prints the points), which computes with the kernels of `reproduce`; the other curves take the
 * fastest, and a process has one set.
 */
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { type Executor, WorkerPool } from "../../lib/experiment/mod.ts";
import { fingerprint } from "../../lib/experiment/deno/fingerprint.ts";
import { linesOf } from "../../lib/experiment/deno/lines.ts";
import { ProcessWorker } from "../../lib/experiment/deno/process_worker.ts";
import { ProgramPool } from "../../tools/cluster/program_pool.ts";
import type { Point } from "./curve.ts";
import { experiment } from "./work/mod.ts";

const project = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const python = `${project}.venv/bin/python`;
const module = new URL("./work/mod.ts", import.meta.url);

/** Names of the two curves. */
export const LOCAL = "workers of reproduce";
export const DASK = "Dask workers";

/** All points. */
export async function workersPoints(): Promise<Point[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", decodeURIComponent(new URL(import.meta.url).pathname)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("trials per second could not be measured");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Trials per second with each number of workers of this machine. */
async function localRates(numbers: readonly number[], trialsPerWorker: number): Promise<Point[]> {
  const points: Point[] = [];
  for (const workers of numbers) {
    const makeWorker = () => new ProcessWorker();
    const value = await rateOf(
      () => new WorkerPool(module.href, { workers, makeWorker }),
      workers,
      trialsPerWorker,
    );
    points.push({ curve: LOCAL, size: workers, value });
  }
  return points;
}

/** Trials per second with each number of worker processes of a cluster; nothing if Dask is not installed. */
async function daskRates(numbers: readonly number[], trialsPerWorker: number): Promise<Point[]> {
  if (!await hasDask()) return [];
  // As `reproduce` does: the workers compute with these kernels and refuse others.
  useReproducibleKernels();
  const expects = await fingerprint(module);
  const points: Point[] = [];
  for (const workers of numbers) {
    const cluster = new Deno.Command(python, {
      args: ["tools/cluster/cluster.py", "--workers", String(workers), "--port", "0"],
      cwd: project,
      stdout: "piped",
      stderr: "null",
      env: { REFIGURE_EXPERIMENTS: `${project}bench/scaling` },
    }).spawn();
    try {
      const address = await addressOf(cluster.stdout);
      const pool = (): Executor => {
        const own = new ProgramPool({
          slug: experiment.slug,
          expects,
          command: [python, `${project}tools/cluster/dask_pool.py`, address],
          onNotice: () => {},
          onLost(message) {
            console.error(message);
            own.end();
          },
        });
        return own;
      };
      points.push({ curve: DASK, size: workers, value: await rateOf(pool, workers, trialsPerWorker) });
    } finally {
      cluster.kill("SIGTERM");
      await cluster.status;
    }
  }
  return points;
}

/** Trials per second once all workers have started: from the end of their second trials to the end of all. */
async function rateOf(makePool: () => Executor, workers: number, trialsPerWorker: number): Promise<number> {
  const trials = experiment.trials({ seed: 0, seeds: workers * trialsPerWorker });
  const ends: number[] = [];
  let problem: string | undefined;
  const pool = makePool();
  await pool.runAll(trials, {
    start() {},
    report() {},
    rows: () => void ends.push(performance.now()),
    error: (_, { message }) => void (problem ??= message),
  });
  pool.end();
  if (problem !== undefined || ends.length !== trials.length) {
    throw new Error(`${ends.length} of ${trials.length} trials finished${problem ? `: ${problem}` : ""}`);
  }
  const first = 2 * workers;
  return 1000 * (ends.length - first) / (ends.at(-1)! - ends[first - 1]);
}

async function hasDask(): Promise<boolean> {
  try {
    const command = new Deno.Command(python, {
      args: ["-c", "import distributed"],
      stdout: "null",
      stderr: "null",
    });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/** The scheduler's address, which the cluster prints when its workers are ready. */
async function addressOf(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const lines = linesOf(stdout);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error("the cluster did not start");
    const [, place] = /dask:\/\/(\S+)/.exec(value) ?? [];
    if (place !== undefined) return `tcp://${place}`;
  }
}

if (import.meta.main) {
  const trialsPerWorker = 40;
  const points = [
    ...await localRates([1, 2, 3, 4, 5, 6, 7, 8], trialsPerWorker),
    ...await daskRates([1, 2, 3, 4], trialsPerWorker),
  ];
  console.log(JSON.stringify(points));
  Deno.exit(0);
}
