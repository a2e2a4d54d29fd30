import { jupyter } from "./display.ts";

const running = new Set<AbortController>();

/** Work that the Stop button ends. */
export interface Stoppable extends Disposable {
  /** Aborted when Stop is pressed. */
  readonly signal: AbortSignal;
}

/**
 * Work in a cell that the Stop button ends: its signal is aborted. Without this, Stop does nothing to a loop
 * of one's own. A loop must give way now and then (`await` something) for the press to be seen.
 *
 * @example
 * ```ts
 * import { stoppable } from "refigure/notebook";
 * import { assertEquals } from "@std/assert";
 *
 * let steps = 0;
 * using work = stoppable();
 * while (!work.signal.aborted && steps < 100) {
 *   steps++;
 *   if (steps % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
 * }
 * assertEquals(steps, 100);
 * ```
 */
export function stoppable(): Stoppable {
  const controller = new AbortController();
  running.add(controller);
  return { signal: controller.signal, [Symbol.dispose]: () => void running.delete(controller) };
}

/** What a press of Stop does: ends what runs, and nothing when nothing runs. */
export function stop(): void {
  for (const controller of running) controller.abort();
}

/**
 * In a kernel, from the import of this module on: an interrupt (SIGINT) ends what runs instead of the kernel,
 * which without a listener dies of it (https://github.com/denoland/deno/issues/24491).
 */
if (jupyter() !== undefined) Deno.addSignalListener("SIGINT", stop);
