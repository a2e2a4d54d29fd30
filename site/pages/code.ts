/** TypeScript as HTML with its words coloured. */
import { escapeHtml, type Markup, raw } from "./markup.ts";

const keywords =
  "as async await break case catch class const continue default delete do else export extends false " +
  "finally for from function if import in instanceof interface let new null of return satisfies static super switch " +
  "this throw true try type typeof undefined var void while yield";
const words = new Set(keywords.split(" "));
const token =
  /(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)|(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_$][\w$]*)/g;

/** The program with comments, texts, numbers and keywords in elements of their own. */
export function highlighted(program: string): Markup {
  let html = "";
  let end = 0;
  for (const match of program.matchAll(token)) {
    html += escapeHtml(program.slice(end, match.index));
    end = match.index + match[0].length;
    const { comment, string, number } = match.groups!;
    const kind = comment !== undefined
      ? "comment"
      : string !== undefined
      ? "string"
      : number !== undefined
      ? "number"
      : words.has(match[0])
      ? "keyword"
      : undefined;
    const text = escapeHtml(match[0]);
    html += kind === undefined ? text : `<span class="t-${kind}">${text}</span>`;
  }
  return raw(html + escapeHtml(program.slice(end)));
}
