/** The pages of the website, made from a small content: their structure, their links, their escapes, and axe. */
import { assert, assertEquals } from "@std/assert";
import { browserPath, launch } from "../lab/jupyterlab.ts";
import { pages } from "../../site/pages/mod.ts";
import { quantityTable } from "../../site/pages/parts.ts";
import { quantitiesOf } from "../../site/pages/quantities.ts";
import { positionOf, valueAt } from "../../site/pages/knob_fields.ts";
import { seriousFindings } from "./browser.ts";
import { content } from "./content.ts";

const files = pages(content);
const html = [...files].filter(([path]) => path.endsWith(".html"));
const root = new URL("../../", import.meta.url);
/** Elements that have no end tag. */
const VOID = new Set(["meta", "link", "img", "input", "br", "hr"]);

Deno.test("every page of the index, of each paper and of its notes is there, and each figure as two files", () => {
  const expected = [
    ...["about.html", "findings.html", "index.html", "katex.css", "scorecard.html", "style.css"],
    ...["first/index.html", "first/notes.html", "first/key.svg", "first/key.vl.json", "first/other.svg"],
    ...[
      "first/other.vl.json",
      "second/index.html",
      "second/notes.html",
      "second/key.svg",
      "second/key.vl.json",
    ],
    ...["third/index.html", "third/key.svg", "third/key.vl.json"],
  ];
  assertEquals([...files.keys()].sort(), expected.sort());
});

Deno.test("every element that is opened is closed, in the right order", () => {
  for (const [path, text] of html) assertEquals(structureProblem(text), undefined, path);
  assertEquals(structureProblem("<p><b>bold</p></b>"), "</p> after <b>");
  assertEquals(structureProblem("<p>"), "<p> is never closed");
});

Deno.test("every id is there once", () => {
  for (const [path, text] of html) {
    const ids = idsOf(text);
    assertEquals(ids.filter((id, i) => ids.indexOf(id) !== i), [], path);
  }
});

Deno.test("every link leads to a page and a place in it, a program, a notebook, or the paper", () => {
  assertEquals(linkProblems(files), []);
  const broken = new Map([[
    "index.html",
    `<a href="a.html">a</a><a href="#b">b</a><img src="https://example.org/c">`,
  ]]);
  assertEquals(linkProblems(broken), [
    "index.html: a.html is not there",
    "index.html: #b is not there",
    "index.html: https://example.org/c",
  ]);
});

Deno.test("texts of papers are escaped wherever they stand", () => {
  for (const [path, text] of html) {
    // What the texts of the content contain as markup, outside of the notes, whose Markdown may have some.
    if (!path.endsWith("notes.html")) assert(!/<(?:b|i)>(?:of|more)/.test(text), path);
    assert(!text.includes("more</script>"), path);
  }
  const page = files.get("first/index.html")!;
  assert(page.includes("Lines &#60;b&#62;of&#60;/b&#62; &#34;tests&#34; &#38; more&#60;/script&#62;"));
  assert(page.includes("Rate &#60;η&#62;"));
  const data = /<script type="application\/json" id="paper">(.*?)<\/script>/.exec(page)![1];
  assertEquals(JSON.parse(data).knobs[0].label, "Rate <η>");
});

Deno.test("a claim links its figure and the section of the notes that has it", () => {
  const page = files.get("first/index.html")!;
  assert(page.includes(`<a href="../first/notes.html#notes-3.5">notes 3.5</a>`), page);
  assert(page.includes(`href="#figure-other"`));
  // A section that the notes do not have is that of its chapter.
  assert(files.get("second/index.html")!.includes(`href="../second/notes.html#notes-3"`));
  assert(!files.get("third/index.html")!.includes("notes.html"));
});

Deno.test("the quantities of a claim stand beside their bounds; other texts stay whole", () => {
  assertEquals(
    quantitiesOf("error at N = 8 0.3 ± 1 %; rate in [0, 1]", "error at N = 8 0.29; rate below 1e-13; of 3"),
    [
      { name: "error at N = 8", expected: "0.3 ± 1 %", measured: "0.29" },
      { name: "rate", expected: "in [0, 1]", measured: "below 1e-13" },
      { name: "of", measured: "3" },
    ],
  );
  assertEquals(quantitiesOf("error at most 1", "too little was run to decide"), undefined);
  for (const measured of ["share 0.7", "too little was run to decide"]) {
    const { text } = quantityTable({ expected: "share at least 0.6666666666666666", measured });
    assert(text.includes("at least 0.6667<"), text);
  }
  assertEquals(quantitiesOf("error at most 1", "could not be measured: no rows"), undefined);
});

