import { Matrix } from "../arrays/mod.ts";
import { DAILY_WEATHER } from "./daily_weather_data.ts";

/**
 * The weather of Seattle and New York, 1 January 2012 to 31 December 2015: a 1461 x 8 matrix, one day per row. The
 * columns are Seattle's precipitation (mm), highest and lowest temperature (degrees Celsius) and wind (m/s), and the
 * same of New York.
 *
 * Source: NOAA (public domain), as shipped in the npm package vega-datasets (BSD-3-Clause). The data are part of the
 * library: no download, no file access.
 *
 * @example
 * ```ts
 * import { dailyWeather } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const days = dailyWeather();
 * assertEquals([days.rows, days.columns], [1461, 8]);
 * assertEquals([...days.row(1).subarray(0, 4)], [10.9, 10.6, 2.8, 4.5]);
 * ```
 */
export function dailyWeather(): Matrix {
  const series = DAILY_WEATHER.split("\n").map((line) => line.split(" "));
  return Matrix.from(series[0].length, series.length, (day, column) => Number(series[column][day]) / 10);
}
