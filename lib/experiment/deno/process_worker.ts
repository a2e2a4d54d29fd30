/** A worker in a process of its own, so that a trial that exhausts its memory takes nothing else with it. */
import type { TrialWorker } from "../worker_pool.ts";
import type { FromWorker, Hello, ToWorker } from "../worker_protocol.ts";
import { linesOf } from "./lines.ts";

/** The first line of what V8 prints when a heap is exhausted; pages of addresses follow. */
const HEAP_REPORT = /^<--- Last few GCs --->|^# Fatal JavaScript out of memory/;

/** Milliseconds after Ctrl-C, which may reach the process before its parent has ended the run. */
const INTERRUPTED = 1000;

const program = new URL("./worker_process.ts", import.meta.url);

/** Whether processes can be started: from files, by who may run Deno. */
export function processesAllowed(): boolean {
  if (program.protocol !== "file:") return false;
  return Deno.permissions.querySync({ name: "run", command: Deno.execPath() }).state === "granted";
}

/** Runs trials like the Web Worker of `worker.ts`, in a Deno process with the permissions of this one. */
export class ProcessWorker implements TrialWorker {
  /** Never called: errors come through the port, after what was sent before them. */
  onerror: ((event: ErrorEvent) => void) | null = null;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #port: MessagePort | undefined;
  #outOfMemory = false;
  #terminated = false;

  /** Starts the process. */
  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-check",
        "--frozen",
        ...configuration(),
        ...permissions(),
        program.href,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.ended = this.#live();
  }

  /** Takes the module and the port of the pool; messages of the port then go to the process and back. */
  postMessage(hello: Hello, [port]: [MessagePort]): void {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ToWorker>) => this.#send(data);
    this.#send(hello);
  }

  /** Ends the process at once. */
  terminate(): void {
    this.#terminated = true;
    this.#port?.close();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  #send(message: Hello | ToWorker): void {
    // A process that has ended is reported by `#live`.
    this.#input.write(new TextEncoder().encode(JSON.stringify(message) + "\n")).catch(() => {});
  }

  async #live(): Promise<void> {
    await Promise.all([this.#listen(), this.#passErrors()]);
    const { code, signal } = await this.#child.status;
    await this.#input.close().catch(() => {});
    if (this.#terminated) return;
    if (signal === "SIGINT") await new Promise((resolve) => setTimeout(resolve, INTERRUPTED));
    const message = this.#outOfMemory
      ? "it ran out of memory (the heap of JavaScript)"
      : `its process ended (${signal ?? `status ${code}`})`;
    if (!this.#terminated) this.#port?.postMessage({ kind: "uncaught", message } satisfies FromWorker);
  }

  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      if (this.#terminated) continue;
      this.#port?.postMessage(JSON.parse(line) as FromWorker);
    }
  }

  /**
   * What trials print goes to standard error; what V8 prints of an exhausted heap does not. Not by `console`, which in a
   * notebook would store it below the cell.
   */
  async #passErrors(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) {
      this.#outOfMemory ||= HEAP_REPORT.test(line);
      if (!this.#outOfMemory && !this.#terminated) {
        Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
      }
    }
  }
}

/** This project's `deno.json`, which resolves the names of its imports. */
function configuration(): string[] {
  return ["--config", decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname)];
}

/** The permissions that this process has for everything; reading within the project is always among them. */
function permissions(): string[] {
  const names = ["read", "write", "env", "net", "ffi", "sys", "run"] as const;
  const granted = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  const flags = granted.map((name) => `--allow-${name}`);
  if (granted.includes("read")) return flags;
  return [...flags, `--allow-read=${decodeURIComponent(new URL("../../../", import.meta.url).pathname)}`];
}
