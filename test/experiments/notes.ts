/** Reads a paper's notes: which acceptance criteria they number, and which sections they have. */

/** The notes of a paper. */
export function readNotes(slug: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../experiments/${slug}/README.md`, import.meta.url));
}

/** The numbers of the list under the heading that has "acceptance criteria" in it. */
export function criteriaOf(notes: string): number[] {
  const section = /^#+ .*acceptance criteria.*\n([\s\S]*?)(?=^# |^## |$(?![\s\S]))/im.exec(notes)?.[1] ?? "";
  return [...section.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
}

/** Whether the notes have a section of this number, such as `3.5` for "### 3.5 Discretization". */
export function hasSection(notes: string, section: string): boolean {
  return new RegExp(`^#+ ${section.replaceAll(".", "\\.")}(?![\\d.]*\\d)`, "m").test(notes);
}

/** The criteria that tests name: `Deno.test("<slug>, criterion 4: ...")`, anywhere under test/. */
export async function namedCriteria(slug: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const text of testSources(new URL("../", import.meta.url))) {
    for (const [, list] of text.matchAll(new RegExp(`["\`]${slug}, criteri(?:on|a) ([\\d, and]+):`, "g"))) {
      numbers.push(...[...list.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
    }
  }
  return numbers;
}

async function* testSources(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* testSources(new URL(`${name}/`, folder));
    else if (name.endsWith("_test.ts")) yield await Deno.readTextFile(new URL(name, folder));
  }
}
