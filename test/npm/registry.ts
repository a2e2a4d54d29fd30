/**
 * A registry for npm and Deno on this machine, so that packages are installed by the real programs without a network: it
 * serves what Deno's cache has of the packages of deno.lock, and the package that was just made.
 */
import { cachedPackages } from "../../tools/npm/cached_packages.ts";
import { readTarball, writeTarball } from "../../tools/npm/tarball.ts";

/** Source maps and sources, nine tenths of TensorFlow.js, are not served: no program here reads them. */
const UNUSED = /\/@tensorflow\/.*(\.map$|\.html$|\/(src|\.rollup\.cache)\/)/;

interface Version {
  tarball: Uint8Array<ArrayBuffer>;
  manifest: Record<string, unknown>;
}

export interface Registry extends AsyncDisposable {
  /** As npm's option `registry`. */
  url: string;
}

/** Starts the registry; `tarballs` are those of packages that no cache has. */
export async function startRegistry(tarballs: readonly Uint8Array<ArrayBuffer>[]): Promise<Registry> {
  const root = new URL("../..", import.meta.url).pathname;
  const folders = new Map<string, Map<string, string>>();
  for (const { name, version, localPath } of await cachedPackages(root)) {
    if (!folders.has(name)) folders.set(name, new Map());
    folders.get(name)!.set(version, localPath);
  }
  const packages = new Map<string, Map<string, Version>>();
  for (const tarball of tarballs) {
    const manifest = await manifestOf(tarball);
    packages.set(String(manifest.name), new Map([[String(manifest.version), { tarball, manifest }]]));
  }
  const versionsOf = async (name: string) => {
    const made = packages.get(name);
    if (made !== undefined) return made;
    const versions = new Map<string, Version>();
    for (const [version, folder] of folders.get(name) ?? []) {
      try {
        const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
        versions.set(version, { tarball: pack(folder), manifest });
      } catch (error) {
        // Packages for other systems are in deno.lock, and not in the cache.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    packages.set(name, versions);
    return versions;
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const [name, version] = decodeURIComponent(new URL(request.url).pathname.slice(1)).split("/-/");
    const versions = await versionsOf(name);
    if (versions.size === 0) return new Response("not found", { status: 404 });
    if (version !== undefined) return new Response(versions.get(version)!.tarball);
    return Response.json(await describe(name, versions, new URL(request.url).origin));
  });
  return {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What a registry knows of a package. */
async function describe(name: string, versions: ReadonlyMap<string, Version>, origin: string) {
  const described: Record<string, unknown> = {};
  for (const [version, { tarball, manifest }] of versions) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", tarball));
    const dist = {
      tarball: `${origin}/${name}/-/${version}`,
      integrity: `sha512-${btoa(String.fromCharCode(...digest))}`,
    };
    described[version] = { ...manifest, name, version, dist };
  }
  return { name, "dist-tags": { latest: [...versions.keys()].at(-1) }, versions: described };
}

function pack(folder: string): Uint8Array<ArrayBuffer> {
  const files = new Map<string, Uint8Array>();
  const visit = (below: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${below}`)) {
      const path = below + name;
      if (UNUSED.test(`${folder}/${path}${isDirectory ? "/" : ""}`)) continue;
      if (isDirectory) visit(`${path}/`);
      else files.set(`package/${path}`, Deno.readFileSync(`${folder}/${path}`));
    }
  };
  visit("");
  return writeTarball(files, { level: 1 });
}

async function manifestOf(tarball: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>> {
  const files = await readTarball(tarball);
  return JSON.parse(new TextDecoder().decode(files.get("package/package.json")));
}
