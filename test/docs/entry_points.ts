/** The public faces of the library, as `deno.json` lists them, as far as they are there. */

export const root: URL = new URL("../../", import.meta.url);

export interface EntryPoint {
  /** As imported: `refigure/linalg`. */
  name: string;
  /** The file's address. */
  url: URL;
}

export function entryPoints(): EntryPoint[] {
  const { exports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root))) as {
    exports: Record<string, string>;
  };
  return Object.entries(exports).map(([key, path]) => ({
    name: key.replace(/^\./, "refigure"),
    url: new URL(path, root),
  }));
}

/** Runs the Deno of this test with `args`, and returns what it wrote. */
export async function deno(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A file's address as a path below the repository. */
export function relative(url: string): string {
  return url.startsWith(root.href) ? url.slice(root.href.length) : url;
}
