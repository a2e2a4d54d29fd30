/**
 * Finds every experiment: a folder `experiments/<slug>/` with a `mod.ts` is one. There is nothing to
 * register.
 *
 * @module
 */
import type { Experiment } from "./experiment.ts";
import { nearest } from "./nearest.ts";

const root = new URL("../../experiments/", import.meta.url);

/** An experiment that could not be found or loaded; the message is one sentence for the user. */
export class ExperimentError extends RangeError {
  override name = "ExperimentError";
}

/**
 * The slugs of all experiments, in alphabetical order.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { experimentSlugs } from "./registry.ts";
 *
 * assert(experimentSlugs().includes("matrix-sensing-overparam"));
 * ```
 */
export function experimentSlugs(): string[] {
  const slugs: string[] = [];
  for (const entry of Deno.readDirSync(root)) {
    if (entry.isDirectory && isFile(new URL(`${entry.name}/mod.ts`, root))) slugs.push(entry.name);
  }
  return slugs.sort();
}

/** The module that defines the experiment. */
export function experimentUrl(slug: string): URL {
  return new URL(`${slug}/mod.ts`, root);
}

/**
 * Loads one experiment.
 *
 * @throws {ExperimentError} If no experiment has this slug (the message names the nearest one), or if its
 * module exports no `experiment` of that slug.
 */
export async function loadExperiment(slug: string): Promise<Experiment> {
  const known = experimentSlugs();
  if (!known.includes(slug)) {
    throw new ExperimentError(
      `Unknown experiment "${slug}"${nearest(slug, known)}; there are: ${known.join(", ") || "none"}`,
    );
  }
  const { experiment } = await import(experimentUrl(slug).href) as { experiment?: Experiment };
  if (experiment?.slug !== slug) {
    throw new ExperimentError(
      `experiments/${slug}/mod.ts must export \`experiment\` with slug "${slug}", it has "${experiment?.slug}"`,
    );
  }
  return experiment;
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
