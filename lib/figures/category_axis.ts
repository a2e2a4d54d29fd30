import { requireOptions, requireString } from "../arrays/check.ts";
import { requireBooleans, requireSizes, requireTexts } from "./check.ts";

/** Options of {@linkcode categoryAxis}. */
export interface CategoryAxisOptions {
  /** The names in their order along the axis; default that of the rows. */
  order?: readonly string[];
  /** Title of the axis; null for none, the default: names mostly explain themselves. */
  title?: string | null;
  /** Pixels after which a name is cut off; default 240. */
  labelLimit?: number;
  /** Angle of the names in degrees; default 0. */
  labelAngle?: number;
  /** Whether lines are drawn across the figure; default false. */
  grid?: boolean;
}

/** A position channel of vega-lite for names, usable as `x` and as `y`. */
export interface CategoryChannel {
  /** Which field of a row is shown. */
  field: string;
  /** Names. */
  type: "nominal";
  /** Title of the axis; null for none. */
  title: string | null;
  /** The names in their order; null for that of the rows. */
  sort: readonly string[] | null;
  /** Labels and grid. */
  axis: { labelLimit: number; labelAngle: number; grid: boolean };
}

/**
 * An axis of names, as `x` or `y` of an encoding: what is compared, one line each.
 *
 * @param field The field of a row that holds the name.
 *
 * @throws {RangeError} if a number in the options is not finite, or `labelLimit` is negative.
 *
 * @example
 * ```ts
 * import { categoryAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(categoryAxis("optimizer", { order: ["Muon", "Adam"] }).sort, ["Muon", "Adam"]);
 * ```
 */
export function categoryAxis(field: string, options: CategoryAxisOptions = {}): CategoryChannel {
  requireString("field", field);
  requireOptions("options", options, ["order", "title", "labelLimit", "labelAngle", "grid"]);
  const { order, title = null, labelLimit = 240, labelAngle = 0, grid = false } = options;
  if (order !== undefined) requireTexts("order", order);
  if (title !== null) requireString("title", title);
  requireSizes({ labelLimit }, { min: 0 });
  requireSizes({ labelAngle }, { min: -360, max: 360 });
  requireBooleans({ grid });
  return {
    field,
    type: "nominal",
    title,
    sort: order === undefined ? null : [...order],
    axis: { labelLimit, labelAngle, grid },
  };
}
