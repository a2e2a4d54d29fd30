/**
 * Memory against the length of a stream, in processes of their own: `deno run memory.ts METHOD ROWS` prints by how many
 * megabytes the process has grown.
 */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { FrequentDirections, OjaStream } from "../../lib/streaming/mod.ts";
import type { Point } from "./curve.ts";

/** Length of a row. */
export const DIMENSION = 256;

/** What takes in the rows. */
const METHODS: Record<string, (rows: number) => (row: Float64Array, index: number) => void> = {
  "all rows in a matrix"(rows) {
    const all = Matrix.zeros(rows, DIMENSION);
    return (row, index) => all.row(index).set(row);
  },
  "Frequent Directions, 32 rows"() {
    const sketch = new FrequentDirections({ d: DIMENSION, rows: 32 });
    return (row) => sketch.push(row);
  },
  "Oja's method"() {
    const stream = new OjaStream({ d: DIMENSION, learningRate: 1e-4, rng: new Rng(0) });
    return (row) => stream.push(row);
  },
};

/** Names of the methods. */
export const methods: readonly string[] = Object.keys(METHODS);

/** Megabytes by which a process grows while it takes in so many rows, for each method. */
export async function memoryPoints(sizes: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for (const curve of methods) {
    for (const size of sizes) {
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          decodeURIComponent(new URL(import.meta.url).pathname),
          curve,
          String(size),
        ],
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      points.push({ curve, size, value: Number(new TextDecoder().decode(stdout)) });
    }
  }
  return points;
}

if (import.meta.main) {
  const [method, rows] = [Deno.args[0], Number(Deno.args[1])];
  const rng = new Rng(1);
  const warm = METHODS[method](1000);
  for (let i = 0; i < 1000; i++) warm(rng.normals(DIMENSION), i);
  const before = Deno.memoryUsage().rss;
  const push = METHODS[method](rows);
  let largest = before;
  for (let i = 0; i < rows; i++) {
    push(rng.normals(DIMENSION), i);
    if (i % 256 === 255) largest = Math.max(largest, Deno.memoryUsage().rss);
  }
  console.log((largest - before) / 1e6);
}
