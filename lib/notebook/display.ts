/** The same thing in several formats, by MIME type. */
export type MediaBundle = Record<string, string | object>;

/** Under this symbol the Deno kernel asks a value how it is shown. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as typeof displaySymbol;

/** A value that a notebook shows as picture, table or text when it is the last expression of a cell. */
export interface Displayable {
  /** Asked by the kernel. */
  [displaySymbol](): MediaBundle | Promise<MediaBundle>;
}

/** What of `Deno.jupyter` is used here. */
export interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** The kernel this runs in, or undefined outside of one: then nothing is shown and everything else works. */
export function jupyter(): Jupyter | undefined {
  if (pretended !== undefined) return pretended;
  try {
    // Deno throws when this is read outside of a kernel; other runtimes have no such name.
    return (globalThis as { Deno?: { jupyter?: Jupyter } }).Deno?.jupyter;
  } catch {
    return undefined;
  }
}

let pretended: Jupyter | undefined;

/** For tests: Deno does not let itself be given a kernel. */
export function pretendKernel(kernel: Jupyter | undefined): void {
  pretended = kernel;
}

/** One place in the output of a cell, whose content can be replaced while the cell runs. */
export class Display {
  readonly #id = `refigure-${crypto.randomUUID()}`;
  #shown = false;
  #queue: Promise<void> = Promise.resolve();

  /** Shows the bundle in this place; resolves when the kernel has sent it. Bundles are sent in order. */
  show(data: MediaBundle): Promise<void> {
    const type = this.#shown ? "update_display_data" : "display_data";
    this.#shown = true;
    const content = { data, metadata: {}, transient: { display_id: this.#id } };
    return this.#queue = this.#queue.then(() => jupyter()?.broadcast(type, content));
  }
}

/** Text for HTML: what has a meaning there is escaped. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
