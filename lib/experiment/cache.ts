import { sha256 } from "./fingerprint.ts";
import { writeAside } from "./write_aside.ts";

/** Finished trials on disk, one file each, so that an interrupted run goes on where it stopped. */
export class TrialCache {
  readonly #folder: string;
  readonly #fingerprint: string;
  readonly #warn: (line: string) => void;
  #writable = true;

  /**
   * @param folder Holds the files of one experiment.
   * @param fingerprint Of everything besides the trial that rows depend on.
   * @param warn Told about a corrupt entry, or that nothing can be written.
   */
  constructor(folder: string, fingerprint: string, warn: (line: string) => void) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#warn = warn;
  }

  /** The rows of a trial, or undefined if it is not there or can't be trusted. */
  async read(trial: unknown): Promise<unknown[] | undefined> {
    const path = await this.#path(trial);
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch {
      return undefined;
    }
    try {
      const entry = JSON.parse(text) as { rows: unknown[]; digest: string };
      if (Array.isArray(entry.rows) && entry.digest === await sha256([JSON.stringify(entry.rows)])) {
        return entry.rows;
      }
    } catch {
      // Not JSON: as corrupt as a wrong digest.
    }
    this.#warn(`The cache entry ${path} is corrupt; its trial runs again.`);
    return undefined;
  }

  /**
   * Keeps a trial's rows, given as JSON. A folder that can't be written is said once and does not end the
   * run.
   */
  async write(trial: unknown, rows: string): Promise<void> {
    if (!this.#writable) return;
    try {
      const digest = await sha256([rows]);
      const entry = `{"trial":${JSON.stringify(trial)},"digest":"${digest}","rows":${rows}}\n`;
      await Deno.mkdir(this.#folder, { recursive: true });
      await writeAside(await this.#path(trial), entry);
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

  async #path(trial: unknown): Promise<string> {
    const key = await sha256([this.#fingerprint, JSON.stringify(trial)]);
    return `${this.#folder}/${key.slice(0, 32)}.json`;
  }
}
