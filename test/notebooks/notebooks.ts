/** What the tests of notebooks share. */

/** The repository. */
export const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Names of all notebooks, without the extension. */
export const notebookNames: string[] = Array.from(Deno.readDirSync(`${root}notebooks`))
  .filter(({ name, isFile }) => isFile && name.endsWith(".ipynb"))
  .map(({ name }) => name.slice(0, -".ipynb".length))
  .sort();

/** What of a notebook's JSON is looked at. */
export interface Notebook {
  cells: {
    id: string;
    cell_type: "code" | "markdown" | "raw";
    source: string | string[];
    outputs?: { output_type: string; data?: Record<string, unknown> }[];
  }[];
}

/** A stored notebook. */
export function readNotebook(name: string): Notebook {
  return JSON.parse(Deno.readTextFileSync(`${root}notebooks/${name}.ipynb`));
}

/** Runs a Python script of the project; its output is in the error if it fails. */
export async function python(...args: string[]): Promise<string> {
  const inside = `${root}.venv/bin/python`;
  const { success, stdout, stderr } = await new Deno.Command(inside, { args, cwd: root }).output();
  const text = new TextDecoder();
  const said = text.decode(stdout);
  if (!success) throw new Error(`python ${args.join(" ")} failed\n${said}\n${text.decode(stderr)}`);
  return said;
}
