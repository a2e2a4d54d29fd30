/**
 * AssemblyScript for several vectors at once. A processor waits four cycles for a result and can begin eight other
 * operations meanwhile, if it sees them soon enough: each operation is written for all vectors before the next one.
 */

/** A call, or a name or a number. */
type Expression = { call: string; of: Expression[] } | string;

/** A function whose body is definitions; the last one is its result. */
interface Straight {
  parameters: string[];
  definitions: [name: string, value: Expression][];
}

/**
 * Statements that compute an expression for `count` vectors.
 *
 * @param source Where the functions are that are taken apart: those of vectors without branches. Others are called.
 * @param expression Calls of functions, names and numbers.
 * @param inputs By name: how to read what differs from vector to vector.
 * @param result What the result of a vector is called.
 */
export function sideBySide(
  source: string,
  count: number,
  expression: string,
  inputs: Record<string, (vector: number) => string>,
  result: (vector: number) => string,
): string {
  const functions = straightFunctions(source);
  /** A vector's value by what computes it: what is computed twice is written once. */
  const names = new Map<string, string>();
  const lines: string[] = [];
  const define = (name: string, text: (vector: number) => string) => {
    for (let vector = 0; vector < count; vector++) lines.push(`const ${name}_${vector} = ${text(vector)};`);
    return name;
  };
  const ofVector = (text: string, vector: number) =>
    text.replace(/\bstep\d+\b/g, (name) => `${name}_${vector}`);
  const evaluate = (value: Expression, scope: Record<string, string>): string => {
    if (typeof value === "string") return scope[value] ?? value;
    const { call, of } = value;
    const values = of.map((argument) => evaluate(argument, scope));
    if (call.endsWith("splat")) return `${call}(${values.join()})`;
    const straight = functions.get(call);
    if (straight === undefined) {
      const text = `${call}(${values.join(", ")})`;
      const name = names.get(text) ??
        define(`step${names.size}`, (vector) => ofVector(text, vector));
      names.set(text, name);
      return name;
    }
    const own = Object.fromEntries(straight.parameters.map((name, i) => [name, values[i]]));
    for (const [name, definition] of straight.definitions) own[name] = evaluate(definition, own);
    return own[RESULT];
  };
  const scope: Record<string, string> = {};
  for (const [name, read] of Object.entries(inputs)) {
    scope[name] = define(`step${names.size}`, read);
    names.set(name, scope[name]);
  }
  const last = evaluate(parse(expression), scope);
  for (let vector = 0; vector < count; vector++) {
    lines.push(`const ${result(vector)} = ${ofVector(last, vector)};`);
  }
  return lines.join("\n");
}

/** The name of a function's result. */
const RESULT = "return";

/** The functions of vectors in a source that have no branches and write nothing to memory, by name. */
function straightFunctions(source: string): Map<string, Straight> {
  const found = new Map<string, Straight>();
  const pattern = /@inline function (\w+)\(([^)]*)\): v128 \{([^}]*)\}/g;
  for (const [, name, parameters, body] of source.replace(/\/\/.*/g, "").matchAll(pattern)) {
    if (/\?|\b(if|for|v128\.store) ?\(/.test(body)) continue;
    const statements = body.split(";").map((statement) => statement.trim()).filter((text) => text !== "");
    const definitions = statements.flatMap((statement) =>
      atCommas(statement.replace(/^(const|let) /, "").replace(/^return /, `${RESULT} = `))
        .map((part): [string, Expression] => {
          const [target, value] = part.split(/ = (.*)/s);
          return [target.trim(), parse(value)];
        })
    );
    const names = parameters.split(",").map((parameter) => parameter.split(":")[0].trim());
    found.set(name, { parameters: names, definitions });
  }
  return found;
}

function parse(text: string): Expression {
  const [, call, inside] = /^\s*([\w.]+)\((.*)\)\s*$/s.exec(text) ?? [];
  return call === undefined ? text.trim() : { call, of: atCommas(inside).map(parse) };
}

/** What commas outside of parentheses part. */
function atCommas(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
