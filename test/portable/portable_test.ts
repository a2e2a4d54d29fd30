/** The library outside Deno: every portable entry point is imported, and one of its functions called. */
import { assert, assertEquals } from "@std/assert";
import { entryPoints, root } from "../docs/entry_points.ts";
import { browserPath, launch } from "../lab/jupyterlab.ts";
import { bundleAll, bundleName, portableEntryPoints } from "./bundles.ts";
import { calls, denoOnly } from "./calls.ts";
import { node } from "./programs.ts";

const names = portableEntryPoints().map(({ name }) => name);
/** Continuous integration must have a browser. */
const browser = browserPath();

Deno.test("portable: every entry point of deno.json has a call here or is for Deno only", () => {
  const known = new Set([...Object.keys(calls), ...denoOnly]);
  assertEquals(entryPoints().map(({ name }) => name).filter((name) => !known.has(name)), []);
});

Deno.test("portable: `refigure` exports every folder that does not load TensorFlow.js or Jupyter", async () => {
  const all = new Set(Object.keys(await import(new URL("lib/mod.ts", root).href)));
  const heavy = [
    "refigure",
    "refigure/optimizers",
    "refigure/experiment",
    "refigure/training",
    "refigure/tfjs",
  ];
  const missing: string[] = [];
  for (const { name, href } of portableEntryPoints()) {
    if (heavy.includes(name) || name.endsWith("/layers")) continue;
    for (const key of Object.keys(await import(href))) if (!all.has(key)) missing.push(`${name}: ${key}`);
  }
  assertEquals(missing, [], "not exported by lib/mod.ts");
});

Deno.test("portable: only blas/native, experiment/deno and notebook use Deno", async () => {
  const found: string[] = [];
  const visit = async (folder: URL) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(name + (isDirectory ? "/" : ""), folder);
      const path = url.href.slice(root.href.length);
      if (isDirectory && !["lib/blas/native/", "lib/experiment/deno/", "lib/notebook/"].includes(path)) {
        await visit(url);
      } else if (name.endsWith(".ts")) {
        const lines = (await Deno.readTextFile(url)).split("\n");
        lines.forEach((line, i) => {
          // Words in comments are free; `"Deno" in globalThis` only asks.
          if (/\bDeno\s*(\.|\?\.|\[)/.test(line.replace(/^\s*(\*|\/\/|\/\*).*|\/\/ .*$/, ""))) {
            found.push(`${path}:${i + 1}: ${line.trim()}`);
          }
        });
      }
    }
  };
  await visit(new URL("lib/", root));
  assertEquals(found, []);
});

Deno.test({
  name: `portable: every entry point runs in Node${node ? "" : " (no Node here)"}`,
  ignore: node === undefined,
  async fn() {
    const folder = await bundleAll("deno");
    await Deno.writeTextFile(
      `${folder}/run.mjs`,
      `if ("Deno" in globalThis) throw new Error("this is no Node");
const results = {};
for (const [name, file] of ${JSON.stringify(names.map((name) => [name, "./" + bundleName(name)]))}) {
  try { results[name] = (await (await import(file)).check())[2]; } catch (error) { results[name] = String(error?.stack ?? error); }
}
console.log("\\n" + JSON.stringify(results));
`,
    );
    await Deno.writeTextFile(`${folder}/package.json`, '{"type": "module"}');
    const { stdout, stderr } = await new Deno.Command(node!, { args: [`${folder}/run.mjs`], clearEnv: true })
      .output();
    const said = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
    assert(said.startsWith("{"), new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(said), Object.fromEntries(names.map((name) => [name, true])));
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: `portable: every entry point runs in Chromium${browser ? "" : " (no Chromium here)"}`,
  ignore: browser === undefined,
  async fn() {
    const folder = await bundleAll("browser");
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const path = new URL(request.url).pathname;
      if (path === "/") {
        return new Response("<!doctype html><title>portable</title>", {
          headers: { "content-type": "text/html" },
        });
      }
      try {
        return new Response(await Deno.readFile(folder + path), {
          headers: { "content-type": "text/javascript" },
        });
      } catch {
        return new Response("not found", { status: 404 });
      }
    });
    const window = await launch(browser!);
    try {
      const page = await window.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      const port = (server.addr as Deno.NetAddr).port;
      await page.goto(`http://127.0.0.1:${port}/`);
      const results: Record<string, unknown> = {};
      for (const name of names) {
        results[name] = await page.evaluate(
          `import("/${
            bundleName(name)
          }").then((m) => m.check()).then((r) => r[2], (error) => String(error.stack ?? error))`,
        );
      }
      assertEquals(results, Object.fromEntries(names.map((name) => [name, true])));
      assertEquals(complaints, []);
    } finally {
      await window.close();
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
