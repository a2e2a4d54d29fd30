/** The same content in several formats, by MIME type. */
export type MediaBundle = Record<string, string | object>;

/** Under this symbol the Deno kernel looks for the function that returns how a value is shown. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as typeof displaySymbol;

/** A value that a notebook shows as a picture, a table or text when it is the last expression of a cell. */
export interface Displayable {
  /** Called by the kernel. */
  [displaySymbol](): MediaBundle | Promise<MediaBundle>;
}
