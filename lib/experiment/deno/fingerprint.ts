import { blasInfo } from "../../blas/mod.ts";

const project = new URL("../../../", import.meta.url);
/** What trials depend on besides their module: what runs them, and how names resolve. */
const always = ["lib/experiment/deno/worker.ts", "deno.json", "deno.lock", "package.json"];

/**
 * Any text in a source that may name a file: in every kind of quotes, relative or `refigure/...`, wherever it stands
 * (`import`, `new URL`, `import.meta.resolve`, `Deno.readTextFile`). A text that is none costs one look.
 */
const mention = /(["'`])((?:\.{1,2}\/|refigure\b)[^"'`\n]*)\1/g;

/**
 * A hash of everything that rows depend on besides their trial: the sources and data files that the experiment's
 * module reaches, the pinned packages, Deno's version, and the engine and kernels of the linear algebra. Rows in the
 * cache are valid for one fingerprint only.
 */
export async function fingerprint(module: URL): Promise<string> {
  const files = new Map<string, string>();
  const queue = [module, ...always.map((path) => new URL(path, project))];
  while (queue.length > 0) {
    const url = queue.pop()!;
    if (files.has(url.href)) continue;
    const bytes = await readFile(url);
    if (bytes === undefined) continue;
    files.set(url.href, await sha256(bytes));
    if (!/\.[cm]?[jt]sx?$/.test(url.pathname)) continue;
    for (const [, , text] of new TextDecoder().decode(bytes).matchAll(mention)) {
      for await (const target of filesBehind(text, url)) queue.push(target);
    }
  }
  const parts = [...files].sort(([a], [b]) => a < b ? -1 : 1).map(([, digest]) => digest);
  return await sha256(JSON.stringify([...parts, Deno.version, blasInfo().arithmetic]));
}

/** SHA-256 in hexadecimal. */
export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The file that a text names; of a template such as `./data/${name}.json`, every file of the folder. */
async function* filesBehind(text: string, from: URL): AsyncGenerator<URL> {
  const template = text.indexOf("${");
  try {
    if (template < 0) {
      yield text.startsWith("refigure") ? new URL(import.meta.resolve(text)) : new URL(text, from);
      return;
    }
    const folder = new URL(text.slice(0, text.slice(0, template).lastIndexOf("/") + 1), from);
    for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) yield new URL(name, folder);
  } catch {
    // It names nothing that is there.
  }
}

async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (url.protocol !== "file:") return undefined;
  try {
    return await Deno.readFile(url);
  } catch {
    // A folder, or a text that only looks like a path.
    return undefined;
  }
}
