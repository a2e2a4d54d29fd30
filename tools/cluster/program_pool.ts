import type { Executor, TrialEvents } from "../../lib/experiment/mod.ts";
import { linesOf } from "../../lib/experiment/deno/lines.ts";
import type { Reply, Request } from "./messages.ts";

/** Options of {@linkcode ProgramPool}. */
export interface ProgramPoolOptions {
  /** Paper of the trials. */
  slug: string;
  /** Fingerprint that the rows are wanted from. */
  expects: string;
  /** The program and its arguments. */
  command: readonly [string, ...string[]];
  /** Told what the user should know. */
  onNotice: (message: string) => void;
  /**
   * Told once if the program gives up or ends before all trials are finished, and whether any of them had come back;
   * must call `end`.
   */
  onLost: (message: string, isUnderWay: boolean) => void;
}

/** Runs trials through another program, which gets all of them at once and knows how many can run side by side. */
export class ProgramPool implements Executor {
  readonly #options: ProgramPoolOptions;
  #child: Deno.ChildProcess | undefined;
  #finish: (() => void) | undefined;
  #ended = false;

  /** The program starts when there are trials. */
  constructor(options: ProgramPoolOptions) {
    this.#options = options;
  }

  /** Runs all trials. */
  async runAll(trials: readonly unknown[], on: TrialEvents): Promise<void> {
    if (trials.length === 0 || this.#ended) return;
    const { slug, expects, command: [program, ...args] } = this.#options;
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#child = child;
    const left = new Set(trials.keys());
    const finished = new Promise<void>((resolve) => this.#finish = resolve);
    void this.#listen(child, left, on);
    const writer = child.stdin.getWriter();
    const encoder = new TextEncoder();
    for (const [id, trial] of trials.entries()) {
      const request: Request = { id, slug, trial, expects };
      // A program that has ended is reported by `#listen`.
      await writer.write(encoder.encode(JSON.stringify(request) + "\n")).catch(() => {});
    }
    // Its end is what tells the program that nobody waits any more, so that it stays open.
    await finished;
    writer.close().catch(() => {});
  }

  /** Ends the program; what was running is lost. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#finish?.();
    try {
      this.#child?.kill("SIGTERM");
    } catch {
      // It has ended.
    }
  }

  async #listen(child: Deno.ChildProcess, left: Set<number>, on: TrialEvents): Promise<void> {
    const started = new Set<number>();
    let reason: string | undefined;
    for await (const line of linesOf(child.stdout)) {
      const reply = JSON.parse(line) as Reply;
      if (this.#ended) return;
      if (reply.kind === "notice") this.#options.onNotice(reply.message);
      else if (reply.kind === "lost") reason = reply.message;
      else if (reply.kind === "refused") return this.#options.onLost(reply.message, started.size > 0);
      else if (left.has(reply.id)) {
        const { id } = reply;
        if (!started.has(id)) on.start(id);
        started.add(id);
        if (reply.kind === "report") on.report(id, reply.fraction, reply.partial);
        else {
          left.delete(id);
          if (reply.kind === "rows") on.rows(id, reply.json);
          else on.error(id, reply);
          if (left.size === 0) return this.#finish?.();
        }
      }
    }
    const { code } = await child.status;
    if (!this.#ended) {
      this.#options.onLost(
        reason ?? `the connection to the cluster ended (status ${code})`,
        started.size > 0,
      );
    }
  }
}
