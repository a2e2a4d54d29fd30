/**
 * All of Refigure's portable library: it runs in Deno, Node and a browser.
 *
 * @module
 */
export * from "./arrays/mod.ts";
