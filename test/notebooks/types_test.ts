/**
 * The cells of every notebook, type-checked as one program: what a reader edits must not be red in an editor.
 */
import { assert } from "@std/assert";
import { notebookNames, readNotebook, root } from "./notebooks.ts";

const file = (name: string) => `${root}notebooks/.check-${name}.ts`;
let checked: Promise<string> | undefined;

for (const name of notebookNames) {
  Deno.test(`the cells of notebook ${name} type-check`, async () => {
    const said = await (checked ??= checkAll());
    const errors = said.split("\n\n").filter((error) => error.includes(`${file(name)}:`));
    assert(errors.length === 0, errors.join("\n\n"));
    // What names no notebook, such as an import that can't be found, is everyone's.
    assert(said === "" || notebookNames.some((other) => said.includes(`${file(other)}:`)), said);
  });
}

/**
 * Checks all notebooks in one run of the compiler, which is most of the time; returns its errors against
 * them.
 */
async function checkAll(): Promise<string> {
  const files = notebookNames.map(file);
  try {
    for (const name of notebookNames) await Deno.writeTextFile(file(name), program(name));
    const command = new Deno.Command(Deno.execPath(), {
      args: ["check", ...files],
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
function program(name: string): string {
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
