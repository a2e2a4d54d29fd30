import { figure, type FigureInput, type FigureSpec } from "../figures/mod.ts";
import { Display } from "./display.ts";
import { growingBundle, plotBundle } from "./plot.ts";

/**
 * Milliseconds between two drawings, at least: the eye does not need more, and the browser draws each of
 * them.
 */
const interval = 500;
/** Drawing takes at most one part in this many of the time. */
const share = 10;

/** A figure that changes while a cell runs. */
export interface LivePlot {
  /**
   * Draws what `spec` returns, unless the last drawing was a moment ago: then it is not even called. Errors
   * of partial data (a fit through one point, say) only skip this drawing.
   */
  update(spec: () => FigureInput | FigureSpec): void;
  /** Draws the last state, with its SVG, so that the stored notebook shows it everywhere. */
  end(spec: FigureInput | FigureSpec): Promise<void>;
}

/**
 * Shows a figure that grows while the cell runs. Drawing is throttled: twice a second at most, and at most a
 * tenth of the time.
 *
 * @param first The first state, if there is something to show yet.
 *
 * @example
 * ```ts
 * import { livePlot } from "refigure/notebook";
 * import { linearAxis } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const rows: { step: number; loss: number }[] = [];
 * const spec = () => ({
 *   data: { values: rows },
 *   mark: "line",
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss") },
 * });
 * const live = livePlot();
 * for (let step = 0; step < 3; step++) {
 *   rows.push({ step, loss: 1 / (step + 1) });
 *   live.update(spec);
 * }
 * await live.end(spec());
 * assertEquals(rows.length, 3);
 * ```
 */
export function livePlot(first?: FigureInput | FigureSpec): LivePlot {
  // Checked at once: an error of the first drawing is an error of the call.
  const start = first === undefined ? undefined : figure(first);
  const display = new Display();
  let next = -Infinity;
  const update = (spec: () => FigureInput | FigureSpec) => {
    const start = performance.now();
    if (start < next) return;
    try {
      // A drawing that fails is skipped: rows may still be missing. The last one must succeed.
      display.show(growingBundle(figure(spec()))).catch(() => {});
    } catch {
      // As above, for what is thrown while the spec is made.
    }
    const end = performance.now();
    next = end + Math.max(interval, share * (end - start));
  };
  if (start !== undefined) update(() => start);
  return { update, end: async (spec) => await display.show(await plotBundle(figure(spec))) };
}
