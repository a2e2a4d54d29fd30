import type { TrialStore } from "../executor.ts";
import { requireRows } from "../rows.ts";
import { sha256 } from "./fingerprint.ts";
import { writeAside } from "./write_aside.ts";

/** Milliseconds after which a file that a write left behind belongs to nobody. */
const ABANDONED = 60_000;

/** Finished trials on disk, one file each, so that an interrupted run goes on where it stopped. */
export class TrialCache implements TrialStore {
  readonly #folder: string;
  readonly #fingerprint: () => Promise<string>;
  readonly #warn: (line: string) => void;
  readonly #written: string[] = [];
  readonly #running = new Map<string, string>();
  #print: string | undefined;
  #writable = true;

  /**
   * @param folder Holds the files of one experiment.
   * @param fingerprint Of everything besides the trial that rows depend on; taken at the start and at the end.
   * @param warn Told about a corrupt entry, or that nothing can be written, or that the sources have changed.
   */
  constructor(folder: string, fingerprint: () => Promise<string>, warn: (line: string) => void) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#warn = warn;
  }

  /** Opens the cache: removes what killed writes left, and reports the trials in which an earlier run died. */
  async open(): Promise<void> {
    this.#print = await this.#fingerprint();
    try {
      for await (const { name } of Deno.readDir(this.#folder)) {
        const path = `${this.#folder}/${name}`;
        if (name.endsWith(".tmp")) {
          const { mtime } = await Deno.stat(path);
          if (mtime !== null && Date.now() - mtime.getTime() > ABANDONED) await Deno.remove(path);
        } else if (/^running-\d+$/.test(name) && !isAlive(Number(name.slice("running-".length)))) {
          const labels = (await Deno.readTextFile(path)).trim().split("\n").filter(Boolean);
          await Deno.remove(path);
          if (labels.length > 0) {
            this.#warn(
              `An earlier run was killed or ran out of memory while it ran: ${labels.join(" | ")}`,
            );
          }
        }
      }
    } catch {
      // There is no cache yet, or another run was faster.
    }
  }

  /** The rows of a trial, or undefined if they are not there or cannot be trusted. */
  async read(trial: unknown): Promise<unknown[] | undefined> {
    const path = await this.#path(trial);
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch {
      return undefined;
    }
    try {
      const entry = JSON.parse(text) as { trial: unknown; rows: unknown; digest: string };
      const stored = JSON.stringify(entry.trial);
      if (
        stored === JSON.stringify(trial) &&
        entry.digest === await digestOf(stored, JSON.stringify(entry.rows))
      ) {
        requireRows(entry.rows);
        return entry.rows;
      }
    } catch {
      // Not JSON, or no rows: as corrupt as a wrong digest.
    }
    this.#warn(`The cache entry ${path} is corrupt; its trial runs again.`);
    return undefined;
  }

  /** Notes which trials are running, for whoever opens the cache after this process has died. */
  started(trial: unknown, label: string): void {
    this.#running.set(JSON.stringify(trial), label);
    this.#note();
  }

  /** Keeps a trial's rows, given as JSON. A folder that can't be written is reported once and does not end the run. */
  async write(trial: unknown, rows: string): Promise<void> {
    const key = JSON.stringify(trial);
    this.#running.delete(key);
    this.#note();
    if (!this.#writable) return;
    try {
      const entry = `{"trial":${key},"digest":"${await digestOf(key, rows)}","rows":${rows}}\n`;
      await Deno.mkdir(this.#folder, { recursive: true });
      const path = await this.#path(trial);
      await writeAside(path, entry);
      this.#written.push(path);
    } catch (error) {
      // Two trials may end at the same moment; one line is enough.
      if (!this.#writable) return;
      this.#writable = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.#warn(
        `Finished trials can't be kept in ${this.#folder} (${reason}): an interrupted run starts anew.`,
      );
    }
  }

  /** Ends the run: if sources were edited meanwhile, the rows may be of two versions, and none is kept. */
  async close(): Promise<void> {
    try {
      Deno.removeSync(this.#runningFile());
    } catch {
      // No trial was started, or nothing can be written.
    }
    if (this.#written.length === 0 || await this.#fingerprint() === this.#print) return;
    for (const path of this.#written) await Deno.remove(path).catch(() => {});
    this.#warn("The sources were edited during the run: its rows may be of two versions and are not kept.");
  }

  #note(): void {
    try {
      Deno.mkdirSync(this.#folder, { recursive: true });
      Deno.writeTextFileSync(this.#runningFile(), [...this.#running.values()].join("\n"));
    } catch {
      // `write` reports a folder that can't be written.
    }
  }

  #runningFile(): string {
    return `${this.#folder}/running-${Deno.pid}`;
  }

  async #path(trial: unknown): Promise<string> {
    this.#print ??= await this.#fingerprint();
    const key = await sha256(JSON.stringify([this.#print, JSON.stringify(trial)]));
    return `${this.#folder}/${key.slice(0, 32)}.json`;
  }
}

function digestOf(trial: string, rows: string): Promise<string> {
  return sha256(JSON.stringify([trial, rows]));
}

/** Whether a process is there; where that can't be seen, it is taken to be. */
function isAlive(pid: number): boolean {
  try {
    Deno.statSync("/proc/self");
  } catch {
    return true;
  }
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}
