import type { TopLevelSpec } from "vega-lite";

/** A complete vega-lite figure of any kind: one view, layers, facets, or views side by side. */
export type FigureSpec = TopLevelSpec;

/** A channel of a view or layer, such as `x` or `color`: a field of the rows, or a constant. */
export interface Channel {
  /** Which field of a row is shown. */
  field?: string;
  /** Numbers, ordered values, names, or times. */
  type?: string;
  /** Title of the axis or legend; null for none. */
  title?: string | readonly string[] | null;
  /** The same for all rows, in units of the data. */
  datum?: any;
  /** The same for all rows, in units of the picture: a pixel, a colour. */
  value?: any;
  /** What else vega-lite allows for a channel. */
  [property: string]: any;
}

/**
 * A view of a figure or a layer of a view, as a plain literal: `"line"` need not be written
 * `"line" as const`. The names of marks, channels and types are checked when the figure is made.
 */
export interface Layer {
  /** The rows. */
  data?: { values: readonly object[] } | { [property: string]: any };
  /** How a row is drawn. */
  mark?: string | { type: string; [property: string]: any };
  /** Which field of a row is which channel of the mark. */
  encoding?: { [channel: string]: Channel | readonly Channel[] | null | undefined };
  /** Layers that are drawn on top of each other, the first one at the bottom. */
  layer?: readonly Layer[];
  /** What else vega-lite allows: `width`, `height`, `transform` and others. */
  [property: string]: any;
}

/** A view whose channels may stand beside its layers. */
export interface View extends Layer {
  /** The horizontal axis: `encoding.x`. */
  x?: Channel;
  /** The vertical axis: `encoding.y`. */
  y?: Channel;
  /** The colours: `encoding.color`. */
  color?: Channel;
}

/** A title with a line below. */
export interface TitleInput {
  /** The point of the figure. */
  text: string | readonly string[];
  /** The setting. */
  subtitle?: string | readonly string[];
  /** What else vega-lite allows for a title. */
  [property: string]: any;
}

/** What {@linkcode figure} takes: a vega-lite figure as a plain literal. */
export interface FigureInput extends View {
  /** The point. */
  title?: string | readonly string[] | TitleInput;
  /** The setting, in a line below the title. */
  subtitle?: string | readonly string[];
  /** Views side by side. */
  hconcat?: readonly FigureInput[];
  /** Views on top of each other. */
  vconcat?: readonly FigureInput[];
  /** Views in rows of `columns`. */
  concat?: readonly FigureInput[];
}

/** The name of a field of a row. */
export type FieldOf<Row> = keyof Row & string;
