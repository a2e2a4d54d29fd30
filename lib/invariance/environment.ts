import {
  describeValue,
  Matrix,
  type RealArray,
  requireFinite,
  requireInstance,
  requireInteger,
  requireLength,
  requireMatrix,
} from "../arrays/mod.ts";
import { DenseNetwork } from "../networks/mod.ts";

/** Labelled examples that come from one distribution. */
export interface Environment {
  /** One example per row. */
  inputs: Matrix<RealArray>;
  /** One per example, 0 or 1. */
  labels: Uint8Array;
}

/**
 * @throws {RangeError} unless there are `length` labels, each 0 or 1.
 * @throws {TypeError} for another type.
 */
export function requireBinaryLabels(name: string, labels: Uint8Array, length: number): Uint8Array {
  requireLength(name, requireInstance(name, labels, Uint8Array), length);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] > 1) throw new RangeError(`\`${name}[${i}]\` must be 0 or 1, got ${labels[i]}`);
  }
  return labels;
}

/**
 * @throws {RangeError} unless there are examples, finite and with labels.
 * @throws {TypeError} for another type.
 */
export function requireEnvironment(name: string, environment: Environment): Environment {
  if (typeof environment !== "object" || environment === null) {
    throw new TypeError(`\`${name}\` must be an object, got ${describeValue(environment)}`);
  }
  const { rows, data, columns } = requireMatrix(`${name}.inputs`, environment.inputs);
  requireInteger(`${name}.inputs.rows`, rows, { min: 1 });
  requireFinite(`\`${name}.inputs\` must be finite`, data, columns);
  requireBinaryLabels(`${name}.labels`, environment.labels, rows);
  return environment;
}

/** @throws {RangeError} unless there are at least `min` environments for a network. @throws {TypeError} */
export function requireEnvironments(
  name: string,
  environments: readonly Environment[],
  network: DenseNetwork<"float32">,
  min: number,
): void {
  requireBinaryNetwork(network);
  if (!Array.isArray(environments)) {
    throw new TypeError(`\`${name}\` must be an array, got ${describeValue(environments)}`);
  }
  requireInteger(`${name}.length`, environments.length, { min });
  environments.forEach((environment, e) => {
    const { columns } = requireEnvironment(`${name}[${e}]`, environment).inputs;
    if (columns !== network.widths[0]) {
      throw new RangeError(
        `\`${name}[${e}].inputs\` must have ${network.widths[0]} columns, as the network, got ${columns}`,
      );
    }
  });
}

/**
 * @throws {RangeError} unless the network has one output.
 * @throws {TypeError} if it is not one in float32.
 */
function requireBinaryNetwork(network: DenseNetwork<"float32">): void {
  requireInstance("network", network, DenseNetwork);
  if (network.dtype !== "float32") {
    throw new TypeError(`\`network\` must have dtype "float32", got ${JSON.stringify(network.dtype)}`);
  }
  const outputs = network.widths[network.depth];
  if (outputs !== 1) throw new RangeError(`\`network\` must have one output, got ${outputs}`);
}

/** The rows of an environment that are listed, in float32. */
export function takeRows(inputs: Matrix<RealArray>, indices: ArrayLike<number>): Matrix<Float32Array> {
  const width = inputs.columns;
  const out = new Matrix(indices.length, width, new Float32Array(indices.length * width));
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * width;
    out.data.set(inputs.data.subarray(from, from + width), i * width);
  }
  return out;
}
