import type { MediaBundle } from "./displayable.ts";
import { broadcast, sent } from "./kernel.ts";

export * from "./displayable.ts";
export { jupyter, pretendKernel } from "./kernel.ts";

/** One place in the output of a cell, whose content can be replaced while the cell runs. */
export class Display {
  readonly #id = `refigure-${crypto.randomUUID()}`;
  #shown = false;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Shows the bundle in this place; resolves when the kernel has sent it. Bundles are sent in order, and one
   * that cannot be sent does not keep those after it.
   *
   * @param data What to show.
   * @param metadata Kept with the output in the notebook.
   */
  show(data: MediaBundle, metadata: Record<string, unknown> = {}): Promise<void> {
    const send = async () => {
      const type = this.#shown ? "update_display_data" : "display_data";
      await broadcast(type, { data, metadata, transient: { display_id: this.#id } });
      this.#shown = true;
      await sent();
    };
    const result = this.#last.then(send);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Text for HTML: characters with a meaning there are escaped. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
