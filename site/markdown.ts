/** Markdown as the notes use it: tables, code, formulas between dollars. */
import katex from "katex";
import { Marked } from "marked";

/** How {@linkcode markdownToHtml} makes links. */
export interface MarkdownOptions {
  /** The address for a link of the text, such as `../ptd/README.md`; default as it stands there. */
  link?: (href: string) => string;
}

/**
 * Markdown as HTML. A heading that starts with a number has an `id`: "### 3.5 The limit" is `notes-3.5`, which claims
 * refer to. Formulas are HTML for the style sheet and fonts of `formulas.ts`, and MathML for screen readers.
 */
export function markdownToHtml(markdown: string, options: MarkdownOptions = {}): string {
  const { link = (href: string) => href } = options;
  const marked = new Marked({ gfm: true, async: false });
  marked.use({
    extensions: [
      formula("displayFormula", "block", /^\$\$([^$]+)\$\$(?:\n|$)/, true),
      formula("wideFormula", "inline", /^\$\$([^$]+)\$\$/, true),
      // A dollar before a space or after one is money, not a formula.
      formula("formula", "inline", /^\$((?! )(?:\\\$|[^$\n]|\n(?!\n))+?)(?<! )\$(?!\d)/, false),
    ],
    walkTokens(token) {
      if (token.type === "link") token.href = link(token.href);
    },
    renderer: {
      heading({ tokens, depth, text }) {
        const number = /^(\d+(?:\.\d+)*)\.? /.exec(text)?.[1];
        const id = number === undefined ? "" : ` id="notes-${number}"`;
        return `<h${depth}${id}>${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
  });
  return marked.parse(markdown) as string;
}

function formula(name: string, level: "block" | "inline", pattern: RegExp, displayMode: boolean) {
  return {
    name,
    level,
    // A formula of its own begins a line; elsewhere the dollar is inside of a paragraph.
    start: (text: string) => text.match(level === "block" ? /^\$\$/m : /\$/)?.index,
    tokenizer(text: string) {
      const match = pattern.exec(text);
      return match === null ? undefined : { type: name, raw: match[0], tex: match[1].trim() };
    },
    renderer: (token: { tex?: string }) => formulaHtml(token.tex!, displayMode),
  };
}

/** A formula as KaTeX sets it, with MathML for screen readers; one that it does not know stays as it is written. */
function formulaHtml(tex: string, displayMode: boolean): string {
  try {
    const html = katex.renderToString(tex, { output: "htmlAndMathml", displayMode, strict: "ignore" });
    // A long one scrolls by itself, also by the keyboard.
    return html.replace('<span class="katex-display">', '<span class="katex-display" tabindex="0">');
  } catch {
    return `<code>${tex.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</code>`;
  }
}
