/** Programs of notebooks, which use what earlier cells have imported, made whole. */

/** Names that a program imports, and from where. */
const named = /^import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)";?$/gm;
const whole = /^import\s+\*\s+as\s+(\w+)\s+from\s+"([^"]+)";?$/gm;

/**
 * The program with the imports that it lacks, as far as the rest of the notebook has them: what it uses without
 * declaring it.
 *
 * @param program The program.
 * @param notebook All code of the notebook.
 */
export function withImports(program: string, notebook: string): string {
  const known = importsIn(notebook);
  const own = importsIn(program);
  // Without comments and texts; a name after a dot, or before a colon, is a property.
  const code = program.replace(named, "").replace(whole, "").replace(/\/\/[^\n]*|\/\*[^]*?\*\//g, "")
    .replace(/"(?:\\.|[^"\\\n])*"/g, '""');
  const used = new Set(
    Array.from(code.matchAll(/(?<![\w$]|(?<!\.\.)\.)([A-Za-z_$][\w$]*)\b(?!\s*:)/g), ([, name]) => name),
  );
  const missing = new Map<string, string[]>();
  const stars: string[] = [];
  for (const [name, { from, text }] of known) {
    if (!used.has(name) || own.has(name) || isDeclared(code, name)) continue;
    if (text === undefined) stars.push(`import * as ${name} from "${from}";`);
    else missing.set(from, [...missing.get(from) ?? [], text]);
  }
  const lines = [...missing].map(([from, names]) => `import { ${names.sort().join(", ")} } from "${from}";`);
  const added = [...stars, ...lines].sort();
  if (added.length === 0) return program;
  return `${added.join("\n")}\n${/^import /.test(program) ? "" : "\n"}${program}`;
}

/** Where each imported name comes from; without `text` it stands for a whole module. */
function importsIn(code: string): Map<string, { from: string; text?: string }> {
  const found = new Map<string, { from: string; text?: string }>();
  for (const [, names, from] of code.matchAll(named)) {
    for (const text of names.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
      found.set(text.split(/\s+as\s+|\s+/).at(-1)!, { from, text });
    }
  }
  for (const [, name, from] of code.matchAll(whole)) found.set(name, { from });
  return found;
}

function isDeclared(code: string, name: string): boolean {
  return new RegExp(
    `\\b(?:const|let|var|function|class)\\s+(?:[\\[{][^=]*\\b)?${name.replaceAll("$", "\\$")}\\b`,
  ).test(code);
}
