import { requireFunction } from "../arrays/mod.ts";
import type { Experiment } from "./experiment.ts";
import { requireRows } from "./rows.ts";
import type { FromWorker, Hello, ToWorker } from "./worker_protocol.ts";

/** Milliseconds between two messages about the same trial: more would cost time and show nobody more. */
const MESSAGE_EVERY = 100;

/** The globals of a worker that are used here. */
interface Scope {
  addEventListener(type: "message", listener: (event: MessageEvent<Hello>) => void, options: object): void;
  close(): void;
}

/**
 * The inside of a worker: loads one experiment and runs the trials that come through its port. Messages that a trial
 * posts by itself do not reach the pool, and a trial cannot end the worker unnoticed.
 *
 * @param load Loads the experiment of a module.
 *
 * @example
 * ```ts
 * import { serveTrials } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * // In the module of a worker: serveTrials(async (module) => (await import(module)).experiment);
 * assertEquals(serveTrials.length, 1);
 * ```
 */
export function serveTrials(load: (module: string) => Promise<Experiment>): void {
  requireFunction("load", load);
  const scope = self as unknown as Scope;
  scope.addEventListener("message", ({ data, ports: [port] }) => {
    const experiment = load(data.module);
    // Whoever awaits it is told; until then a module that cannot be loaded is nobody's unhandled rejection.
    experiment.catch(() => {});
    const send = (message: FromWorker) => port.postMessage(message);
    port.onmessage = async ({ data: { trial } }: MessageEvent<ToWorker>) => {
      try {
        const loaded = await experiment;
        send({ kind: "started" });
        const rows = await loaded.run(trial, throttled(send));
        requireRows(rows);
        send({ kind: "rows", json: JSON.stringify(rows) });
      } catch (error) {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        send({ kind: "error", message, stack });
      }
    };
  }, { once: true });
  scope.close = () => {
    throw new Error("a trial must not close its worker");
  };
}

function throttled(send: (message: FromWorker) => void): (fraction: number, partial?: unknown[]) => void {
  let last = -Infinity;
  return (fraction, partial) => {
    const now = performance.now();
    if (now - last < MESSAGE_EVERY) return;
    last = now;
    send({ kind: "report", fraction, partial });
  };
}
