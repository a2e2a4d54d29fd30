import {
  describeValue,
  requireInstance,
  requireInteger,
  requireLength,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { type FixedActivation, fixedActivation } from "./activation.ts";

/** Forms of the denominator; see {@linkcode RationalCoefficients}. */
export const PADE_FORMS = ["abs-of-sum", "sum-of-abs"] as const;

/**
 * How the denominator avoids zeros. `"abs-of-sum"`: `1 + |b1 x + ... + b4 x^4|`, the paper's formula.
 * `"sum-of-abs"`: `1 + |b1 x| + ... + |b4 x^4|`, which the released GPU kernels compute.
 */
export type PadeForm = typeof PADE_FORMS[number];

/** Coefficients of the numerator: powers 0 to 5. */
export const NUMERATOR_SIZE = 6;

/** Coefficients of a group's denominator: powers 1 to 4. */
export const DENOMINATOR_SIZE = 4;

/**
 * A learnable activation: rational functions P(x) / Q(x) of degrees 5 and 4, one per group of channels, with
 * a numerator that all groups share (Yang & Wang 2024; "Padé activation units" of Molina et al. 2020).
 * `Q >= 1` in both forms, so there are no poles.
 */
export interface RationalCoefficients {
  /** a0 to a5, shared by all groups. */
  numerator: Float64Array;
  /** b1 to b4 of the first group, then of the next ones: 4 `groups` numbers. */
  denominator: Float64Array;
  /** Number of groups. */
  groups: number;
  /** Form of the denominator. */
  form: PadeForm;
}

/** Name of a published table of coefficients. */
export type RationalPreset =
  | "identity"
  | "swish"
  | "gelu"
  | "gelu_old"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "geglu"
  | "swishglu";

interface Table {
  numerator: readonly number[];
  denominator: readonly number[];
  /** Form of the denominator for which the table was fitted. */
  fittedFor: readonly PadeForm[];
  target: FixedActivation;
}

/** Coefficients that were published with the paper, fitted on [-3, 3]. */
const TABLES: Record<RationalPreset, Table> = {
  identity: {
    numerator: [0, 1, 0, 0, 0, 0],
    denominator: [0, 0, 0, 0],
    fittedFor: PADE_FORMS,
    target: "identity",
  },
  swish: {
    numerator: [
      3.054879741161051e-07,
      0.5000007853744493,
      0.24999783422824703,
      0.05326628273219478,
      0.005803034571292244,
      0.0002751961022402342,
    ],
    denominator: [
      -4.111554955950634e-06,
      0.10652899335007572,
      -1.2690007399796238e-06,
      0.0005502331264140556,
    ],
    fittedFor: PADE_FORMS,
    target: "silu",
  },
  gelu: {
    numerator: [-0.00153969, 0.51692871, 0.44075827, 0.0972553, -0.00884418, -0.00378675],
    denominator: [-0.14171056, -0.06481231, -0.0444695, 0.01283776],
    fittedFor: ["abs-of-sum"],
    target: "gelu",
  },
  gelu_old: {
    numerator: [
      -0.0012423594497499122,
      0.5080497063245629,
      0.41586363182937475,
      0.13022718688035761,
      0.024355900098993424,
      0.00290283948155535,
    ],
    denominator: [
      -0.06675015696494944,
      0.17927646217001553,
      0.03746682605496631,
      1.6561610853276082e-10,
    ],
    fittedFor: ["sum-of-abs"],
    target: "gelu",
  },
  tanh: {
    numerator: [
      -1.0804622559204184e-08,
      1.0003008043819048,
      -2.5878199375289335e-08,
      0.09632129918392647,
      3.4775841628196104e-09,
      0.0004255709234726337,
    ],
    denominator: [
      -0.0013027181209176277,
      0.428349017422072,
      1.4524304083061898e-09,
      0.010796648111337176,
    ],
    fittedFor: ["sum-of-abs"],
    target: "tanh",
  },
  sigmoid: {
    numerator: [
      0.4999992534599381,
      0.25002157564685185,
      0.14061924500301096,
      0.049420492431596394,
      0.00876714851885483,
      0.0006442412789159799,
    ],
    denominator: [
      2.1694506382753683e-09,
      0.28122766100417684,
      1.0123620714203357e-05,
      0.017531988049946,
    ],
    fittedFor: PADE_FORMS,
    target: "sigmoid",
  },
  relu: {
    numerator: [
      0.029963801610813613,
      0.6168978366891341,
      2.37534759733888,
      3.0659900472408443,
      1.5246831881677423,
      0.2528070864040542,
    ],
    denominator: [
      -1.191550121923625,
      4.4080487697236626,
      0.9110357113686055,
      0.34884977946384615,
    ],
    fittedFor: ["sum-of-abs"],
    target: "relu",
  },
  geglu: {
    numerator: [0.00079642, -0.00602563, 0.49750578, 0.47691076, 0.15421425, 0.0168486],
    denominator: [-0.12619161, -0.20067464, -0.03005465, 0.0027335],
    fittedFor: ["abs-of-sum"],
    target: "geglu",
  },
  swishglu: {
    numerator: [-0.00111528, -0.00334562, 0.53107663, 0.27851476, 0.06044361, 0.00483468],
    denominator: [0.14408492, 0.02008671, 0.02944107, -0.00329516],
    fittedFor: ["abs-of-sum"],
    target: "swishglu",
  },
};

/** All names of {@linkcode rationalPreset}. */
export const RATIONAL_PRESETS = Object.keys(TABLES) as readonly RationalPreset[];

/** The published table of a name. @throws {TypeError} */
function tableOf(name: RationalPreset): Table {
  return TABLES[requireOneOf("name", name, RATIONAL_PRESETS)];
}

/** Options of {@linkcode rationalPreset}. */
export interface RationalPresetOptions {
  /** Number of groups, all with the same denominator at the start. Default 8. */
  groups?: number;
  /** Form of the denominator. Default `"abs-of-sum"`. */
  form?: PadeForm;
}

/** Tables of which a wrong use was reported. */
const reported = new Set<string>();

/**
 * Published coefficients of a rational activation (the release's `init.json`), as a start for training.
 *
 * Each table was fitted for one form of the denominator, some work in both. Asking for another form warns
 * once on the console: `gelu` with `"sum-of-abs"`, as the released GPU kernel evaluates it, is 1.53 at x = 3
 * instead of 3.00. `swish`, which the paper's models use, is right in both forms.
 *
 * @throws {RangeError} if `groups` is not a positive integer.
 * @throws {TypeError} if there is no preset, form or option of the name.
 *
 * @example
 * ```ts
 * import { rationalPreset } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * const { numerator, denominator } = rationalPreset("identity", { groups: 2 });
 * assertEquals([...numerator], [0, 1, 0, 0, 0, 0]);
 * assertEquals(denominator.length, 8);
 * ```
 */
export function rationalPreset(
  name: RationalPreset,
  options: RationalPresetOptions = {},
): RationalCoefficients {
  const { numerator, denominator, fittedFor } = tableOf(name);
  requireOptions("options", options, ["groups", "form"]);
  const { groups = 8, form = "abs-of-sum" } = options;
  requireInteger("groups", groups, { min: 1, max: 2 ** 24 });
  requireOneOf("form", form, PADE_FORMS);
  if (!fittedFor.includes(form) && !reported.has(`${name} ${form}`)) {
    reported.add(`${name} ${form}`);
    console.warn(
      `refigure: the coefficients of "${name}" were fitted for the form "${fittedFor[0]}"; with "${form}" ` +
        "they are another function.",
    );
  }
  const repeated = new Float64Array(DENOMINATOR_SIZE * groups);
  for (let g = 0; g < groups; g++) repeated.set(denominator, DENOMINATOR_SIZE * g);
  return { numerator: Float64Array.from(numerator), denominator: repeated, groups, form };
}

/**
 * The function that a published table approximates on [-3, 3].
 *
 * @returns A function of one number.
 * @throws {TypeError} if there is no preset of the name.
 *
 * @example
 * ```ts
 * import { presetTarget } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presetTarget("relu")(-2), 0);
 * ```
 */
export function presetTarget(name: RationalPreset): (x: number) => number {
  return fixedActivation(tableOf(name).target);
}

/**
 * The forms of the denominator for which a published table gives the function that it is named after.
 *
 * @throws {TypeError} if there is no preset of the name.
 *
 * @example
 * ```ts
 * import { presetForms } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presetForms("gelu"), ["abs-of-sum"]);
 * assertEquals(presetForms("relu"), ["sum-of-abs"]);
 * ```
 */
export function presetForms(name: RationalPreset): PadeForm[] {
  return [...tableOf(name).fittedFor];
}

/**
 * Returns `coefficients` if they are coefficients of rational functions.
 *
 * @throws {TypeError} if a field is of the wrong type, or the form is unknown.
 * @throws {RangeError} if a length does not fit, or a coefficient is not finite.
 */
export function requireRational(name: string, coefficients: RationalCoefficients): RationalCoefficients {
  if (typeof coefficients !== "object" || coefficients === null) {
    throw new TypeError(`\`${name}\` must be rational coefficients, got ${describeValue(coefficients)}`);
  }
  const { numerator, denominator, groups, form } = coefficients;
  requireInteger(`${name}.groups`, groups, { min: 1 });
  requireInstance(`${name}.numerator`, numerator, Float64Array);
  requireInstance(`${name}.denominator`, denominator, Float64Array);
  requireOneOf(`${name}.form`, form, PADE_FORMS);
  requireLength(`${name}.numerator`, numerator, NUMERATOR_SIZE);
  requireLength(`${name}.denominator`, denominator, DENOMINATOR_SIZE * groups);
  for (const part of ["numerator", "denominator"] as const) {
    coefficients[part].forEach((value, i) => {
      if (!Number.isFinite(value)) {
        throw new RangeError(`\`${name}.${part}\` must be finite: entry ${i} is ${value}`);
      }
    });
  }
  return coefficients;
}

/** Channels per group. @throws {RangeError} */
export function channelsPerGroup(channels: number, groups: number): number {
  if (channels % groups !== 0) {
    throw new RangeError(
      `\`channels\` must be a multiple of the number of groups ${groups}, got ${channels}`,
    );
  }
  return channels / groups;
}
