import { Display, escapeHtml, type MediaBundle } from "./display.ts";

/**
 * Marks an output that is true for a moment or for one run only, such as a bar that moves or a warning about what an
 * earlier run left behind. `make lab` and tools/notebooks.py do not store such an output.
 */
export const passingMetadata = { refigure: { passing: true } };

/** Shows lines that are true for this run only. */
export async function showPassing(lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await new Display().show(textBundle(lines), passingMetadata);
}

/** Lines of text as an output. */
export function textBundle(lines: readonly string[]): MediaBundle {
  return {
    "text/html": lines.map((line) => `<div>${escapeHtml(line)}</div>`).join(""),
    "text/plain": lines.join("\n"),
  };
}
