/** The inside of a worker: loads one experiment and runs the trials it is sent. */
import { setBlasThreads } from "../blas/mod.ts";
import type { Experiment } from "./experiment.ts";
import type { FromWorker, ToWorker } from "./pool.ts";

/**
 * Milliseconds between two messages about the same trial: more would cost the run time and show nobody more.
 */
const MESSAGE_EVERY = 100;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

let experiment: Promise<Experiment> | undefined;

scope.onmessage = async ({ data }) => {
  try {
    // Trials run side by side, one thread each; and the order of a sum must not depend on the number of
    // cores.
    setBlasThreads(1);
    experiment ??= import(data.module).then((module) => module.experiment as Experiment);
    const rows = await (await experiment).run(data.trial, throttled());
    scope.postMessage({ kind: "rows", json: JSON.stringify(rows) });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    scope.postMessage({ kind: "error", message, stack });
  }
};

function throttled(): (fraction: number, partial?: unknown[]) => void {
  let last = -Infinity;
  return (fraction, partial) => {
    const now = performance.now();
    if (now - last < MESSAGE_EVERY) return;
    last = now;
    scope.postMessage({ kind: "report", fraction, partial });
  };
}
