/** Conventions of the public functions that can be seen in their documentation and in the source. */
import { assert, assertEquals } from "@std/assert";
import { deno, entryPoints, relative, root } from "./entry_points.ts";

interface Tag {
  kind: string;
  name?: string;
}

interface Documented {
  name: string;
  jsDoc?: { doc?: string; tags?: Tag[] };
  def: { params?: { name?: string; left?: { name?: string } }[]; returnType?: { repr?: string } };
}

/** Every exported function and every method of an exported class, overloads one by one, by entry point. */
async function documented(): Promise<Map<string, Documented[]>> {
  const out = new Map<string, Documented[]>();
  for (const { name, url } of entryPoints().filter(({ name }) => name !== "refigure")) {
    const { code, stdout, stderr } = await deno("doc", "--json", url.href);
    assertEquals(code, 0, stderr);
    const found: Documented[] = [];
    for (const { symbols } of Object.values(JSON.parse(stdout).nodes) as { symbols: any[] }[]) {
      for (const { name, declarations } of symbols) {
        for (const { kind, declarationKind, jsDoc, def } of declarations) {
          if (declarationKind !== "export") continue;
          if (kind === "function") found.push({ name, jsDoc, def });
          if (kind !== "class") continue;
          for (const method of def.methods ?? []) {
            found.push({ name: `${name}.${method.name}`, jsDoc: method.jsDoc, def: method.functionDef });
          }
        }
      }
    }
    out.set(name, found);
  }
  return out;
}

Deno.test("functions with three or more parameters describe each of them, and what they return", async () => {
  const lines: string[] = [];
  for (const [entry, functions] of await documented()) {
    for (const { name, jsDoc, def } of functions) {
      const params = (def.params ?? []).map((param) => param.name ?? param.left?.name);
      // Of overloads, the first one is described in full.
      const isRepeated = functions.some((other) => other.name === name && other.jsDoc?.tags !== undefined) &&
        jsDoc?.tags === undefined;
      if (params.length < 3 || isRepeated) continue;
      const tags = jsDoc?.tags ?? [];
      const missing = params.filter((param) =>
        !tags.some((tag) => tag.kind === "param" && tag.name === param)
      );
      if (missing.length > 0) lines.push(`${entry} ${name}: no @param for ${missing.join(", ")}`);
      const isVoid = def.returnType?.repr === "void";
      if (!isVoid && !tags.some(({ kind }) => kind === "return")) lines.push(`${entry} ${name}: no @returns`);
    }
  }
  assertEquals(lines, []);
});

/** Files of a folder of the project. */
function* sources(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield new URL(name, folder);
  }
}

/** Spreads of lists that are short whatever the data: lines of source, by what they hold. */
const SHORT_LISTS = [
  "Math.min(...tried)", // the learning rates that were tried
  "[Math.min(...values), Math.max(...values)] as const", // the ticks of an axis
  ".subarray(", // blocks of a fixed length
  "Math.hypot(...values)", // at most ten thousand
  "cells.flat()", // the few cells of a matrix that are shown
  "withoutPlace(view)", // complaints of one figure
  "extremes.filter(", // of a polynomial of degree five
];

Deno.test("no list of data is spread into the arguments of a call: long ones overflow the stack", () => {
  const spread =
    /\b(Math\.(max|min|hypot)|fromCharCode|fromCodePoint|push|unshift|concat|splice)\((?:[^(){}[\]]|\([^()]*\))*\.\.\.\w/;
  assert(spread.test("Math.max(...norms)") && spread.test("rows.push(0, ...more)"));
  assert(!spread.test("rows.push({ ...key, seed })"));
  const lines: string[] = [];
  for (const file of sources(new URL("lib/", root))) {
    Deno.readTextFileSync(file).split("\n").forEach((line, i) => {
      if (/^\s*(\*|\/\/)/.test(line) || !spread.test(line)) return;
      if (SHORT_LISTS.some((text) => line.includes(text))) return;
      lines.push(`${relative(file.href)}:${i + 1}: ${line.trim()}`);
    });
  }
  assertEquals(lines, []);
});
