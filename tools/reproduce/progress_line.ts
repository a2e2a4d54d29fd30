import type { Progress } from "../../lib/experiment/types.ts";

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

/** How far a run is, as one line of text: a bar, the share, how many trials, and the first that is left. */
export function progressText(progress: Progress, width: number): string {
  const { slug, done, total, fraction, left, seconds } = progress;
  const cells = 20;
  const full = Math.floor(cells * fraction + 1e-9);
  const bar = "━".repeat(full) + "┄".repeat(cells - full);
  const percent = `${Math.floor(100 * fraction + 1e-9)}%`.padStart(4);
  const rest = left.length === 0
    ? ""
    : ` · left: ${left[0]}${left.length > 1 ? ` and ${left.length - 1} more` : ""}`;
  const text = `${slug} ${bar}${percent} · ${done} of ${total} trials · ${Math.round(seconds)} s${rest}`;
  return text.length < width ? text : text.slice(0, Math.max(0, width - 2)) + "…";
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
