import type { TopLevelSpec } from "vega-lite";

/** A vega-lite figure of any kind: one view, layers, facets, or views side by side. */
export type FigureSpec = TopLevelSpec;
