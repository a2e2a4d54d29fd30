/** What `deno doc --json` knows of the exported functions, constructors and methods, as types to fuzz by. */

/** A type, as far as a fuzzer needs to know it. */
export type Type =
  | { kind: "any" | "number" | "string" | "boolean" | "null" | "undefined" | "function" | "opaque" }
  | { kind: "literal"; value: string | number | boolean }
  | { kind: "array"; element: Type }
  | { kind: "class"; name: string }
  | ObjectType
  | { kind: "union"; of: Type[] };

export interface ObjectType {
  kind: "object";
  properties: Record<string, Property>;
  /** Whether names that are not listed are allowed. */
  open: boolean;
}

export interface Property {
  type: Type;
  optional: boolean;
}

export interface Parameter extends Property {
  name: string;
  rest: boolean;
}

/** One thing to call. */
export interface Callable {
  /** `svd`, `Rng` (the constructor), `Rng.uniform` (a method) or `Matrix:zeros` (a static one). */
  id: string;
  kind: "function" | "constructor" | "method" | "static";
  /** The parameters of each overload. */
  overloads: Parameter[][];
}

export interface EntryPointDoc {
  callables: Callable[];
  /** The code of every `@example`. */
  examples: string[];
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** All of `deno doc`'s nodes, by the exported names. */
function declarations(doc: Json): Map<string, Json[]> {
  const byName = new Map<string, Json[]>();
  for (const { symbols } of Object.values(doc.nodes) as Json[]) {
    for (const { name, declarations } of symbols) {
      const exported = declarations.filter((d: Json) =>
        d.declarationKind === "export" && d.kind !== "reference"
      );
      byName.set(name, [...byName.get(name) ?? [], ...exported]);
    }
  }
  return byName;
}

/** The callables and examples of one entry point; `all` is the documentation of all of them, to look up types. */
export function entryPointDoc(doc: Json, all: Json): EntryPointDoc {
  const types = declarations(all);
  const callables: Callable[] = [];
  const examples: string[] = [];
  for (const [name, found] of declarations(doc)) {
    for (const { jsDoc } of found) {
      for (const { kind, doc: text = "" } of jsDoc?.tags ?? []) {
        if (kind === "example") {
          for (const [, code] of text.matchAll(/```ts\n([^]*?)```/g)) examples.push(code);
        }
      }
    }
    const functions = found.filter(({ kind }) => kind === "function");
    if (functions.length > 0) {
      const overloads = functions.map(({ def }) => parameters(def, new Resolver(types, def.typeParams)));
      callables.push({ id: name, kind: "function", overloads });
    }
    for (const { kind, def } of found) if (kind === "class") callables.push(...ofClass(name, def, types));
  }
  return { callables, examples };
}

function ofClass(name: string, def: Json, types: Map<string, Json[]>): Callable[] {
  const out: Callable[] = [];
  if (def.isAbstract !== true && def.constructors?.length > 0) {
    const overloads = def.constructors.map((one: Json) =>
      parameters(one, new Resolver(types, def.typeParams))
    );
    out.push({ id: name, kind: "constructor", overloads });
  }
  const methods = new Map<string, Callable>();
  for (const method of def.methods ?? []) {
    if (method.kind !== "method" || method.accessibility === "private" || method.name.startsWith("[")) {
      continue;
    }
    const isStatic = method.isStatic === true;
    const id = `${name}${isStatic ? ":" : "."}${method.name}`;
    const resolver = new Resolver(types, [...def.typeParams ?? [], ...method.functionDef?.typeParams ?? []]);
    const found = methods.get(id) ??
      { id, kind: isStatic ? "static" as const : "method" as const, overloads: [] };
    found.overloads.push(parameters(method.functionDef ?? method.def, resolver));
    methods.set(id, found);
  }
  return [...out, ...methods.values()];
}

function parameters(def: Json, resolver: Resolver): Parameter[] {
  return (def.params ?? []).map((param: Json, i: number) => parameter(param, i, resolver));
}

function parameter(param: Json, i: number, resolver: Resolver): Parameter {
  const type = (tsType: Json) => resolver.resolve(tsType, 0);
  if (param.kind === "assign") return { ...parameter(param.left, i, resolver), optional: true };
  if (param.kind === "rest") {
    return { name: param.arg.name ?? "rest", type: { kind: "any" }, optional: true, rest: true };
  }
  return {
    name: param.name ?? `argument ${i}`,
    type: type(param.tsType ?? param.left?.tsType),
    optional: param.optional === true,
    rest: false,
  };
}

const ANY: Type = { kind: "any" };
const CLASSES =
  /^(Float64Array|Float32Array|Int32Array|Uint32Array|Uint8Array|Map|Set|Date|URL|RegExp|AbortSignal|Response|Blob)$/;

/** Turns `deno doc`'s types into ours. */
class Resolver {
  readonly #types: Map<string, Json[]>;
  readonly #params = new Map<string, Json>();

