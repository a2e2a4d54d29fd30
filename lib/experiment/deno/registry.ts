/** Finds every experiment: a folder `experiments/<slug>/` with a `mod.ts` is one. There is nothing to register. */
import { requireInstance, requireString } from "../../arrays/mod.ts";
import { nearest } from "../../arrays/nearest.ts";
import { experiment as experimentCheck } from "../check.ts";
import type { Experiment } from "../experiment.ts";
import { ExperimentError } from "../parameters.ts";

/** Where the experiments are: those of this project, or the folder that `REFIGURE_EXPERIMENTS` names. */
const project = projectRoot();

/**
 * The slugs of all experiments, in alphabetical order.
 *
 * @param root Folder of the experiments, ending in a slash. Default that of this project.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { experimentSlugs } from "refigure/experiment/deno";
 *
 * assert(experimentSlugs().includes("matrix-sensing-overparam"));
 * ```
 */
export function experimentSlugs(root: URL = project): string[] {
  requireInstance("root", root, URL);
  const slugs: string[] = [];
  for (const entry of Deno.readDirSync(root)) {
    if (entry.isDirectory && isFile(new URL(`${entry.name}/mod.ts`, root))) slugs.push(entry.name);
  }
  return slugs.sort();
}

/**
 * The module that defines an experiment.
 *
 * @param root Folder of the experiments, ending in a slash. Default that of this project.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { experimentUrl } from "refigure/experiment/deno";
 *
 * assert(experimentUrl("ptd").pathname.endsWith("/experiments/ptd/mod.ts"));
 * ```
 */
export function experimentUrl(slug: string, root: URL = project): URL {
  requireString("slug", slug);
  requireInstance("root", root, URL);
  return new URL(`${slug}/mod.ts`, root);
}

/**
 * Loads one experiment by its slug.
 *
 * @param root Folder of the experiments, ending in a slash. Default that of this project.
 * @throws {ExperimentError} if no experiment has this slug (the message names the nearest one), if its module cannot
 * be loaded, or if it exports no `experiment` of that slug.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { loadExperiment } from "refigure/experiment/deno";
 *
 * assertEquals((await loadExperiment("ptd")).paper.year, 2024);
 * await assertRejects(() => loadExperiment("ptt"), RangeError, 'did you mean "ptd"?');
 * ```
 */
export async function loadExperiment(slug: string, root: URL = project): Promise<Experiment> {
  requireString("slug", slug);
  const known = experimentSlugs(root);
  if (!known.includes(slug)) {
    throw new ExperimentError(
      `Unknown experiment "${slug}"${nearest(String(slug), known)}; there are: ${known.join(", ") || "none"}`,
    );
  }
  const experiment = await importExperiment(experimentUrl(slug, root));
  if (experiment.slug !== slug) {
    throw new ExperimentError(
      `experiments/${slug}/mod.ts must export \`experiment\` with slug "${slug}", it has "${experiment.slug}"`,
    );
  }
  return experiment;
}

/**
 * Loads the experiment that a module exports.
 *
 * @throws {ExperimentError} if the module cannot be loaded or exports no `experiment`; the message is one line.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { importExperiment } from "refigure/experiment/deno";
 *
 * await assertRejects(() => importExperiment(new URL("data:text/javascript,export {}")), RangeError, "exports no");
 * ```
 */
export async function importExperiment(module: URL): Promise<Experiment> {
  requireInstance("module", module, URL);
  let exported: { experiment?: Experiment };
  try {
    exported = await import(module.href);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ExperimentError(`${module.pathname} could not be loaded: ${text.split("\n")[0]}`);
  }
  if (exported.experiment === undefined) {
    throw new ExperimentError(`${module.pathname} exports no \`experiment\``);
  }
  try {
    experimentCheck("experiment", exported.experiment);
  } catch (error) {
    throw new ExperimentError(`${module.pathname} is no experiment: ${(error as Error).message}`);
  }
  return exported.experiment;
}

function projectRoot(): URL {
  const variable = "REFIGURE_EXPERIMENTS";
  const isReadable = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  const folder = isReadable ? Deno.env.get(variable) : undefined;
  return folder === undefined || folder === ""
    ? new URL("../../../experiments/", import.meta.url)
    : new URL(`${folder.replace(/\/$/, "")}/`, `file://${Deno.cwd()}/`);
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
