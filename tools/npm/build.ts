import * as esbuild from "esbuild";
import {
  leftOut,
  manifest,
  packConfiguration,
  packedExports,
  type PackedManifest,
  readConfiguration,
  SCRIPT,
} from "./manifest.ts";
import { makeScript, scriptExports } from "./script.ts";
import { readTarball, writeTarball } from "./tarball.ts";
import { portableTypes } from "./types.ts";

/** The project. */
export const root: string = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");

/** A package that was made. */
export interface Built {
  /** The tarball. */
  path: string;
  /** Its size in bytes. */
  size: number;
  /** Its files, named as in the package, such as `lib/arrays/mod.js`. */
  files: Map<string, Uint8Array>;
}

const text = new TextDecoder();
const bytes = new TextEncoder();

/**
 * Makes the package for npm: `deno pack` compiles a copy of the library and writes its types; package.json is made anew,
 * comments leave the JavaScript, since the types have them too, and a script for browsers joins.
 *
 * @param folder Where the tarball is written; `stage/` in it holds the copy.
 */
export async function buildPackage(folder: string): Promise<Built> {
  const configuration = await readConfiguration(root);
  const stage = `${folder}/stage`;
  await remove(stage);
  await Deno.mkdir(stage, { recursive: true });
  await copySources(`${root}/lib`, `${stage}/lib`, leftOut(configuration).map((name) => `${root}/${name}`));
  await Deno.writeTextFile(`${stage}/deno.json`, JSON.stringify(packConfiguration(configuration)));
  // With the lock file, and all that it was made for, Deno needs no network.
  await Deno.copyFile(`${root}/deno.lock`, `${stage}/deno.lock`);
  for (const link of configuration.links) await copySources(`${root}/${link}`, `${stage}/${link}`, []);
  const packed = await pack(stage);
  const compiled = new Map([...packed].filter(([name]) => /^lib\/.*\.(js|d\.ts)$/.test(name)));
  const files = new Map<string, Uint8Array>();
  try {
    for (const [name, data] of await withoutComments(compiled, `${stage}/compiled`)) files.set(name, data);
    const modules = scriptExports(Object.keys(packedExports(configuration)))
      .map((name) => `./lib/${name.slice(2)}/mod.js`);
    files.set(SCRIPT, await makeScript(`${stage}/compiled`, modules, root));
  } finally {
    await esbuild.stop();
  }
  const packedManifest: PackedManifest = JSON.parse(text.decode(packed.get("package.json")!));
  const json = manifest(packedManifest, configuration, foldersWithTfjs(compiled));
  for (const [name, data] of files) {
    if (!name.endsWith(".d.ts")) continue;
    const types = portableTypes(text.decode(data), Object.keys(json.peerDependencies));
    files.set(name, bytes.encode(types));
  }
  files.set("package.json", bytes.encode(JSON.stringify(json, null, 2) + "\n"));
  files.set("README.md", await Deno.readFile(`${root}/docs/packages.md`));
  for (const name of ["LICENSE", "CHANGELOG.md"]) files.set(name, await Deno.readFile(`${root}/${name}`));
  const tarball = writeTarball(new Map([...files].map(([name, data]) => [`package/${name}`, data])));
  const path = `${folder}/refigure-${configuration.version}.tgz`;
  await Deno.writeFile(path, tarball);
  await remove(stage);
  return { path, size: tarball.length, files };
}

/** Copies TypeScript and its configuration, and leaves folders out. */
async function copySources(from: string, to: string, without: readonly string[]): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (without.includes(`${from}/${name}`)) continue;
    if (isDirectory) await copySources(`${from}/${name}`, `${to}/${name}`, without);
    else if (name.endsWith(".ts") || name === "deno.json") {
      await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

/** Runs `deno pack`; returns the files of its tarball, without `package/` before their names. */
async function pack(stage: string): Promise<Map<string, Uint8Array>> {
  const tarball = `${stage}/packed.tgz`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    // Source maps would hold the paths of this machine.
    args: ["pack", "--no-source-maps", "--allow-dirty", "--output", tarball],
    cwd: stage,
    env: { NO_COLOR: "1" },
  }).output();
  if (code !== 0) throw new Error(`deno pack fails: ${text.decode(stderr)}`);
  const files = await readTarball(await Deno.readFile(tarball));
  return new Map([...files].map(([name, data]) => [name.replace(/^package\//, ""), data]));
}

/** Writes modules into `folder`, where their JavaScript loses its comments; returns what is written. */
async function withoutComments(
  modules: ReadonlyMap<string, Uint8Array>,
  folder: string,
): Promise<Map<string, Uint8Array>> {
  const scripts: string[] = [];
  for (const [name, data] of modules) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeFile(`${folder}/${name}`, data);
    if (name.endsWith(".js")) scripts.push(name);
  }
  await esbuild.build({
    entryPoints: scripts,
    absWorkingDir: folder,
    outdir: folder,
    outbase: folder,
    allowOverwrite: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    charset: "utf8",
    logLevel: "error",
  });
  const result = new Map(modules);
  for (const name of scripts) result.set(name, await Deno.readFile(`${folder}/${name}`));
  return result;
}

/** Folders with a module that imports TensorFlow.js: they register backends, optimizers and layers. */
function foldersWithTfjs(modules: ReadonlyMap<string, Uint8Array>): string[] {
  const folders = new Set<string>();
  for (const [name, data] of modules) {
    if (name.endsWith(".js") && /^import .*"@tensorflow\//m.test(text.decode(data))) {
      folders.add(name.replace(/\/[^/]+$/, ""));
    }
  }
  return [...folders].sort();
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
