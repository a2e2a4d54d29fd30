import { Matrix, requireInstance, requireInteger, requireLength, requireMatrix } from "../arrays/mod.ts";

/** A loss over a batch. */
export interface CrossEntropy {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** Its gradient by the logits, in their shape. */
  gradient: Matrix;
}

/**
 * Mean cross-entropy of the softmax of logits, and its gradient, (softmax - one-hot) / rows.
 *
 * @returns The loss, NaN if a logit is NaN.
 * @throws {RangeError} if there are no rows, or not one label per row, or a label is not a column.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { softmaxCrossEntropy } from "refigure/training";
 * import { assertEquals } from "@std/assert";
 *
 * const { loss, gradient } = softmaxCrossEntropy(Matrix.fromRows([[0, 0]]), Int32Array.of(0));
 * assertEquals(loss, Math.LN2);
 * assertEquals(gradient.toRows(), [[-0.5, 0.5]]);
 * ```
 */
export function softmaxCrossEntropy(logits: Matrix, labels: Int32Array): CrossEntropy {
  requireClasses(logits, labels);
  const { rows, columns, data } = logits;
  const gradient = Matrix.zeros(rows, columns);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    const label = labels[i];
    let max = -Infinity;
    let sum = 0;
    for (let j = 0; j < columns; j++) max = Math.max(max, data[at + j]);
    for (let j = 0; j < columns; j++) sum += Math.exp(data[at + j] - max);
    loss += Math.log(sum) + max - data[at + label];
    for (let j = 0; j < columns; j++) {
      gradient.data[at + j] = (Math.exp(data[at + j] - max) / sum - (j === label ? 1 : 0)) / rows;
    }
  }
  return { loss: loss / rows, gradient };
}

/**
 * Fraction of the rows whose largest logit is not that of the label.
 *
 * @returns NaN if a logit is NaN.
 * @throws {RangeError} if there are no rows, or not one label per row, or a label is not a column.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { classificationError } from "refigure/training";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(classificationError(Matrix.fromRows([[3, 1], [0, 2]]), Int32Array.of(0, 0)), 0.5);
 * ```
 */
export function classificationError(logits: Matrix, labels: Int32Array): number {
  requireClasses(logits, labels);
  let wrong = 0;
  for (let i = 0; i < logits.rows; i++) {
    const row = logits.row(i);
    if (row.some(Number.isNaN)) return NaN;
    if (row.some((z) => z > row[labels[i]])) wrong++;
  }
  return wrong / logits.rows;
}

function requireClasses(logits: Matrix, labels: Int32Array): void {
  requireInteger("logits.rows", requireMatrix("logits", logits).rows, { min: 1 });
  requireLabels(labels, logits.rows, logits.columns);
}

/** Throws unless there is one label per row, each a class. @throws {RangeError | TypeError} */
export function requireLabels(labels: Int32Array, rows: number, classes: number): void {
  requireLength("labels", requireInstance("labels", labels, Int32Array), rows);
  for (let i = 0; i < labels.length; i++) {
    if (!(labels[i] >= 0 && labels[i] < classes)) {
      requireInteger(`labels[${i}]`, labels[i], { max: classes - 1 });
    }
  }
}
