/** HTML as text in which everything is escaped that is not HTML already. */

/** A piece of HTML. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What can stand between the braces of a template: text is escaped, lists are joined, nothing is left out. */
export type Part = Markup | string | number | false | null | undefined | readonly Part[];

/** A piece of HTML from a template; what stands between its braces is escaped unless it is HTML. */
export function markup(template: TemplateStringsArray, ...parts: Part[]): Markup {
  let text = template[0];
  for (let i = 0; i < parts.length; i++) text += textOf(parts[i]) + template[i + 1];
  return new Markup(text);
}

/** Text that is HTML already, such as rendered Markdown. */
export function raw(text: string): Markup {
  return new Markup(text);
}

/** Data for a script of the page, readable by `JSON.parse`. */
export function jsonScript(id: string, data: unknown): Markup {
  const text = JSON.stringify(data).replaceAll("<", "\\u003c");
  return raw(`<script type="application/json" id="${escapeHtml(id)}">${text}</script>`);
}

/** Text for HTML: characters with a meaning there are escaped. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function textOf(part: Part): string {
  if (part === undefined || part === null || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return part.map(textOf).join("");
}
