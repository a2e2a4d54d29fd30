/**
 * Small real data sets that travel with the library, so that a notebook needs no download.
 *
 * @module
 */
export * from "./digits.ts";
export * from "./moby_dick.ts";
export * from "./seattle_weather.ts";
