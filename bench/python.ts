/** Peers in Python: one process for all of them, one thread each. */
import { MissingPeer, type PeerProcess } from "./bench.ts";
import { isProcessorTime } from "./clock.ts";

/** Python code of a peer. */
export interface PythonCode {
  /** Runs once. */
  setup: string;
  /** Is timed; runs in the scope of `setup`. */
  run: string;
  /** An expression for what was computed, read after a run. */
  value?: string;
}

let server: Server | undefined;
let count = 0;

/**
 * A peer written in Python. `name` is how the row calls it.
 *
 * @throws {MissingPeer} if there is no `.venv`, or a module that the code imports is not installed.
 */
export async function python(name: string, code: PythonCode): Promise<PeerProcess> {
  server ??= new Server();
  const current = server;
  const id = String(++count);
  await current.ask(name, { op: "setup", id, setup: code.setup, run: code.run });
  return {
    async time(repeat) {
      const { ms } = await current.ask(name, { op: "time", id, repeat, processor: isProcessorTime() });
      return ms as number;
    },
    value: async () => {
      const { value = "[]" } = code;
      return (await current.ask(name, { op: "value", id, value })).value as number[];
    },
    dispose: () => void current.ask(name, { op: "dispose", id }),
  };
}

/** Ends the Python process, if one was started. */
export function stopPython(): void {
  server?.stop();
  server = undefined;
}

class Server {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    const here = new URL("./peer.py", import.meta.url);
    const interpreter = new URL("../.venv/bin/python", import.meta.url);
    try {
      this.#child = new Deno.Command(interpreter, {
        args: [decodeURIComponent(here.pathname)],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
        env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
      }).spawn();
    } catch {
      throw new MissingPeer("there is no .venv: run `make bootstrap`");
    }
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = lines(this.#child.stdout);
  }

  /** One request, one reply; requests wait for those before them. */
  ask(name: string, request: Record<string, unknown>): Promise<Record<string, unknown>> {
    const answered = this.#last.then(async () => {
      await this.#writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the Python process of ${name} ended`);
      const reply = JSON.parse(value) as Record<string, unknown>;
      if (reply.missing) {
        throw new MissingPeer(
          `${name}: Python module ${reply.missing} is not installed (make bench installs it)`,
        );
      }
      if (reply.error) throw new Error(`${name}: ${reply.error}`);
      return reply;
    });
    this.#last = answered.catch(() => {});
    return answered;
  }

  stop(): void {
    try {
      this.#child.kill();
    } catch {
      // It has ended by itself.
    }
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
  ) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