Deno.test("a slider over several powers of ten is logarithmic, and gives back values of its ends", () => {
  const knob = { parameter: "eps", label: "", min: 0.01, max: 100, step: 0.01 };
  assertEquals([0, 200].map((position) => valueAt(knob, position)), [0.01, 100]);
  assertEquals(positionOf(knob, 1), 100);
  assertEquals(valueAt(knob, 100), 1);
  const plain = { ...knob, max: 1 };
  assertEquals([valueAt(plain, 0.3), positionOf(plain, 0.3)], [0.3, 0.3]);
});

Deno.test({
  name: "axe finds nothing serious, on light and dark pages",
  ignore: browserPath() === undefined, // in CI, browserPath throws instead
  sanitizeOps: false, // the browser's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn() {
    const types: Record<string, string> = { html: "text/html", css: "text/css", svg: "image/svg+xml" };
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      const path = new URL(url).pathname.slice(1);
      const headers = { "content-type": `${types[path.split(".").pop()!]}; charset=utf-8` };
      // The programs are not built here: the pages are as they are before those run.
      return files.has(path) ? new Response(files.get(path), { headers }) : new Response("", { status: 404 });
    });
    const browser = await launch(browserPath()!);
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        const context = await browser.newContext({ colorScheme });
        const page = await context.newPage();
        for (const [path] of html) {
          await page.goto(`http://127.0.0.1:${server.addr.port}/${path}`);
          assertEquals(await seriousFindings(page), [], `${path}, ${colorScheme}`);
        }
        await page.setContent(
          `<!doctype html><html lang="en"><title>t</title><main><h1>h</h1><img src="a.png"></main>`,
        );
        assertEquals(await seriousFindings(page), ['image-alt: <img src="a.png">']);
        await context.close();
      }
    } finally {
      await browser.close();
      await server.shutdown();
    }
  },
});

function idsOf(text: string): string[] {
  return Array.from(text.matchAll(/<[a-z][^<>]*? id="([^"]*)"/g), ([, id]) => id);
}

/** What is wrong with the nesting of elements, in a few words. */
function structureProblem(text: string): string | undefined {
  const open: string[] = [];
  const plain = text.replace(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, "").replace(/<!doctype html>/i, "");
  for (const [tag, slash, name, rest] of plain.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^"<>])*)>/g)) {
    if (slash === "") {
      if (!VOID.has(name) && !rest.endsWith("/")) open.push(name);
    } else {
      const last = open.pop();
      if (last !== name) return `${tag} after <${last}>`;
    }
  }
  return open.length > 0 ? `<${open.at(-1)}> is never closed` : undefined;
}

/** Links that lead nowhere, and addresses of other hosts that are not the paper's. */
function linkProblems(files: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  const places = new Map([...files].map(([path, text]) => [path, new Set(idsOf(text))]));
  for (const [path, text] of files) {
    if (!path.endsWith(".html")) continue;
    for (const [, kind, escaped] of text.matchAll(/<[a-z][^<>]*? (href|src)="([^"]*)"/g)) {
      const link = escaped.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
      if (link.startsWith("data:")) continue;
      const url = new URL(link, `https://site.invalid/${path}`);
      const target = decodeURIComponent(url.pathname.slice(1));
      if (url.host !== "site.invalid") {
        if (kind !== "href" || !/^https:\/\/(?:arxiv|doi)\.org\//.test(link)) {
          problems.push(`${path}: ${link}`);
        }
      } else if (target.startsWith("code/")) {
        const source = new URL(target.replace(/^code\//, "").replace(/\.js$/, ".ts"), root);
        if (!exists(source)) problems.push(`${path}: ${link} has no source`);
      } else if (/^notebooks\/[\w-]+\.ipynb$/.test(target)) {
        // Copied beside the pages by the build.
      } else if (!files.has(target) || (url.hash !== "" && !places.get(target)!.has(url.hash.slice(1)))) {
        problems.push(`${path}: ${link} is not there`);
      }
    }
  }
  return problems;
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
