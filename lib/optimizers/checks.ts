/** Checks that several optimizers share. Not public. */
import {
  describeValue,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireString,
} from "../arrays/mod.ts";
import type { AdamOptions, AdamWOptions } from "./adam.ts";
import type { CoefficientTable } from "./adaptive_newton.ts";
import type { NewtonSchulzCoefficients, Quintic } from "./coefficients.ts";
import type { Schedule } from "./schedule.ts";
import type { Spectrum } from "./spectrum.ts";
import type { GradientTransformation, Parameter } from "./transformation.ts";

/** More Newton-Schulz steps than this change nothing any more. */
export const MOST_STEPS = 1000;

/** Returns `value` if it can be a link of a chain. @throws {TypeError} if it cannot. */
export function requireTransformation<T extends GradientTransformation>(name: string, value: T): T {
  if (typeof value?.init === "function" && typeof value.update === "function") return value;
  const hint = typeof value === "function" ? ": was it meant to be called?" : "";
  throw new TypeError(
    `\`${name}\` must be a transformation, with \`init\` and \`update\`, got ${describeValue(value)}${hint}`,
  );
}

/** Throws unless a value is an array. */
export function requireArray(name: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) {
    throw new TypeError(`\`${name}\` must be an array, got ${describeValue(value)}`);
  }
}

/** Throws unless a value is an array of matrices. */
export function requireMatrices(name: string, value: readonly Matrix<RealArray>[]): void {
  requireArray(name, value);
  value.forEach((matrix, i) => requireMatrix(`${name}[${i}]`, matrix));
}

/** Returns `value` if it is a parameter. @throws naming the field that is wrong. */
export function requireParameter(name: string, value: Parameter): Parameter {
  requireOptions(name, value, ["name", "weights", "outputs", "shape", "label", "step"]);
  requireString(`${name}.name`, value.name);
  requireMatrix(`${name}.weights`, value.weights as Matrix<RealArray>);
  requireOneOf(`${name}.outputs`, value.outputs, ["rows", "columns"]);
  if (value.shape !== undefined) {
    requireNumbers(`${name}.shape`, value.shape);
    for (let i = 0; i < value.shape.length; i++) requireInteger(`${name}.shape[${i}]`, value.shape[i]);
  }
  if (value.label !== undefined) requireString(`${name}.label`, value.label);
  if (value.step !== undefined) requireInteger(`${name}.step`, value.step);
  return value;
}

/** Throws unless a learning rate is a number of at least 0 or a function. */
export function requireSchedule(name: string, value: Schedule): void {
  if (typeof value === "number") requireNumber(name, value, { min: 0 });
  else if (typeof value !== "function") {
    throw new TypeError(
      `\`${name}\` must be a number or a function of the step, got ${describeValue(value)}`,
    );
  }
}

/** Returns one quintic's coefficients. @throws unless there are three, all finite. */
export function requireQuintic(name: string, value: Quintic): Quintic {
  requireNumbers(name, value, { length: 3, finite: true });
  return value;
}

/** Returns a schedule of quintics. @throws unless it has 1 to 1000 of them. */
export function requireCoefficients(name: string, value: NewtonSchulzCoefficients): NewtonSchulzCoefficients {
  if (!Array.isArray(value)) {
    throw new TypeError(`\`${name}\` must be an array of triples of numbers, got ${describeValue(value)}`);
  }
  requireInteger(`${name}.length`, value.length, { min: 1, max: MOST_STEPS });
  value.forEach((quintic, i) => requireQuintic(`${name}[${i}]`, quintic));
  return value;
}

/** Names of Adam's options. */
export const ADAM = ["beta1", "beta2", "eps", "correctedEps"] as const;
/** Names of AdamW's options. */
export const ADAMW = [...ADAM, "learningRate", "weightDecay"] as const;
/** Names of the options that say which parameters go where. */
export const ROUTING = ["select", "others"] as const;

/**
 * Throws if a second moment is infinite or has vanished under its first moment, naming the first such entry.
 *
 * @param correction Factor of an entry's second moment.
 */
export function requireSecondMoment(
  name: string,
  firstMoment: RealArray,
  secondMoment: RealArray,
  correction: (entry: number) => number,
): void {
  const dtype = secondMoment instanceof Float32Array ? "float32" : "float64";
  const entry = secondMoment.findIndex((v, i) => {
    const root = Math.sqrt(v * correction(i));
    return root === Infinity || root === 0 && firstMoment[i] !== 0;
  });
  // A gradient that was NaN before is NaN now.
  if (entry < 0) return;
  const what = secondMoment[entry] === 0 ? "is zero in" : "does not fit into";
  const advice = secondMoment[entry] === 0
    ? "give a positive `eps`"
    : "scale the loss, or clip its gradients";
  throw new RangeError(
    `Cannot step ${name}: the mean square of its gradient's entry ${entry} ${what} ${dtype}; ${advice}`,
  );
}

/** Throws unless a table has one quintic per shape. */
export function requireTable(name: string, table: CoefficientTable): void {
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw new TypeError(
      `\`${name}\` must be an object of shapes and coefficients, got ${describeValue(table)}`,
    );
  }
  for (const [key, quintic] of Object.entries(table)) {
    const [short, long] = /^\d+x\d+$/.test(key) ? key.split("x").map(Number) : [NaN, NaN];
    if (!(short <= long)) {
      throw new RangeError(
        `A key of \`${name}\` must be <shorter side>x<longer side>, got ${JSON.stringify(key)}`,
      );
    }
    requireQuintic(`${name}["${key}"]`, quintic);
  }
}

/** Adam's options with their defaults. @param prefix Before every name in a message, such as "others.". */
export function requireAdam(options: AdamOptions, prefix = ""): Required<AdamOptions> {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, correctedEps = true } = options;
  requireNumber(`${prefix}beta1`, beta1, { min: 0, below: 1 });
  requireNumber(`${prefix}beta2`, beta2, { min: 0, below: 1 });
  requireNumber(`${prefix}eps`, eps, { min: 0 });
  requireBoolean(`${prefix}correctedEps`, correctedEps);
  return { beta1, beta2, eps, correctedEps };
}

/** Options of momentum, as optimizers name them: `momentum` is its decay. */
export function requireMomentum(options: { momentum?: number; nesterov?: boolean }): void {
  const { momentum = 0, nesterov = true } = options;
  requireNumber("momentum", momentum, { min: 0, below: 1 });
  requireBoolean("nesterov", nesterov);
}

/** Defaults of the AdamW of other parameters, and what was given of its options. */
export function othersWith(defaults: AdamWOptions, others: AdamWOptions = {}): AdamWOptions {
  requireOptions("others", others, ADAMW);
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given };
}

/** The norm of the scores, by default 2. @throws unless it is 1 or 2. */
export function requireNorm(norm: 1 | 2 = 2): 1 | 2 {
  if (norm === 1 || norm === 2) return norm;
  const ErrorClass = typeof norm === "number" ? RangeError : TypeError;
  throw new ErrorClass(`\`norm\` must be 1 or 2, got ${describeValue(norm)}`);
}

/** Returns a spectrum. @throws unless it has as many weights as values. */
export function requireSpectrum(name: string, value: Spectrum): Spectrum {
  requireOptions(name, value, ["values", "weights"]);
  requireRealArray(`${name}.values`, value.values, "float64");
  requireRealArray(`${name}.weights`, value.weights, "float64");
  requireLength(`${name}.weights`, value.weights, value.values.length);
  return value;
}
