/**
 * Small real data sets that are part of the library: using them needs no download and no file access.
 *
 * @module
 */
export * from "./digits.ts";
export * from "./moby_dick.ts";
export * from "./seattle_weather.ts";
