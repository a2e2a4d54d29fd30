/** What all pages have in common. */
import { type Markup, markup, type Part, raw } from "./markup.ts";

/** The parts of one page. */
export interface Page {
  /** Where it is, from the root of the site: `s4d/index.html`. */
  path: string;
  /** Shown in the tab. */
  title: string;
  /** One sentence for search engines. */
  description: string;
  /** What stands between the header and the footer. */
  main: Part;
  /** Whether it has formulas. */
  formulas?: boolean;
  /** Names of programs in `site/client` that the page loads beside that of every page. */
  scripts?: readonly string[];
}

const places = [
  ["index.html", "Papers"],
  ["scorecard.html", "Scorecard"],
  ["findings.html", "Findings"],
  ["about.html", "About"],
] as const;

/** Before anything is drawn, so that a page does not flash in the other theme. */
const early =
  `document.documentElement.classList.add("js");try{const t=localStorage.getItem("refigure-theme");` +
  `if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}`;

/** Two curves that meet, on the accent colour. */
const icon = "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0067a3"/>` +
    `<path d="M7 8c3 13 9 16 19 16M7 20c8 4 12 4 19 4" fill="none" stroke="#fff" stroke-width="3" ` +
    `stroke-linecap="round"/></svg>`,
);

/** The address of a file of the site, as seen from a page. */
export function linkFrom(page: string, target: string): string {
  return "../".repeat(page.split("/").length - 1) + target;
}

/** A whole document. */
export function layout({ path, title, description, main, formulas = false, scripts = [] }: Page): string {
  const to = (target: string) => linkFrom(path, target);
  const nav = places.map(([place, name]) =>
    markup`<a href="${to(place)}"${place === path ? raw(` aria-current="page"`) : ""}>${name}</a>`
  );
  const programs = ["every_page", ...scripts].map((name) =>
    markup`<script type="module" src="${to(`code/site/client/${name}.js`)}"></script>
`
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${description}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${icon}">
<script>${raw(early)}</script>
<link rel="stylesheet" href="${to("style.css")}">
${
    formulas && markup`<link rel="stylesheet" href="${to("katex.css")}">
`
  }${programs}</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="site">
<div class="wide">
<a class="brand" href="${to("index.html")}">${mark}Refigure</a>
<nav aria-label="Site">${nav}</nav>
<button id="theme" class="theme js-only" type="button" aria-pressed="false" aria-label="Dark theme">${moon}</button>
</div>
</header>
<main id="main" tabindex="-1">${main}</main>
<footer class="site">
<div class="wide">
<p>Refigure runs the key figures of machine-learning papers again, in TypeScript. Everything on these pages comes
with the site: it works without a network. MIT licence.</p>
</div>
</footer>
</body>
</html>
`.text;
}

const mark: Markup = raw(
  `<svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true"><path d="M4 5c4 17 11 21 24 21" ` +
    `fill="none" stroke="var(--measured)" stroke-width="3.5" stroke-linecap="round"/><path d="M4 18c9 7 15 8 24 8" ` +
    `fill="none" stroke="currentColor" stroke-width="3" stroke-dasharray="4.5 4" stroke-linecap="round"/></svg>`,
);

const moon: Markup = raw(
  `<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 ` +
    `1 0 10.5 10.5z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/></svg>`,
);
