/**
 * Every export is described, and every function and class shows it in an example that asserts something.
 */
import { assert, assertEquals } from "@std/assert";
import { deno, type EntryPoint, entryPoints, relative, root } from "./entry_points.ts";

interface JsDoc {
  doc?: string;
  tags?: { kind: string; doc?: string }[];
}

interface Declaration {
  kind: string;
  declarationKind: string;
  location: { filename: string; line: number };
  jsDoc?: JsDoc;
}

interface Documentation {
  nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
}

/** What `deno doc` knows of modules. */
async function documentation(urls: string[]): Promise<Documentation> {
  const { code, stdout, stderr } = await deno("doc", "--json", ...urls);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout) as Documentation;
}

/** What is wrong with the documentation, one line for each export. */
function complaints({ nodes }: Documentation): string[] {
  const lines = new Set<string>();
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      const exported = declarations.filter(({ declarationKind }) => declarationKind === "export");
      if (exported.length === 0) continue;
      const [{ kind, location }] = exported;
      const docs = exported.map(({ jsDoc }) => jsDoc);
      const where = `${relative(location.filename)}:${location.line + 1} ${name}`;
      if (!docs.some((doc) => doc?.doc?.trim())) lines.add(`${where}: no docstring`);
      if (kind !== "function" && kind !== "class") continue;
      const examples = docs.flatMap((doc) => doc?.tags ?? []).filter((tag) => tag.kind === "example");
      // The blocks that `deno test --doc` runs: fenced, in a language it knows, not marked `ignore`.
      const code = examples.flatMap((
        { doc = "" },
      ) => [...doc.matchAll(/```(?:ts|tsx|js|typescript)\n([^]*?)```/g)])
        .map((match) => match[1]);
      if (examples.length === 0) lines.add(`${where}: no @example`);
      else if (!code.some((text) => /\bassert\w*\(/.test(text))) {
        lines.add(`${where}: no @example that is executed and asserts something`);
      } else if (!code.some((text) => new RegExp(`\\b${name}\\b`).test(text))) {
        lines.add(`${where}: its @example does not use it`);
      }
    }
  }
  return [...lines].sort();
}

/** All of our own source, to tell our types from those of packages. */
function ownSource(folder: URL): string {
  let text = "";
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory) text += ownSource(new URL(`${name}/`, folder));
    else if (isFile && name.endsWith(".ts")) text += Deno.readTextFileSync(new URL(name, folder));
  }
  return text;
}

/** Folders are documented one by one, so that one that is being rewritten does not hide the others. */
const existing = entryPoints().filter(({ url, name }) => name !== "refigure" && exists(url));

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}

for (const { name, url } of existing) {
  Deno.test(`docs: every export of ${name} has a docstring, and an example that asserts`, async () => {
    const found = complaints(await documentation([url.href]));
    assert(found.length === 0, `${found.length} exports need documentation:\n  ${found.join("\n  ")}`);
  });
}

Deno.test("docs: every entry point of deno.json is there", () => {
  assertEquals(entryPoints().filter(({ url }) => !exists(url)).map(({ name }: EntryPoint) => name), []);
});

Deno.test("docs: every name has one home: no two entry points export the same", async () => {
  const homes = new Map<string, string[]>();
  for (const { name, url } of existing) {
    for (const exported of Object.keys(await import(url.href))) {
      homes.set(exported, [...homes.get(exported) ?? [], name]);
    }
  }
  assert(homes.size > 100);
  assertEquals([...homes].filter(([, names]) => names.length > 1), []);
});

Deno.test("docs: `deno doc --lint` is clean", async () => {
  const { stderr } = await deno("doc", "--lint", ...existing.map(({ url }) => url.href));
  const source = ownSource(new URL("lib/", root)) + ownSource(new URL("experiments/", root));
  const declares = (name: string, text: string) =>
    new RegExp(
      `^(export |declare |abstract )*(class|interface|type|enum|const|function) ${name}\\b(?!\\s*[,}])`,
      "m",
    )
      .test(text);
  // A type with the name of one of ours is a package's where the file neither declares it nor imports ours.
  const isOurs = (name: string, file: string) => {
    if (!declares(name, source)) return false;
    const text = Deno.readTextFileSync(file);
    return declares(name, text) ||
      new RegExp(`import [^;]*\\b${name}\\b[^;]* from "(\\.|refigure)`).test(text);
  };
  // A type of an npm package, such as a vega-lite spec, cannot be made public by us: exported again, it would
  // be reported for every type that it is built of.
  const found = stderr.split(/^(?=error\[)/m).filter((block) => block.startsWith("error[")).filter(
    (block) => {
      const reference =
        /^error\[private-type-ref\].* references private type '(\w+)'[^]*?--> ([^\n]*?):\d+:\d+/
          .exec(block);
      return reference === null || isOurs(reference[1], reference[2]);
    },
  );
  const lines = found.map((block) => {
    const [, what, where] = /^error\[(.*)\n\s*--> (.*)/.exec(block) ?? [, block, ""];
    return `${relative(`file://${where}`)}: ${what.replace("]", "")}`;
  });
  assert(lines.length === 0, `${lines.length} complaints:\n  ${lines.join("\n  ")}`);
});

Deno.test("docs: the check finds what is missing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/mod.ts`;
    await Deno.writeTextFile(
      file,
      `export function bare(): void {}
/** Has words. */
export function wordsOnly(): void {}
/**
 * Shows, but does not check.
 * @example
 * \`\`\`ts
 * shows();
 * \`\`\`
 */
export function shows(): void {}
/**
 * Checks something else.
 * @example
 * \`\`\`ts
 * assertEquals(1, 1);
 * \`\`\`
 */
export function other(): void {}
/**
 * Is as it should be.
 * @example
 * \`\`\`ts
 * assertEquals(good(), 1);
 * \`\`\`
 */
export function good(): number {
  return 1;
}
export interface Silent {
  x: number;
}
`,
    );
    const found = complaints(await documentation([`file://${file}`])).map((line) =>
      line.replace(/^\S+ /, "")
    );
    assertEquals(found.sort(), [
      "Silent: no docstring",
      "bare: no @example",
      "bare: no docstring",
      "other: its @example does not use it",
      "shows: no @example that is executed and asserts something",
      "wordsOnly: no @example",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
