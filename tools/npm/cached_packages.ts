/** An npm package in Deno's cache. */
export interface CachedPackage {
  name: string;
  version: string;
  /** Its unpacked files. */
  localPath: string;
}

/** The npm packages of deno.lock, where Deno's cache has them. */
export async function cachedPackages(root: string | URL): Promise<CachedPackage[]> {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "lib/mod.ts"],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values(npmPackages as Record<string, CachedPackage>);
}

/** Links to them under their names, so that programs that know nothing of Deno's cache find them. */
export async function linkPackages(packages: readonly CachedPackage[], folder: string): Promise<void> {
  for (const { name, localPath } of new Map(packages.map((one) => [one.name, one])).values()) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.symlink(localPath, `${folder}/${name}`);
  }
}
