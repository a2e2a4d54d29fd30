import type { Progress } from "../../lib/experiment/mod.ts";
import { printable } from "./printable.ts";

/** One line that is rewritten in place; on anything that is not a terminal, nothing. */
export class ProgressLine {
  readonly #terminal = Deno.stderr.isTerminal();
  #last = -Infinity;
  #shown = false;

  /** Shows how far a run is, ten times a second at most. */
  update(progress: Progress): void {
    const now = performance.now();
    if (!this.#terminal || now - this.#last < 100) return;
    this.#last = now;
    this.#shown = true;
    this.#write(`\r\x1b[K${progressText(progress, columns())}`);
  }

  /** Removes the line. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[K");
    this.#shown = false;
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}

/**
 * How far a run is, as one line of text: name, share, what is left to wait, then a bar, the number of trials and the
 * first that is left, as far as the width allows.
 */
export function progressText(progress: Progress, width: number): string {
  const { slug, done, total, fraction, left, seconds } = progress;
  const percent = `${Math.floor(100 * fraction + 1e-9)} %`;
  const estimate = fraction > 0.02 && seconds > 1
    ? `about ${duration(seconds * (1 - fraction) / fraction)} to go`
    : `${Math.round(seconds)} s so far`;
  const cells = 12;
  const full = Math.floor(cells * fraction + 1e-9);
  const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
  const parts = [
    `${slug} ${percent}, ${estimate}`,
    "━".repeat(full) + "┄".repeat(cells - full),
    `${done} of ${total} trials`,
    ...(left.length === 0 ? [] : [`${printable(left[0])}${more}`]),
  ];
  let text = parts[0];
  for (const part of parts.slice(1)) {
    if (text.length + 3 + part.length >= width) break;
    text += ` · ${part}`;
  }
  return text.length < width ? text : text.slice(0, Math.max(0, width - 2)) + "…";
}

/** Seconds in words. */
export function duration(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
