/**
 * Small real data sets. All but the Stanford bunny and MNIST are part of the library: using them needs no
 * download and no file access.
 *
 * @module
 */
export * from "./daily_weather.ts";
export * from "./digits.ts";
export * from "./mnist.ts";
export * from "./moby_dick.ts";
export * from "./seattle_weather.ts";
export * from "./stanford_bunny.ts";
export * from "./text_domains.ts";
export * from "./us_employment.ts";
