/**
 * Vega as the figures use it: without maps, trees, forces, regressions, Voronoi cells, word clouds, crossfilters and
 * labels, which no figure has. The bundle of the website has this in place of the package `vega`, which registers all of
 * them.
 */
import { transforms } from "vega-dataflow";
import * as encode from "vega-encode";
import * as general from "vega-transforms";
import * as view from "vega-view-transforms";

Object.assign(transforms, general, view, encode);

// For vega-lite.
export { parseSelector } from "vega-event-selector";
export { parseExpression } from "vega-expression";
export { loader } from "vega-loader";
export { parse } from "vega-parser";
export * from "vega-util";
export { View } from "vega-view";
