import { requireInteger, requireOptions, requireString } from "../arrays/mod.ts";
import { nearest } from "../arrays/nearest.ts";
import { experiment as experimentCheck } from "./check.ts";
import { type AnyParams, type Experiment, type PresetName, presetNames } from "./experiment.ts";

/**
 * An experiment, preset or parameter that does not exist or makes no sense; the message is one sentence.
 *
 * @example
 * ```ts
 * import { ExperimentError } from "refigure/experiment";
 * import { assert } from "@std/assert";
 *
 * assert(new ExperimentError("Unknown preset") instanceof RangeError);
 * ```
 */
export class ExperimentError extends RangeError {
  /** `ExperimentError`. */
  override name = "ExperimentError";
}

/** What replaces parts of a preset. */
export interface ParameterOptions {
  /** How much to run; default `"laptop"`. */
  preset?: PresetName;
  /** Replaces some of the preset's parameters. */
  params?: Record<string, unknown>;
  /** Replaces the preset's seed. */
  seed?: number;
}

/** Seeds are split and counted upwards, so the largest one leaves room. */
const LARGEST_SEED = 2 ** 48;

/**
 * The preset's parameters with what the caller replaces, checked: a replacement must have the type of the preset's
 * value, and the experiment's own `check` must accept the whole.
 *
 * @throws {ExperimentError} naming the preset or parameter that is wrong, and what is allowed.
 *
 * @example
 * ```ts
 * import { defineExperiment, parametersOf } from "refigure/experiment";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const preset = { seed: 0, sizes: [4, 8] };
 * const experiment = defineExperiment({
 *   slug: "example",
 *   title: "An Example",
 *   paper: { authors: "A. Author", year: 2026, figure: "Figure 1" },
 *   family: "Examples",
 *   summary: "One is one.",
 *   notReproduced: "The rest.",
 *   presets: { quick: preset, laptop: preset, full: preset },
 *   trials: ({ sizes }) => sizes.map((n) => ({ n })),
 *   run: ({ n }) => [{ kind: "size", n }],
 *   figures: {},
 *   claims: [],
 * });
 * assertEquals(parametersOf(experiment, { seed: 3 }), { seed: 3, sizes: [4, 8] });
 * assertThrows(() => parametersOf(experiment, { params: { sizes: 4 } }), RangeError, "`sizes`");
 * ```
 */
export function parametersOf(experiment: Experiment, options: ParameterOptions): AnyParams {
  experimentCheck("experiment", experiment);
  requireOptions("options", options, ["preset", "params", "seed"]);
  const { preset = "laptop", params = {}, seed } = options;
  requireString("preset", preset);
  if (!presetNames.includes(preset)) {
    throw new ExperimentError(
      `Unknown preset "${preset}"${nearest(String(preset), presetNames)}; there are: ${
        presetNames.join(", ")
      }`,
    );
  }
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    throw new ExperimentError(`\`params\` must be an object of parameters, got ${JSON.stringify(params)}`);
  }
  const usual: Record<string, unknown> = experiment.presets[preset];
  const known = Object.keys(usual);
  for (const [name, value] of Object.entries(params)) {
    if (!known.includes(name)) {
      throw new ExperimentError(
        `${experiment.slug} has no parameter "${name}"${nearest(name, known)}; there are: ${
          known.join(", ")
        }`,
      );
    }
    const problem = differentType(value, usual[name]);
    if (problem !== undefined) {
      throw new ExperimentError(`Parameter \`${name}\` of ${experiment.slug} must be ${problem}`);
    }
  }
  const all = { ...usual, ...params, ...(seed === undefined ? {} : { seed }) } as AnyParams;
  requireInteger("seed", all.seed, { min: -LARGEST_SEED, max: LARGEST_SEED });
  try {
    experiment.check?.(all);
  } catch (error) {
    throw new ExperimentError(
      `${experiment.slug} refuses these parameters: ${
        error instanceof Error ? error.message : String(error)
      }`,
    );
  }
  return all;
}

/** What a value had to be, if it is not of the same type as the preset's. */
function differentType(value: unknown, usual: unknown): string | undefined {
  const given = value === undefined ? "undefined" : JSON.stringify(value) ?? String(value);
  if (Array.isArray(usual)) {
    if (!Array.isArray(value) || value.length === 0) return `a list with at least one entry, got ${given}`;
    const [first] = usual;
    const wrong = first === undefined ? undefined : value.find((item) => differentType(item, first));
    return wrong === undefined ? undefined : `a list like ${JSON.stringify(usual)}, got ${given}`;
  }
  if (typeof usual === "number") {
    return typeof value === "number" && Number.isFinite(value)
      ? undefined
      : `a finite number, got ${typeof value === "number" ? value : given}`;
  }
  if (usual === null || usual === undefined) return undefined;
  const isSame = typeof value === typeof usual && value !== null && !Array.isArray(value);
  return isSame ? undefined : `a ${typeof usual} like ${JSON.stringify(usual)}, got ${given}`;
}
