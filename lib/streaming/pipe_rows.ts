import { describeValue, requireFunction } from "../arrays/mod.ts";

/** An estimator that takes the rows of a stream. */
export interface RowSink<Row> {
  /** Takes in the next row. */
  push(row: Row): void;
}

/**
 * Pushes every row of a source into one or more estimators. Rows may arrive over time, from a
 * `ReadableStream` or any async iterable.
 *
 * @param source The rows.
 * @param sinks The estimators; each gets every row.
 * @returns The number of rows.
 * @throws {TypeError} if the source is not iterable, or a sink has no method `push`.
 *
 * @example
 * ```ts
 * import { FrequentDirections, pipeRows } from "refigure/streaming";
 * import { assertEquals } from "@std/assert";
 *
 * const sensor = ReadableStream.from([new Float64Array([1, 2]), new Float64Array([2, 4])]);
 * const sketch = new FrequentDirections({ d: 2, rows: 1 });
 * assertEquals(await pipeRows(sensor, sketch), 2);
 * ```
 */
export async function pipeRows<Row>(
  source: Iterable<Row> | AsyncIterable<Row>,
  ...sinks: RowSink<Row>[]
): Promise<number> {
  if (!isIterable(source)) {
    throw new TypeError(`\`source\` must be an iterable of rows, got ${describeValue(source)}`);
  }
  sinks.forEach((sink, i) => requireFunction(`sinks[${i}].push`, sink?.push));
  let count = 0;
  for await (const row of source) {
    for (const sink of sinks) sink.push(row);
    count++;
  }
  return count;
}

function isIterable(source: unknown): boolean {
  if (typeof source !== "object" || source === null) return false;
  return Symbol.asyncIterator in source || Symbol.iterator in source;
}
