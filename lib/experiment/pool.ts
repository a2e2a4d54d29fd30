/** Workers that run trials, one trial a worker at a time. */

/** What a worker is asked. */
export interface ToWorker {
  /** URL of the module that exports `experiment`. */
  module: string;
  /** The trial to run. */
  trial: unknown;
}

/** What a worker answers: any number of reports, then rows or an error. */
export type FromWorker =
  | { kind: "report"; fraction: number; partial?: unknown[] }
  | { kind: "rows"; json: string }
  | { kind: "error"; message: string; stack?: string };

/** A trial threw, or its worker died. */
export class TrialError extends Error {
  override name = "TrialError";
}

/** Told how far a trial is, with its rows so far if it hands them out. */
export type OnReport = (fraction: number, partial?: unknown[]) => void;

/** Runs trials of one experiment on at most `size` workers. */
export class Pool {
  readonly #module: string;
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  #ended = false;

  constructor(module: URL, size: number) {
    this.#module = module.href;
    this.#size = size;
  }

  /**
   * Runs the trial of every item, at most `size` at once, in their order. `rows` gets each one's rows as
   * JSON, `error` what a trial threw. Resolves when all are finished or the pool was ended.
   */
  async runAll<Item>(
    items: readonly Item[],
    on: {
      trialOf(item: Item): unknown;
      start(item: Item): void;
      report(item: Item, fraction: number, partial?: unknown[]): void;
      rows(item: Item, json: string): void;
      error(item: Item, error: TrialError): void;
    },
  ): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (next < items.length && !this.#ended) {
        const item = items[next++];
        on.start(item);
        try {
          const report: OnReport = (fraction, partial) => on.report(item, fraction, partial);
          const json = await this.#run(on.trialOf(item), report);
          if (json !== undefined) on.rows(item, json);
        } catch (error) {
          on.error(item, error as TrialError);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#size, items.length) }, lane));
  }

  /** Ends all workers at once; what they were doing is lost. */
  end(): void {
    this.#ended = true;
    for (const worker of this.#all) {
      worker.terminate();
      // Whoever waits for this worker is told by the event that terminate does not send.
      worker.dispatchEvent(new Event("ended"));
    }
    this.#all.clear();
  }

  /** One trial on one worker; undefined if the pool was ended meanwhile. */
  #run(trial: unknown, report: OnReport): Promise<string | undefined> {
    const worker = this.#idle.pop() ?? this.#hire();
    return new Promise<string | undefined>((resolve, reject) => {
      worker.addEventListener("ended", () => resolve(undefined), { once: true });
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === "report") return report(data.fraction, data.partial);
        this.#idle.push(worker);
        if (data.kind === "rows") return resolve(data.json);
        reject(withStack(data.message, data.stack));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        // A worker that died takes no further trial.
        this.#all.delete(worker);
        worker.terminate();
        reject(new TrialError(`the worker died: ${event.message}`));
      };
      worker.postMessage({ module: this.#module, trial } satisfies ToWorker);
    });
  }

  #hire(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#all.add(worker);
    return worker;
  }
}

function withStack(message: string, stack?: string): TrialError {
  const error = new TrialError(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
