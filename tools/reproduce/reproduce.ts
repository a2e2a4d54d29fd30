/** `deno task reproduce`: re-runs papers and prints the scorecard. */
import "./quiet.ts";
import { type CliOptions, help, parseOptions, UsageError } from "./options.ts";
import { ProgressLine } from "./progress_line.ts";
import { writeResults } from "./results.ts";
import { experimentSlugs, loadExperiment, type Run, runExperiment } from "../../lib/experiment/runner.ts";
import { scorecardText } from "../../lib/experiment/scorecard.ts";

const INTERRUPTED = 130;

Deno.exit(await main(Deno.args));

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
    console.log(help);
    return 0;
  }
  if (options.list) {
    for (const slug of experimentSlugs()) console.log(`${slug}: ${(await loadExperiment(slug)).title}`);
    return 0;
  }
  const obstacle = await whyNotWritable(options.out);
  if (obstacle !== undefined) {
    console.error(`--out ${options.out} can't be written: ${obstacle}`);
    return 2;
  }
  return await reproduceAll(options);
}

async function reproduceAll(options: CliOptions): Promise<number> {
  const { json, out, slugs, preset, workers, seed, fresh } = options;
  const line = new ProgressLine();
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    // The first Ctrl-C ends the trials and keeps what is finished; a second one does not wait for that.
    if (stop.signal.aborted) Deno.exit(INTERRUPTED);
    stop.abort();
  });
  const runs: Run[] = [];
  for (const slug of slugs) {
    const run = await runExperiment(slug, {
      preset,
      workers,
      seed,
      fresh,
      signal: stop.signal,
      onProgress: (progress) => line.update(progress),
      onWarning: (text) => {
        line.clear();
        console.error(`refigure: ${text}`);
      },
    });
    line.clear();
    if (run.interrupted) {
      console.error(`Interrupted in ${slug}. Finished trials are kept; the same command goes on from here.`);
      return INTERRUPTED;
    }
    await writeResults(out, run);
    runs.push(run);
    if (!json) console.log(scorecardText(run, (await loadExperiment(slug)).title) + "\n");
  }
  const holds = runs.every(({ claims, failures }) =>
    failures.length === 0 && claims.every((claim) => claim.holds !== false)
  );
  if (json) {
    const papers = runs.map(({ slug, preset, seconds, claims, failures }) => ({
      slug,
      preset,
      seconds,
      claims,
      ...(failures.length > 0 ? { failures } : {}),
    }));
    console.log(JSON.stringify({ papers, holds }, null, 1));
  } else if (runs.length > 1) {
    const claims = runs.flatMap((run) => run.claims);
    const held = claims.filter((claim) => claim.holds).length;
    console.log(`${runs.length} papers: ${held} of ${claims.length} claims hold.`);
  }
  return holds ? 0 : 1;
}

/** Why a folder can't be written into, or undefined if it can; leaves nothing behind but the folder. */
async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".writable-" }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
