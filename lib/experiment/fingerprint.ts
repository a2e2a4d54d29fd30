import { blasInfo } from "../blas/mod.ts";

const project = new URL("../../", import.meta.url);

/** Import specifiers, and files that are read beside a module, as they stand in the source. */
const specifier = /(?:from\s+|import\s*\(?\s*|new URL\(\s*)"((?:\.{1,2}\/|refigure)[^"]*)"/g;

/**
 * A hash of everything that rows depend on besides their trial: the sources that the experiment's module
 * reaches, the pinned packages, and the engine of the linear algebra. Rows in the cache are valid for one
 * fingerprint only.
 */
export async function fingerprint(module: URL): Promise<string> {
  const sources = new Map<string, string>();
  const queue = [module];
  while (queue.length > 0) {
    const url = queue.pop()!;
    if (sources.has(url.href)) continue;
    const text = await readOr(url, "");
    sources.set(url.href, text);
    if (!url.pathname.endsWith(".ts")) continue;
    for (const [, target] of text.matchAll(specifier)) queue.push(resolve(target, url));
  }
  const { engine, version } = blasInfo();
  const parts = [...sources].sort(([a], [b]) => a < b ? -1 : 1).map(([, text]) => text);
  return await sha256([...parts, await readOr(new URL("deno.lock", project), ""), engine, version ?? ""]);
}

/** SHA-256 of some texts, in hexadecimal. */
export async function sha256(texts: readonly string[]): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(texts)));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The file behind an import; the same patterns as in package.json. */
function resolve(target: string, from: URL): URL {
  if (!target.startsWith("refigure")) return new URL(target, from);
  const path = target.replace(/^refigure\/?/, "");
  const folder = path === "" ? "lib" : path.startsWith("experiments/") ? path : `lib/${path}`;
  return new URL(`${folder}/mod.ts`, project);
}

async function readOr(url: URL, otherwise: string): Promise<string> {
  try {
    return await Deno.readTextFile(url);
  } catch {
    // A folder, or a specifier inside a comment: nothing that runs.
    return otherwise;
  }
}
