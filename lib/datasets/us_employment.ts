import { Matrix } from "../arrays/mod.ts";
import { US_EMPLOYMENT } from "./us_employment_data.ts";

/** Monthly numbers of employees by industry. */
export interface UsEmployment {
  /** Names of the columns, such as `"construction"`. */
  names: string[];
  /** Thousands of employees: 120 months x 22 industries, January 2006 first. */
  values: Matrix;
}

/**
 * Employees in the United States, in thousands, by industry, from January 2006 to December 2015: 22 series of 120
 * months. Some are sums of others.
 *
 * Source: U.S. Bureau of Labor Statistics (public domain), as shipped in the npm package vega-datasets
 * (BSD-3-Clause). The data are part of the library: no download, no file access.
 *
 * @example
 * ```ts
 * import { usEmployment } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { names, values } = usEmployment();
 * assertEquals([values.rows, values.columns, names[0]], [120, 22, "nonfarm"]);
 * assertEquals([values.get(0, 0), values.get(1, 0)], [135450, 135762]);
 * ```
 */
export function usEmployment(): UsEmployment {
  const lines = US_EMPLOYMENT.split("\n").map((line) => line.split(" "));
  const values = Matrix.zeros(lines[0].length - 1, lines.length);
  lines.forEach(([, ...changes], column) => {
    let tenths = 0;
    changes.forEach((change, month) => values.set(month, column, (tenths += Number(change)) / 10));
  });
  return { names: lines.map(([name]) => name), values };
}
