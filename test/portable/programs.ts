/** The first of these that is a file. */
function find(paths: readonly string[]): string | undefined {
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const onPath = (program: string) =>
  (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${program}`);

/**
 * Node is no part of what a machine needs; where there is one, it is used. Where there is none, Deno puts a
 * `node` of its own on the path (`node_compat_bin`), which is Deno again.
 */
export const node = find(
  [...onPath("node"), "/usr/bin/node"].filter((path) => !path.includes("node_compat_bin")),
);

/** The npm that came with it. */
export const npm = node && find([node.replace(/node$/, "npm")]);
