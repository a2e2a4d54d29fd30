import {
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
  requireString,
} from "../arrays/mod.ts";
import { events, list } from "./check.ts";
import type { Executor, TrialEvents } from "./executor.ts";
import type { FromWorker, Hello, ToWorker } from "./worker_protocol.ts";

/** What the pool needs of a worker: a Web Worker has it. */
export interface TrialWorker {
  /** Called with an error outside of any trial. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Hands over the module, and the port of everything else. */
  postMessage(message: unknown, transfer: [MessagePort]): void;
  /** Ends it at once. */
  terminate(): void;
}

/** Options of {@linkcode WorkerPool}. */
export interface WorkerPoolOptions {
  /** How many trials run at once. */
  workers: number;
  /** Makes a worker that calls `serveTrials`. */
  makeWorker: () => TrialWorker;
  /** Seconds after which a trial fails, from when its worker has loaded the experiment; default none. */
  timeout?: number;
}

/** A worker, its port, and the trial that it finished last. */
interface Hired {
  worker: TrialWorker;
  port: MessagePort;
  /** Index of the trial that it ran last. */
  last?: number;
  /** Told when the worker is ended. */
  onEnd?: () => void;
}

/** What became of a trial on a worker. */
type Outcome =
  | { kind: "rows"; json: string }
  | { kind: "error"; message: string; stack?: string }
  | { kind: "crashed"; message: string }
  | { kind: "ended" };

/**
 * Runs trials of one experiment in Web Workers, one trial per worker at a time.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * // A page gives its bundled worker: makeWorker: () => new Worker("worker.js", { type: "module" })
 * const makeWorker = () => {
 *   throw new Error("not needed without trials");
 * };
 * const pool = new WorkerPool("https://example.org/mod.js", { workers: 2, makeWorker });
 * const nobody = { start() {}, report() {}, rows() {}, error() {} };
 * assertEquals(await pool.runAll([], nobody), undefined);
 * ```
 */
export class WorkerPool implements Executor {
  readonly #module: string;
  readonly #options: WorkerPoolOptions;
  readonly #idle: Hired[] = [];
  readonly #all = new Set<Hired>();
  #ended = false;

  /**
   * Workers start when they are needed.
   *
   * @param module URL of the module that exports `experiment`.
   */
  constructor(module: string, options: WorkerPoolOptions) {
    requireString("module", module);
    requireOptions("options", options, ["workers", "makeWorker", "timeout"]);
    requireInteger("workers", options.workers, { min: 1, max: 1024 });
    requireFunction("makeWorker", options.makeWorker);
    if (options.timeout !== undefined) requireNumber("timeout", options.timeout, { above: 0 });
    this.#module = module;
    this.#options = options;
  }

  /** Runs all trials, at most `workers` at once. */
  async runAll(trials: readonly unknown[], on: TrialEvents): Promise<void> {
    list(() => {})("trials", trials);
    events("on", on);
    let next = 0;
    const lane = async () => {
      while (next < trials.length && !this.#ended) {
        const index = next++;
        on.start(index);
        await this.#runOne(index, trials[index], on);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.workers, trials.length) }, lane));
  }

  /** Ends all workers at once. */
  end(): void {
    this.#ended = true;
    for (const hired of this.#all) this.#dismiss(hired);
  }

  async #runOne(index: number, trial: unknown, on: TrialEvents): Promise<void> {
    const hired = this.#idle.pop() ?? this.#hire();
    const previous = hired.last;
    let outcome = await this.#runOn(hired, index, trial, on);
    if (outcome.kind === "crashed" && previous !== undefined && !this.#ended) {
      // An error outside of any trial's promise: was it this trial, or one that had already returned? Run alone, this
      // trial shows which.
      const { message } = outcome;
      outcome = await this.#runOn(this.#hire(), index, trial, on);
      if (outcome.kind === "rows") on.error(previous, { message: lateMessage(message) });
    }
    if (outcome.kind === "rows") on.rows(index, outcome.json);
    else if (outcome.kind === "error") on.error(index, outcome);
    else if (outcome.kind === "crashed") on.error(index, { message: `the worker died: ${outcome.message}` });
  }

  #runOn(hired: Hired, index: number, trial: unknown, on: TrialEvents): Promise<Outcome> {
    const { port } = hired;
    const { timeout } = this.#options;
    return new Promise<Outcome>((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let isFinished = false;
      const finish = (outcome: Outcome, isWorkerFit: boolean) => {
        if (isFinished) return;
        isFinished = true;
        clearTimeout(timer);
        hired.onEnd = undefined;
        if (isWorkerFit && !this.#ended) {
          hired.last = index;
          this.#idle.push(hired);
          // What is thrown now belongs to the trial that has just returned.
          listen(hired, () => {}, (message) => {
            this.#idle.splice(this.#idle.indexOf(hired), 1);
            this.#dismiss(hired);
            on.error(index, { message: lateMessage(message) });
          });
        } else this.#dismiss(hired);
        resolve(outcome);
      };
      const startTimer = () => {
        if (timeout === undefined) return;
        const message = `it took longer than ${timeout} s`;
        timer = setTimeout(() => finish({ kind: "error", message }, false), timeout * 1000);
      };
      hired.onEnd = () => finish({ kind: "ended" }, false);
      listen(hired, (data) => {
        if (data.kind === "report") on.report(index, data.fraction, data.partial);
        else if (data.kind === "started") startTimer();
        else finish(data, true);
      }, (message) => finish({ kind: "crashed", message }, false));
      port.postMessage({ trial } satisfies ToWorker);
    });
  }

  #hire(): Hired {
    const worker = this.#options.makeWorker();
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ module: this.#module } satisfies Hello, [port2]);
    const hired = { worker, port: port1 };
    this.#all.add(hired);
    return hired;
  }

  #dismiss(hired: Hired): void {
    this.#all.delete(hired);
    // Closing a port may deliver what has arrived.
    hired.port.onmessage = null;
    hired.worker.terminate();
    hired.port.close();
    const { onEnd } = hired;
    hired.onEnd = undefined;
    onEnd?.();
  }
}

/** Sets what is called with what a worker sends, and with what is thrown in it outside of any trial. */
function listen(
  { worker, port }: Hired,
  onMessage: (data: Exclude<FromWorker, { kind: "uncaught" }>) => void,
  onCrash: (message: string) => void,
): void {
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "uncaught") onCrash(data.message);
    else onMessage(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onCrash(event.message);
  };
}

function lateMessage(message: string): string {
  return `${message} (thrown after it had returned its rows)`;
}
