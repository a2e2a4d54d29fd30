/** Bundles what runs in the reader's browser. */

const root = new URL("../../", import.meta.url);

/** A bundle that could not be made; the message is what the bundler printed. */
export class BundleError extends Error {
  override name = "BundleError";
}

/**
 * Bundles the experiments and all of `site/client/` into a folder, which has the same paths as the sources: programs that
 * pages and workers load, with what several of them need in shared files.
 */
export async function bundle(slugs: readonly string[], folder: string): Promise<void> {
  const client = [...Deno.readDirSync(new URL("site/client/", root))].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts")).sort();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--frozen",
      ...["--platform", "browser"],
      "--minify",
      "--code-splitting",
      ...["--outdir", folder],
      ...slugs.map((slug) => `experiments/${slug}/mod.ts`),
      ...client.map((name) => `site/client/${name}`),
    ],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new BundleError(new TextDecoder().decode(stderr).trim());
}
