/** The build of the website, without a browser. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { markdownToHtml } from "../../site/markdown.ts";
import { gather } from "../../tools/site/build.ts";
import { usageIn } from "../../tools/site/gather.ts";
import { parseSiteOptions } from "../../tools/site/options.ts";
import { PlaceError, publish } from "../../tools/site/publish.ts";
import { requireFree, serve } from "../../tools/site/serve.ts";

const root = new URL("../../", import.meta.url);

Deno.test("the command line", () => {
  const parse = (...args: string[]) => parseSiteOptions(args, ["ptd", "s4d"]);
  const usual = {
    slugs: ["ptd", "s4d"],
    preset: "laptop" as const,
    out: ".cache/site",
    help: false,
  };
  assertEquals(parse(), { ...usual });
  assertEquals(parse("--serve"), { ...usual, port: 8000 });
  assertEquals(parse("s4d", "--serve", "9000", "--preset=quick"), {
    ...usual,
    slugs: ["s4d"],
    port: 9000,
    preset: "quick" as const,
  });
  assertEquals(parse("--serve", "--out", "elsewhere"), { ...usual, port: 8000, out: "elsewhere" });
  for (
    const [args, message] of [
      [["--prset", "quick"], 'Unknown option --prset (did you mean "--preset"?)'],
      [["--preset", "fast"], 'Unknown preset "fast"'],
      [["--preset"], "--preset needs a value"],
      [["--serve", "0"], '--serve takes a port from 1 to 65535, got "0"'],
      [["s5d"], 'Unknown paper "s5d"'],
    ] as const
  ) assertThrows(() => parse(...args), Error, message);
});

Deno.test("a paper's content comes from its run, its notes and its notebook; one that fails is left out", async () => {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => lines.push(line);
  let content;
  try {
    content = await gather(["no-such-paper", "ptd"], "quick");
  } finally {
    console.log = log;
  }
  assertEquals(lines.length, 2);
  assertStringIncludes(lines[0], "[1/2] ✗ no-such-paper is left out: Unknown experiment");
  const [paper] = content.papers;
  assertEquals([content.papers.length, paper.slug, paper.preset], [1, "ptd", "quick"]);
  assertEquals(JSON.parse(JSON.stringify(paper)), { ...paper }, "the content is plain JSON");
  assert(paper.claims.length >= 5 && paper.claims[0].headline);
  assert(paper.figures.length > 1 && paper.figures.every(({ svg }) => svg.startsWith("<svg")));
  assertStringIncludes(paper.notes, "## 7 Acceptance criteria");
  assertStringIncludes(paper.usage, 'from "refigure/ssm"');
  assertEquals(paper.quick, paper.params);
});

Deno.test("the program of a notebook: in the text or in cells, up to the next heading", () => {
  const cell = (cell_type: string, ...source: string[]) => ({ cell_type, source });
  const notebook = (...cells: unknown[]) => JSON.stringify({ cells });
  const text = cell(
    "markdown",
    "## Before\n```ts\nno\n```\n## Use it in your own code\n",
    "```ts\na();\nb();\n```\n## On\n```ts\nno\n```",
  );
  assertEquals(usageIn(notebook(text, cell("code", "no"))), "a();\nb();");
  const heading = cell("markdown", "## In your own code\nLike this:");
  assertEquals(
    usageIn(notebook(cell("code", "no"), heading, cell("code", "a();\n"), cell("code", "b();"))),
    "a();\n\nb();",
  );
  assertEquals(usageIn(""), "");
});

Deno.test("Markdown: formulas have MathML, sections can be linked to, links are rewritten", () => {
  const html = markdownToHtml(
    "### 3.5 The limit\n\nWith $\\kappa_1 < 2$ [as there](../ptd/README.md); $5 and $6.\n\n$$a=\\frac12$$\n",
    { link: (href) => `x:${href}` },
  );
  assertStringIncludes(html, '<h3 id="notes-3.5">');
  assertStringIncludes(html, "<mi>κ</mi>");
  assertStringIncludes(html, 'href="x:../ptd/README.md"');
  assertStringIncludes(html, "$5 and $6");
  assertStringIncludes(html, 'display="block"');
  assertStringIncludes(html, "mfrac");
  assertStringIncludes(markdownToHtml("$\\nosuch{$"), "<code>\\nosuch{</code>");
});

Deno.test("a build replaces an earlier build, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const place = `${folder}/site`;
    const make = (name: string) => (target: string) => Deno.writeTextFile(`${target}/${name}`, name);
    await publish(place, make("one"));
    await publish(place, make("two"));
    assertEquals([...Deno.readDirSync(place)].map(({ name }) => name).sort(), ["refigure-site.txt", "two"]);
    // What fails leaves the old one.
    await assertRejects(() => publish(place, () => Promise.reject(new Error("no"))), Error, "no");
    assertEquals(Deno.readTextFileSync(`${place}/two`), "two");
    Deno.writeTextFileSync(`${folder}/mine`, "");
    await assertRejects(() => publish(folder, make("three")), PlaceError, "holds other files");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["mine", "site"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the server serves the folder and nothing outside", async () => {
  const folder = await Deno.makeTempDir();
  Deno.mkdirSync(`${folder}/site/s4d`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/site/s4d/index.html`, "page");
  Deno.writeTextFileSync(`${folder}/secret`, "secret");
  const server = serve(`${folder}/site`, 0);
  try {
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
      return [response.status, await response.text(), response.headers.get("content-type")];
    };
    assertEquals(await get("/s4d/"), [200, "page", "text/html; charset=utf-8"]);
    assertEquals((await get("/s4d"))[1], "page");
    assertEquals((await get("/%2e%2e%2fsecret"))[0], 400);
    assertEquals((await get("/nothing"))[0], 404);
    assertThrows(() => requireFree(server.addr.port), Error, "is in use");
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("deno task site builds with the permissions of its task, and writes nowhere else", async () => {
  const task = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "site", "ptd", "--preset", "quick", ...args],
      cwd: root,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  };
  const out = "results/site-test";
  try {
    const built = await task("--out", out);
    assertEquals([built.code, built.stderr], [0, ""]);
    assertStringIncludes(built.stdout, "[1/1] ptd: ");
    for (
      const file of ["index.html", "ptd/index.html", "code/experiments/ptd/mod.js", "notebooks/ptd.ipynb"]
    ) {
      assert(Deno.statSync(new URL(`${out}/${file}`, root)).size > 0, file);
    }
  } finally {
    await Deno.remove(new URL(out, root), { recursive: true });
  }
  const outside = await Deno.makeTempDir();
  const refused = await task("--out", outside);
  await Deno.remove(outside);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "may write only into this project's .cache and results");
});
