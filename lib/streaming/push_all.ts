/** What takes in the rows of a stream. */
export interface RowSink<Row> {
  /** Takes in the next row. */
  push(row: Row): void;
}

/**
 * Pushes every row of a source, which may come in over time (a `ReadableStream` or any async iterable), into
 * some estimators, and says how many there were.
 *
 * @example
 * ```ts
 * import { FrequentDirections, pushAll } from "refigure/streaming";
 * import { assertEquals } from "@std/assert";
 *
 * const sensor = ReadableStream.from([new Float64Array([1, 2]), new Float64Array([2, 4])]);
 * const sketch = new FrequentDirections({ d: 2, rows: 1 });
 * assertEquals(await pushAll(sensor, sketch), 2);
 * ```
 */
export async function pushAll<Row>(
  source: Iterable<Row> | AsyncIterable<Row>,
  ...sinks: RowSink<Row>[]
): Promise<number> {
  let count = 0;
  for await (const row of source) {
    for (const sink of sinks) sink.push(row);
    count++;
  }
  return count;
}
