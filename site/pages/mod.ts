/** The pages of the website. */
import type { SiteContent, SitePaper } from "../content.ts";

/** All pages and style sheets by their path from the root of the site. */
export function pages({ papers }: SiteContent): Map<string, string> {
  const files = new Map<string, string>();
  const list = papers.map(({ slug, title }) => `<li><a href="${slug}/">${escape(title)}</a></li>`);
  files.set("index.html", document("Refigure", `<h1>Refigure</h1><ul>${list.join("")}</ul>`, ""));
  for (const paper of papers) files.set(`${paper.slug}/index.html`, pageOf(paper));
  return files;
}

function pageOf(paper: SitePaper): string {
  const { slug, title, figures: [key], claims, quick, knobs } = paper;
  const rows = claims.map(({ holds, statement, measured }) =>
    `<tr><td>${holds}</td><td>${escape(statement)}</td><td>${escape(measured)}</td></tr>`
  );
  const data = JSON.stringify({ slug, quick, knobs, spec: key.spec }).replaceAll("<", "\\u003c");
  return document(
    title,
    `<h1>${escape(title)}</h1><figure id="figure">${key.svg}</figure>
<p><button id="run" type="button">Run it here</button> <progress id="bar" value="0"></progress>
<span id="status" role="status"></span></p><table><tbody id="claims">${rows.join("")}</tbody></table>
<script type="application/json" id="paper">${data}</script>`,
    `<script type="module" src="../code/site/client/paper.js"></script>`,
  );
}

function document(title: string, body: string, scripts: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><link rel="icon" href="data:,">${scripts}</head><body>${body}</body></html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
