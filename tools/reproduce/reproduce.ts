/** `deno task reproduce`: re-runs papers and prints the scorecard. */
import "./quiet.ts";
import { printHelp } from "../command_line.ts";
import { type CliOptions, parseOptions, UsageError } from "./options.ts";
import { leave } from "./leave.ts";
import { printable } from "./printable.ts";
import { ProgressLine } from "./progress_line.ts";
import { ProgramPool } from "../cluster/program_pool.ts";
import { writeResults } from "./results.ts";
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { experimentSlugs, loadExperiment, runExperiment } from "../../lib/experiment/deno/mod.ts";
import { type Claim, type Run, scorecardText } from "../../lib/experiment/mod.ts";

const INTERRUPTED = 130;

/** What came of one paper. */
interface Outcome {
  slug: string;
  preset: string;
  seconds: number;
  claims: Claim[];
  /** What went wrong besides claims that do not hold, one line each. */
  problems: string[];
}

useReproducibleKernels();
leave(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  let options: CliOptions;
  try {
    options = parseOptions(args, experimentSlugs());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  if (options.help) {
    printHelp("reproduce");
    return 0;
  }
  if (options.list) return await list();
  const obstacle = await whyNotWritable(options.out);
  if (obstacle !== undefined) {
    console.error(`--out ${options.out} can't be written: ${obstacle}`);
    return 2;
  }
  return await reproduceAll(options);
}

async function list(): Promise<number> {
  let status = 0;
  for (const slug of experimentSlugs()) {
    try {
      console.log(`${slug}: ${(await loadExperiment(slug)).title}`);
    } catch (error) {
      console.log(failedLine(slug, error));
      status = 1;
    }
  }
  return status;
}

async function reproduceAll(options: CliOptions): Promise<number> {
  const { json, slugs } = options;
  const line = new ProgressLine();
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    // The first Ctrl-C ends the trials and keeps what is finished; a second one does not wait for that.
    if (stop.signal.aborted) leave(INTERRUPTED);
    stop.abort();
  });
  const outcomes: Outcome[] = [];
  for (const slug of slugs) {
    const outcome = await reproduceOne(slug, options, line, stop.signal);
    if (typeof outcome === "number") return outcome;
    outcomes.push(outcome);
  }
  const holds = outcomes.every(({ claims, problems }) =>
    problems.length === 0 && claims.every((claim) => claim.holds !== false)
  );
  if (json) {
    const papers = outcomes.map(({ problems, ...outcome }) =>
      problems.length > 0 ? { ...outcome, problems } : outcome
    );
    console.log(JSON.stringify({ papers, holds }, null, 1));
  } else if (outcomes.length > 1 && options.shard === undefined) {
    const claims = outcomes.flatMap((outcome) => outcome.claims);
    const held = claims.filter((claim) => claim.holds).length;
    console.log(`${outcomes.length} papers: ${held} of ${claims.length} claims hold.`);
  }
  return holds ? 0 : 1;
}

/**
 * One paper from its trials to its files; whatever goes wrong with it does not stop the others. An exit status if the
 * run was interrupted.
 */
async function reproduceOne(
  slug: string,
  { preset, workers, seed, timeout, shard, on, fresh, out, json }: CliOptions,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<Outcome | number> {
  const problems: string[] = [];
  let run: Run | undefined;
  const onWarning = (text: string) => {
    line.clear();
    console.error(`refigure: ${printable(text)}`);
  };
  const lost = new AbortController();
  let status = INTERRUPTED;
  try {
    const experiment = await loadExperiment(slug);
    run = await runExperiment(slug, {
      preset,
      workers,
      seed,
      timeout,
      shard,
      fresh,
      signal: AbortSignal.any([signal, lost.signal]),
      executor: on === undefined ? undefined : ({ fingerprint }) =>
        new ProgramPool({
          slug,
          expects: fingerprint,
          command: [python(), "tools/cluster/dask_pool.py", on],
          onNotice: onWarning,
          onLost(message, isUnderWay) {
            onWarning(message);
            if (!isUnderWay) status = 2;
            lost.abort();
          },
        }),
      onProgress: (progress) => line.update(progress),
      onWarning,
    });
    line.clear();
    if (run.interrupted) {
      if (status === INTERRUPTED) {
        console.error(
          `Interrupted in ${slug}. Finished trials are kept; the same command goes on from here.`,
        );
      }
      return status;
    }
    problems.push(...run.failures.map(({ label, error }) => `${label}: ${error}`));
    if (shard === undefined) {
      const unwritten = await writeResults(out, run, experiment);
      problems.push(...unwritten);
      if (!json) {
        const lines = [scorecardText(run, experiment.title), ...unwritten.map((text) => `  ✗ ${text}`)];
        console.log(printable(lines.join("\n")) + "\n");
      }
    } else if (!json) {
      console.log(`${slug}: shard ${shard.index}/${shard.count} finished, ${run.rows.length} rows are kept`);
      for (const text of problems) console.log(printable(`  ✗ ${text}`));
    }
  } catch (error) {
    line.clear();
    problems.push(error instanceof Error ? error.message : String(error));
    if (!json) console.log(printable(failedLine(slug, error)) + "\n");
  }
  return { slug, preset, seconds: run?.seconds ?? 0, claims: run?.claims ?? [], problems };
}

/** The Python of .venv, which has Dask if any has. */
function python(): string {
  return Deno.build.os === "windows" ? ".venv/Scripts/python.exe" : ".venv/bin/python";
}

function failedLine(slug: string, error: unknown): string {
  return `✗ ${slug}: ${error instanceof Error ? error.message : String(error)}`;
}

/** Why a folder can't be written into, or undefined if it can; leaves nothing behind but the folder. */
async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".writable-" }));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      return "`deno task reproduce` may write only into this project's results and .cache; " +
        `deno run -A tools/reproduce/reproduce.ts ${Deno.args.join(" ")} may write everywhere`;
    }
    return error instanceof Error ? error.message : String(error);
  }
}
