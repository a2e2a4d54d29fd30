import {
  type Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireRealArray,
} from "../arrays/mod.ts";
import type { MeasurementOperator } from "./measurement_operator.ts";

/** Throws unless `operator` is one. @throws {TypeError | RangeError} */
export function requireOperator(operator: MeasurementOperator): MeasurementOperator {
  if (typeof operator !== "object" || operator === null) {
    throw new TypeError(`\`operator\` must be a measurement operator, got ${String(operator)}`);
  }
  requireInteger("operator.rows", operator.rows, { min: 1 });
  requireInteger("operator.columns", operator.columns, { min: 1 });
  requireNumber("operator.measurements", operator.measurements, { min: 1, finite: false });
  if (Number.isNaN(operator.measurements)) {
    throw new RangeError("`operator.measurements` must be a number, got NaN");
  }
  for (const name of ["apply", "adjoint", "normal", "residualAdjoint"] as const) {
    requireFunction(`operator.${name}`, operator[name]);
  }
  return operator;
}

/** Throws unless `operator` measures square matrices. @throws {TypeError | RangeError} */
export function requireSquare(operator: MeasurementOperator): void {
  const { rows, columns } = requireOperator(operator);
  if (rows !== columns) {
    throw new RangeError(`\`operator\` must measure square matrices, it has ${rows} x ${columns}`);
  }
}

/**
 * Throws unless `matrix` is a float64 matrix of finite numbers.
 *
 * @param purpose The start of the message, such as "Cannot start at".
 */
export function requireFiniteMatrix(name: string, matrix: Matrix, purpose: string): void {
  requireMatrix(name, matrix);
  requireRealArray(`${name}.data`, matrix.data, "float64");
  requireFinite(`${purpose} \`${name}\``, matrix.data, matrix.columns);
}

/** Throws unless `factor` can be a start: finite, with `rows` rows and at least one column. */
export function requireFactor(name: string, factor: Matrix, rows: number): void {
  requireMatrix(name, factor);
  if (factor.rows !== rows) throw new RangeError(`\`${name}\` must have ${rows} rows, got ${factor.rows}`);
  requireInteger(`${name}.columns`, factor.columns, { min: 1 });
  requireFiniteMatrix(name, factor, "Cannot start at");
}

/**
 * The steps that are recorded. The order does not matter, and each counts once; those after the last step are
 * not reached.
 *
 * @throws {RangeError} if one is not an integer of at least 0.
 */
export function requireRecord(record: readonly number[]): Set<number> {
  requireNumbers("record", record);
  for (let i = 0; i < record.length; i++) requireInteger(`record[${i}]`, record[i]);
  return new Set(record);
}