  constructor(types: Map<string, Json[]>, params: Json[] = []) {
    this.#types = types;
    for (const { name, constraint } of params) this.#params.set(name, constraint);
  }

  resolve(t: Json, depth: number): Type {
    if (t === undefined || t === null || depth > 8) return ANY;
    switch (t.kind) {
      case "keyword":
        return this.#keyword(t.value);
      case "literal":
        return t.value.kind === "template"
          ? { kind: "string" }
          : { kind: "literal", value: t.value.string ?? t.value.number ?? t.value.boolean };
      case "union":
        return { kind: "union", of: t.value.map((one: Json) => this.resolve(one, depth + 1)) };
      case "array":
        return { kind: "array", element: this.resolve(t.value, depth + 1) };
      case "tuple":
        return { kind: "array", element: ANY };
      case "parenthesized":
      case "optional":
        return this.resolve(t.value, depth + 1);
      case "typeOperator":
        return t.value.operator === "keyof" ? ANY : this.resolve(t.value.tsType, depth + 1);
      case "fnOrConstructor":
        return { kind: "function" };
      case "typeLiteral":
        return this.#object(t.value, depth);
      case "intersection":
        return this.#merged(t.value.map((one: Json) => this.resolve(one, depth + 1)));
      case "typeRef":
        return this.#reference(t.value, depth);
      default:
        return ANY;
    }
  }

  #keyword(name: string): Type {
    if (
      name === "number" || name === "string" || name === "boolean" || name === "null" || name === "undefined"
    ) {
      return { kind: name };
    }
    return name === "void" ? { kind: "undefined" } : ANY;
  }

  #reference({ typeName, typeParams = [] }: Json, depth: number): Type {
    const inner = () => this.resolve(typeParams[0], depth + 1);
    if (this.#params.has(typeName)) return this.resolve(this.#params.get(typeName), depth + 1);
    switch (typeName) {
      case "Array":
      case "ReadonlyArray":
      case "ArrayLike":
        return { kind: "array", element: inner() };
      case "Readonly":
      case "NonNullable":
        return inner();
      case "Partial":
        return this.#optional(inner(), true);
      case "Required":
        return this.#optional(inner(), false);
      case "Omit":
      case "Pick":
        return this.#picked(inner(), this.resolve(typeParams[1], depth + 1), typeName === "Pick");
      case "Function":
        return { kind: "function" };
    }
    if (CLASSES.test(typeName)) return { kind: "class", name: typeName };
    if (typeName.includes(".")) return { kind: "opaque" };
    const found = this.#types.get(typeName)?.[0];
    if (found === undefined) return ANY;
    const resolver = new Resolver(this.#types, found.def.typeParams);
    if (found.kind === "class") return { kind: "class", name: typeName };
    if (found.kind === "typeAlias") return resolver.resolve(found.def.tsType, depth + 1);
    if (found.kind === "interface") {
      const own = resolver.#object(found.def, depth);
      const bases = (found.def.extends ?? []).map((base: Json) => this.resolve(base, depth + 1));
      return this.#merged([own, ...bases]);
    }
    return ANY;
  }

  #object(
    { properties = [], methods = [], indexSignatures = [], callSignatures = [] }: Json,
    depth: number,
  ): Type {
    if (callSignatures.length > 0) return { kind: "function" };
    const out: Record<string, Property> = {};
    for (const { name, optional, tsType } of properties) {
      out[name] = { type: this.resolve(tsType, depth + 1), optional: optional === true };
    }
    for (const { name, optional } of methods) {
      out[name] = { type: { kind: "function" }, optional: optional === true };
    }
    return { kind: "object", properties: out, open: indexSignatures.length > 0 };
  }

  #merged(parts: Type[]): Type {
    const properties: Record<string, Property> = {};
    let open = false;
    for (const part of parts) {
      if (part.kind !== "object") return ANY;
      Object.assign(properties, part.properties);
      open ||= part.open;
    }
    return { kind: "object", properties, open };
  }

  #optional(type: Type, optional: boolean): Type {
    if (type.kind !== "object") return type;
    const entries = Object.entries(type.properties).map(([name, { type }]) => [name, { type, optional }]);
    return { kind: "object", properties: Object.fromEntries(entries), open: type.open };
  }

  #picked(type: Type, names: Type, keep: boolean): Type {
    if (type.kind !== "object") return ANY;
    const given = (names.kind === "union" ? names.of : [names]).map((one) =>
      one.kind === "literal" ? one.value : null
    );
    if (given.includes(null)) return ANY;
    const entries = Object.entries(type.properties).filter(([name]) => given.includes(name) === keep);
    return { kind: "object", properties: Object.fromEntries(entries), open: type.open };
  }
}

/** The members of a union; any other type alone. */
export function members(type: Type): Type[] {
  return type.kind === "union" ? type.of.flatMap(members) : [type];
}
