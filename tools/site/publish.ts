/** Puts a folder in its place when it is whole. */

/** A file by which a folder is known to be a site of ours, which the next build may replace. */
const MARK = "refigure-site.txt";

/** The folder cannot be replaced; the message is one sentence for the user. */
export class PlaceError extends Error {
  override name = "PlaceError";
}

/**
 * Makes a folder beside its place, then puts it there: until it is whole the old one stays.
 *
 * @param make Writes what is to be in the folder that it is given.
 * @throws {PlaceError} if there is a folder that holds something else than an earlier build.
 */
export async function publish(place: string, make: (folder: string) => Promise<void>): Promise<void> {
  const target = place.replace(/\/+$/, "");
  requireReplaceable(target);
  const folder = `${target}.part`;
  await removeFolder(folder);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/${MARK}`, "Built by `deno task site`, which replaces this folder.\n");
    await make(folder);
    await removeFolder(target);
    await Deno.rename(folder, target);
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

/** Checks that a build may take this place. @throws {PlaceError} if it holds something else. */
export function requireReplaceable(target: string): void {
  let names: string[];
  try {
    names = [...Deno.readDirSync(target)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new PlaceError(`${target} can't be read: ${error instanceof Error ? error.message : error}`);
  }
  if (names.length === 0 || names.includes(MARK)) return;
  throw new PlaceError(`${target} holds other files; --out must name a new folder or an earlier build`);
}

async function removeFolder(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
