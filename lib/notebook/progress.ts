import { requireString } from "../arrays/check.ts";
import { timeLeft } from "../experiment/time_left.ts";
import { Display, escapeHtml, type MediaBundle } from "./display.ts";
import { passingMetadata, textBundle } from "./passing.ts";

/** Milliseconds between two drawings, at least. */
const interval = 200;

/** A progress bar in the output of a cell. */
export interface ProgressBar {
  /** Shows how far the work is (0 to 1) and what is being done. Drawn five times a second at most. */
  update(fraction: number, doing?: string): void;
  /** Replaces the bar by one line, the same on every run: no times in it. */
  end(line: string): Promise<void>;
}

/**
 * Shows a progress bar with the time that is left, once it can be told, and what is being done. A bar that
 * has not ended is not stored with the notebook.
 *
 * @param label What the whole work is.
 *
 * @example
 * ```ts
 * import { progress } from "refigure/notebook";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = progress("Training");
 * for (let step = 1; step <= 100; step++) bar.update(step / 100, `step ${step} of 100`);
 * // Outside of a kernel there is nothing to show.
 * assertEquals(await bar.end("100 steps of training"), undefined);
 * ```
 */
export function progress(label: string): ProgressBar {
  requireString("label", label);
  const display = new Display();
  let start: { fraction: number; time: number } | undefined;
  let next = -Infinity;
  return {
    update(fraction, doing = "") {
      const now = performance.now();
      if (now < next) return;
      next = now + interval;
      const share = Math.min(1, Math.max(0, fraction)) || 0;
      start ??= { fraction: share, time: now };
      const estimate = timeLeft(share, (now - start.time) / 1000, start.fraction);
      // The next update or the end draws again.
      display.show(bar(label, share, estimate, doing), passingMetadata).catch(() => {});
    },
    end: (line) => display.show(textBundle([line])),
  };
}

function bar(label: string, share: number, estimate: string, doing: string): MediaBundle {
  const percent = Math.floor(share * 100);
  const name = escapeHtml(label);
  const status = [estimate, doing].filter((part) => part !== "").join(": ");
  const html = `<div style="font-size:13px;line-height:1.5"><div>${name}: ${percent}%</div>` +
    `<div role="progressbar" aria-label="${name}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${percent}" ` +
    `style="max-width:560px;height:8px;border-radius:4px;background:#e9ecf1;overflow:hidden">` +
    `<div style="width:${percent}%;height:100%;background:#0072b2"></div></div>` +
    `<div style="opacity:.75">${escapeHtml(status)}</div></div>`;
  const filled = Math.round(share * 20);
  const text = `${label} [${"#".repeat(filled)}${".".repeat(20 - filled)}] ${percent}% ${status}`.trimEnd();
  return { "text/html": html, "text/plain": text };
}
