import type { Layer } from "./spec.ts";
import { rowsOf, type Unit, units } from "./views.ts";

/**
 * Decides marks with `clip: "auto"`: dots are cut off at the frame only if some of them are outside of it, so that
 * a dot on the frame is whole. Changes the spec, which is a copy.
 */
export function clipOutside(spec: Layer): void {
  for (const unit of units(spec)) {
    const { mark } = unit.view;
    if (typeof mark === "object" && mark.clip === "auto") {
      unit.view.mark = { ...mark, clip: (["x", "y"] as const).some((axis) => isOutside(unit, axis)) };
    }
  }
}

function isOutside(unit: Unit, axis: "x" | "y"): boolean {
  const domain = unit.encoding[axis]?.scale?.domain;
  if (!Array.isArray(domain) || domain.length !== 2 || domain.some((end) => typeof end !== "number")) {
    return false;
  }
  const [low, high] = domain[0] < domain[1] ? domain : [domain[1], domain[0]];
  // Rows are rounded, ends of axes are not.
  const slack = 1e-3 * (high - low);
  return [axis, `${axis}2`].some((name) => {
    const field = unit.encoding[name]?.field;
    return field !== undefined && (rowsOf(unit) ?? []).some((row) => {
      const value = row?.[field];
      return typeof value === "number" && (value < low - slack || value > high + slack);
    });
  });
}
