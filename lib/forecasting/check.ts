import { type Matrix, type RealArray, requireMatrix } from "../arrays/mod.ts";

/** Returns `series` if it is a finite matrix, time x series. @throws {RangeError | TypeError} naming series and time */
export function requireSeries<M extends Matrix<RealArray>>(series: M): M {
  const { data, columns } = requireMatrix("series", series);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const place = `series ${wrong % columns} at time ${Math.floor(wrong / columns)}`;
    throw new RangeError(`\`series\` must be finite: ${place} is ${data[wrong]}`);
  }
  return series;
}
