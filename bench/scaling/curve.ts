/** How the time of something grows with its size. */
import { mean } from "simple-statistics";
import { processorTime } from "../clock.ts";

/** Something to time at several sizes. */
export interface Curve {
  /** What is timed, such as `gram, n x n`. */
  name: string;
  /** What grows, such as `L`. */
  axis: string;
  /** The sizes, smallest first. */
  sizes: readonly number[];
  /** The power of the size by which the number of operations grows, at large sizes. */
  power: number;
  /** Prepares one size and returns a call of it. */
  setup(size: number): (() => void) | Promise<() => void>;
  /** Frees what was prepared. */
  dispose?(): void;
}

/** One measurement. */
export interface Point {
  /** Name of the curve. */
  curve: string;
  /** The size. */
  size: number;
  /** Milliseconds, or what else was measured. */
  value: number;
}

/** How long a size is timed. */
export interface Budget {
  /** Samples at least. */
  samples: number;
  /** Milliseconds after which no further sample is taken. */
  milliseconds: number;
}

/**
 * The processor time of the fastest call of each size. A clock would also count what other programs do meanwhile, which
 * on a busy machine every call does that is longer than a turn of the scheduler. Short calls are timed by the dozen.
 */
export async function timeCurve(
  { name, sizes, setup, dispose }: Curve,
  { samples, milliseconds }: Budget,
  clock: () => number = processorTime,
): Promise<Point[]> {
  const points: Point[] = [];
  for (const size of sizes) {
    const call = await setup(size);
    const time = (repeat: number) => {
      const start = clock();
      for (let i = 0; i < repeat; i++) call();
      return (clock() - start) / repeat;
    };
    time(2); // Compiles.
    const repeat = Math.max(1, Math.ceil(4 / Math.max(time(4), 1e-3)));
    let value = Infinity;
    const start = performance.now();
    for (let i = 0; i < samples || performance.now() - start < milliseconds; i++) {
      value = Math.min(value, time(repeat));
    }
    points.push({ curve: name, size, value });
    dispose?.();
  }
  return points;
}

/** The slope of log value on log size, by least squares over the upper half of the sizes (at least two). */
export function powerOf(points: readonly Point[]): number {
  const upper = points.slice(Math.min(Math.floor(points.length / 2), points.length - 2));
  const x = upper.map(({ size }) => Math.log(size));
  const y = upper.map(({ value }) => Math.log(value));
  const [centre, height] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - centre) * (y[i] - height), 0);
  return covariance / x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
