import { SEATTLE_PRESSURE, SEATTLE_TEMPERATURE, SEATTLE_WIND } from "./seattle_weather_data.ts";

/** Hourly sensor readings over a year. */
export interface SeattleWeather {
  /** Pressure, hPa. */
  pressure: Float64Array;
  /** Temperature, degrees Celsius. */
  temperature: Float64Array;
  /** Wind speed, m/s. */
  wind: Float64Array;
}

/**
 * A normal year in Seattle: 8,759 hourly readings of pressure, temperature and wind from 1 January, 1:00, to
 * 31 December, 23:00 (averages over 1981 to 2010, to one decimal).
 *
 * Source: NOAA hourly climate normals (a work of the U.S. government, public domain), as shipped in the npm
 * package vega-datasets (BSD-3-Clause). The data are part of the library: no download, no file access.
 *
 * @example
 * ```ts
 * import { seattleWeather } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { pressure, temperature, wind } = seattleWeather();
 * assertEquals([pressure.length, temperature.length, wind.length], [8759, 8759, 8759]);
 * assertEquals([pressure[0], temperature[0], wind[0]], [1016.6, 4, 3.8]);
 * ```
 */
export function seattleWeather(): SeattleWeather {
  const read = (text: string) => Array.from(text.replaceAll("\n", ""), (letter) => letter.charCodeAt(0) - 48);
  let tenths = 40;
  return {
    pressure: Float64Array.from(read(SEATTLE_PRESSURE), (above) => (10154 + above) / 10),
    temperature: Float64Array.from(read(SEATTLE_TEMPERATURE), (change) => (tenths += change - 20) / 10),
    wind: Float64Array.from(read(SEATTLE_WIND), (above) => (23 + above) / 10),
  };
}
