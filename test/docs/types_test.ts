/**
 * The project, the cells of every notebook and the programs of pages of docs/, type-checked as one program: what a reader
 * edits must not be red in an editor.
 */
import { assert } from "@std/assert";
import { notebookNames, readNotebook, root } from "../notebooks/notebooks.ts";
import { PAGES, programIn, readPage } from "./pages.ts";

const sources = ["lib", "experiments", "site", "bench", "test", "tools"];
/** Programs that are no files, by what they are. */
const programs: Record<string, () => string | Promise<string>> = Object.fromEntries([
  ...notebookNames.map((name) => [`cells of notebook ${name}`, () => cellsOf(name)] as const),
  ...Object.keys(PAGES).map((page) =>
    [`program of docs/${page}.md`, async () => programIn(await readPage(page))] as const
  ),
]);
// Imports resolve from there as in notebooks/.
const file = (name: string) => `${root}notebooks/.check-${name.replaceAll(/\W+/g, "-")}.ts`;
let checked: Promise<string> | undefined;

/** Errors of the compiler that name a place in a program, or in none of them. */
async function errorsOf(name?: string): Promise<string> {
  checked ??= checkAll();
  const isIn = (error: string, program: string) => error.includes(`${file(program)}:`);
  return (await checked).split("\n\n").filter((error) =>
    name === undefined ? !Object.keys(programs).some((program) => isIn(error, program)) : isIn(error, name)
  ).join("\n\n");
}

Deno.test("the project type-checks", async () => {
  const errors = await errorsOf();
  // Its count of errors stands below those of programs, too.
  assert(/^(Found \d+ errors\.)?\s*(error: Type checking failed\.)?\s*$/.test(errors), errors);
});
for (const name of Object.keys(programs)) {
  Deno.test(`the ${name} type-check`, async () => {
    const errors = await errorsOf(name);
    assert(errors === "", errors);
  });
}

/** Checks everything in one run of the compiler, since most of its time goes to what all import; returns its errors. */
async function checkAll(): Promise<string> {
  const files = Object.keys(programs).map(file);
  try {
    for (const [name, program] of Object.entries(programs)) {
      await Deno.writeTextFile(file(name), await program());
    }
    const command = new Deno.Command(Deno.execPath(), {
      args: ["check", "--frozen", "--quiet", ...sources, ...files],
      cwd: root,
      env: { NO_COLOR: "1" },
    });
    const { success, stderr } = await command.output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    for (const path of files) await Deno.remove(path).catch(() => {});
  }
}

/**
 * The code cells as one module. Imports come first. A cell that declares a name again, which the kernel
 * allows, opens a block up to the end, in which its names hide the earlier ones.
 */
function cellsOf(name: string): string {
  const imports: string[] = [];
  const lines: string[] = [];
  const declared = new Set<string>();
  let blocks = 0;
  for (const { id, cell_type, source } of readNotebook(name).cells) {
    if (cell_type !== "code") continue;
    const code = [source].flat().join("").replace(
      /^import\s[^;]*?from\s*["'][^"']+["'];?|^import\s*["'][^"']+["'];?/gm,
      (statement) => {
        imports.push(statement);
        return "";
      },
    );
    const names = declaredNames(code);
    if (names.some((word) => declared.has(word))) {
      lines.push("{");
      blocks++;
    }
    names.forEach((word) => declared.add(word));
    lines.push(`// cell "${id}"`, code, ";");
  }
  return [...unique(imports), ...lines, "}".repeat(blocks), "export {};"].join("\n");
}

/** Names that a cell declares at its top level. */
function declaredNames(code: string): string[] {
  const simple = [...code.matchAll(/^(?:const|let|var|async function|function\*?|class)\s+([\w$]+)/gm)].map((
    m,
  ) => m[1]);
  const patterns = [...code.matchAll(/^(?:const|let|var)\s*[{[]([^=]*?)[}\]]\s*=/gm)]
    .flatMap((m) => m[1].split(",").map((part) => part.split(":").pop()!.trim().replace(/^\.\.\./, "")));
  return [...simple, ...patterns].filter(Boolean);
}

/** Import statements without those that would import a name twice. */
function unique(imports: string[]): string[] {
  const seen = new Set<string>();
  return imports.map((statement) =>
    statement.replace(/\{([^}]*)\}/, (_, list: string) => {
      const fresh = list.split(",").map((item) => item.trim()).filter((item) =>
        item !== "" && !seen.has(item)
      );
      fresh.forEach((item) => seen.add(item));
      return `{ ${fresh.join(", ")} }`;
    })
  );
}
