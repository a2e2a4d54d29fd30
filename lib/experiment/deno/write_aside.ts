/**
 * Writes a file beside its place, then renames it: a reader sees the old file or the new one, never a half.
 */
export async function writeAside(path: string, content: string | Uint8Array): Promise<void> {
  const aside = `${path}.${Deno.pid}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    if (typeof content === "string") await Deno.writeTextFile(aside, content);
    else await Deno.writeFile(aside, content);
    await Deno.rename(aside, path);
  } catch (error) {
    await Deno.remove(aside).catch(() => {});
    throw error;
  }
}
