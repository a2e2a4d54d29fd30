import { Display, escapeHtml, type MediaBundle } from "./display.ts";

const interval = 200;

/** A progress bar in the output of a cell. */
export interface ProgressBar {
  /** Says how far the work is (0 to 1) and what is left. Drawn five times a second at most. */
  update(fraction: number, left?: string): void;
  /** Replaces the bar by one line, the same on every run: no times in it. */
  end(line: string): Promise<void>;
}

/**
 * Shows a progress bar that says what is left and, once it can be told, for how long.
 *
 * @param label What is being done.
 *
 * @example
 * ```ts
 * import { progress } from "refigure/notebook";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = progress("Training");
 * for (let step = 1; step <= 100; step++) bar.update(step / 100, `${100 - step} steps left`);
 * // Outside of a kernel there is nothing to show.
 * assertEquals(await bar.end("100 steps of training"), undefined);
 * ```
 */
export function progress(label: string): ProgressBar {
  const display = new Display();
  const start = performance.now();
  let next = -Infinity;
  return {
    update(fraction, left = "") {
      const now = performance.now();
      if (now < next) return;
      next = now + interval;
      const share = Math.min(1, Math.max(0, fraction)) || 0;
      const seconds = (now - start) / 1000;
      const estimate = share > 0.02 && seconds > 1 ? duration(seconds * (1 - share) / share) : "";
      display.show(bar(label, share, [left, estimate].filter(Boolean).join("; ")));
    },
    end: (line) => display.show({ "text/html": `<div>${escapeHtml(line)}</div>`, "text/plain": line }),
  };
}

function bar(label: string, share: number, left: string): MediaBundle {
  const percent = Math.floor(share * 100);
  const name = escapeHtml(label);
  const html = `<div style="font-size:13px;line-height:1.5"><div>${name}: ${percent}%</div>` +
    `<div role="progressbar" aria-label="${name}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${percent}" ` +
    `style="max-width:560px;height:8px;border-radius:4px;background:#e9ecf1;overflow:hidden">` +
    `<div style="width:${percent}%;height:100%;background:#0072b2"></div></div>` +
    `<div style="opacity:.75">${escapeHtml(left)}</div></div>`;
  const filled = Math.round(share * 20);
  const text = `${label} [${"#".repeat(filled)}${".".repeat(20 - filled)}] ${percent}% ${left}`.trimEnd();
  return { "text/html": html, "text/plain": text };
}

function duration(seconds: number): string {
  if (seconds < 60) return `about ${Math.max(1, Math.round(seconds))} s to go`;
  return `about ${Math.round(seconds / 60)} min to go`;
}
