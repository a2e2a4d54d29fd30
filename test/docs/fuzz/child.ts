/**
 * Fuzzes one entry point, in a process of its own: runs the examples to learn good arguments, then calls
 * everything with one argument made bad. Writes one line before each call, so that the parent knows which
 * call killed or hung the process, and one line per problem.
 */
import {
  type Callable,
  type EntryPointDoc,
  members,
  type ObjectType,
  type Parameter,
  type Type,
} from "./signatures.ts";
import { BAD, copy, damaged, fits, guess, isPlain, showsNonFinite, WORST } from "./values.ts";

interface Work {
  /** As imported: `refigure/linalg`. */
  name: string;
  url: string;
  doc: EntryPointDoc;
}

interface Baseline {
  self: unknown;
  args: unknown[];
}

// deno-lint-ignore no-explicit-any
type AnyFunction = (this: any, ...args: any[]) => any;

const work = JSON.parse(Deno.readTextFileSync(Deno.args[0])) as Work;
const first = Number(Deno.args[1]);
const encoder = new TextEncoder();
const say = (line: string): void => {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
};

for (const name of ["log", "warn", "error", "info", "debug"] as const) console[name] = () => {};
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
globalThis.addEventListener("error", (event) => event.preventDefault());

const target = await import(work.url) as Record<string, AnyFunction>;
const baselines = new Map<string, Baseline>();
const originals = new Map<string, AnyFunction>();

function record(id: string, self: unknown, args: unknown[]): void {
  if (!baselines.has(id)) baselines.set(id, { self, args: args.map(copy) });
}

/** An instance to call methods of: of its class and of those that it inherits from, which may be abstract. */
function keep(className: string, instance: unknown): void {
  if (!baselines.has(`new ${className}`)) baselines.set(`new ${className}`, { self: instance, args: [] });
  const parent = Object.getPrototypeOf(target[className]);
  const name = Object.keys(target).find((key) => target[key] === parent);
  if (name !== undefined) keep(name, instance);
}

/** Methods record themselves once, wherever they are called from. */
function recordMethods(className: string, holder: Record<string, unknown>, separator: string): void {
  for (const name of Object.getOwnPropertyNames(holder)) {
    const { value, configurable } = Object.getOwnPropertyDescriptor(holder, name)!;
    if (name === "constructor" || typeof value !== "function" || !configurable) continue;
    const id = `${className}${separator}${name}`;
    originals.set(id, value);
    const define = (method: unknown) =>
      Object.defineProperty(holder, name, { value: method, configurable: true, writable: true });
    define(function (this: unknown, ...args: unknown[]) {
      record(id, this, args);
      define(value);
      const result = value.apply(this, args);
      if (separator === ":" && result instanceof target[className]) keep(className, result);
      return result;
    });
  }
}

const isClass = (value: unknown) =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

for (const id of Object.keys(target)) {
  if (!isClass(target[id])) continue;
  recordMethods(id, target[id].prototype, ".");
  recordMethods(id, target[id] as unknown as Record<string, unknown>, ":");
}

/** What an example imports: our functions and constructors record their arguments. */
async function traced(specifier: string): Promise<Record<string, unknown>> {
  const found = await import(specifier) as Record<string, AnyFunction>;
  if (!specifier.startsWith("refigure")) return found;
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => {
      if (typeof value !== "function" || target[name] !== value) return [name, value];
      return [
        name,
        new Proxy(value, {
          apply(f, self, args) {
            record(name, undefined, args);
            return Reflect.apply(f, self, args);
          },
          construct(f, args, newTarget) {
            record(name, undefined, args);
            const made = Reflect.construct(f, args, newTarget);
            keep(name, made);
            return made;
          },
        }),
      ];
    }),
  );
}
Object.assign(globalThis, { traced });

const LATE = new Error("the promise does not settle");

/** What a promise comes to, or an error if it does not settle in time. */
function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(LATE), 10_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function runExample(code: string): Promise<void> {
  const body = code
    .replace(/^import type [^;]*;$/gm, "")
    .replace(/^import ([^;]*?) from ("[^"]+");$/gm, (_, names: string, specifier: string) => {
      const imported = names.startsWith("*")
        ? names.replace("* as", "")
        : names.startsWith("{")
        ? names.replace(/\btype \w+,?/g, "").replace(/ as /g, ": ")
        : `{ default: ${names} }`;
      return `const ${imported} = await traced(${specifier});`;
    })
    .replace(/^import ("[^"]+");$/gm, "await import($1);");
  const url = `data:application/typescript;base64,${
    btoa(String.fromCharCode(...encoder.encode(`${body}\nexport {};`)))
  }`;
  try {
    await inTime(import(url));
  } catch {
    // An example that needs more than this process may do teaches less; `deno test --doc` is what runs them all.
  }
}

for (const code of work.doc.examples) await runExample(code);

/** Messages of the JavaScript engine, not of a library that checks its arguments. */
const UNCLEAR = new RegExp(
  [
    "Cannot (read|set) propert",
    "is not (a function|iterable|a constructor|defined|an Object)",
    "Cannot (destructure|convert|mix BigInt|assign|create property|use 'in')",
    "Invalid (FFI|typed array length|array length|array buffer length|string length|count value|time value|offset)",
    "allocation failed",
    "out of (bounds|memory)",
    "Maximum call stack",
    "Reduce of empty array",
    "(undefined|null|object) is not",
    "private (member|field)|did not declare it",
    "digits argument|toString\\(\\) radix|argument must be between",
    "Unexpected (token|end)|is not valid JSON",
    "incompatible receiver|called on non-object|called on incompatible",
    "could not be cloned|circular structure",
    "Class constructor",
    "Object prototype may only",
    "Right-hand side of",
    "Method .* called",
    "expected .* arguments?",
    "not a valid (value|enum)",
    "setting getter-only|read only property|not extensible",
    "the promise does not settle",
  ].join("|"),
);

/** These take a matrix for its sizes alone: what is in it does not matter. */
const LOOKS_AT_SIZES = /^(layerShape|projectionShape|isHiddenMatrix|isLowRankMatrix|SubspaceProjector)$/;

/** Whole runs: with arguments that are allowed, such as defaults instead of what an example sets, they take seconds. */
const RUNS = new RegExp(
  "^(fitScoreNetwork|gallery|galleryCards|reconstructFromSections|reverseDiffusion|richFeatures|runExperiment|" +
    "swissRollScore|trainRetrievalDenoiser)$",
);

/** What the call with good arguments throws now, if it throws: after earlier calls, or where they were guessed. */
let failure: () => Promise<string | undefined> = () => Promise.resolve(undefined);
let index = 0;
let guesses = 0;

/** Calls with one bad value; what must not happen is a problem. */
async function attempt(
  callable: Callable,
  what: string,
  call: () => unknown,
  expect: {
    fits: boolean | undefined;
    throws?: "TypeError";
    range?: boolean;
    nonFinite?: boolean;
    mentions?: string;
  },
): Promise<void> {
  if (index++ < first) return;
  if (expect.fits === true && !expect.nonFinite && RUNS.test(callable.id)) return;
  const title = `${callable.id}(${what})`;
  say(`> ${index - 1} ${title}`);
  const problem = (text: string) => say(`! ${JSON.stringify({ id: callable.id, what, problem: text })}`);
  let result: unknown;
  try {
    result = call();
    if (result instanceof Promise) result = await inTime(result);
  } catch (error) {
    if (!(error instanceof Error)) return problem(`throws ${String(error)}`);
    const message = `${error.name}: ${error.message.split("\n")[0].slice(0, 160)}`;
    // Good arguments may be work for more than a moment, such as a whole experiment.
    if (error === LATE && expect.fits === true) return;
    if (UNCLEAR.test(error.message)) return problem(`unclear error: ${message}`);
    if (expect.fits === false || expect.throws) {
      // A class of our own, such as ExperimentError, is for what users type on a command line.
      const isOurs = error.name !== "Error" && error.name !== "RangeError";
      const isAboutIt = isOurs || expect.range || await failure() === error.message;
      if (!isAboutIt) return problem(`not a TypeError: ${message}`);
    }
    if (
      expect.mentions !== undefined && !error.message.includes(expect.mentions) &&
      await failure() !== error.message
    ) {
      return problem(`does not name ${expect.mentions}: ${message}`);
    }
    return;
  }
  if (expect.throws) return problem("is ignored");
  if (expect.fits === false) return problem("is accepted");
  if (expect.nonFinite && !showsNonFinite(result) && !LOOKS_AT_SIZES.test(callable.id)) {
    problem("is swallowed: the result is finite");
  }
}

function expectation(
  type: Type,
  optional: boolean,
  value: unknown,
): { fits: boolean | undefined; range: boolean } {
  return {
    fits: (optional && value === undefined) || fits(type, value),
    // A number that is none of the allowed numbers may be out of range.
    range: members(type).some((one) =>
      one.kind === "literal" && typeof one.value === "number" && typeof value === "number"
    ),
  };
}

/** An option's name with one wrong letter. */
function misspelt(name: string): string {
  const swapped = name[0] === name[0].toUpperCase() ? name[0].toLowerCase() : name[0].toUpperCase();
  return name.length < 3 ? `${swapped}${name.slice(1)}` : `${name.slice(0, -2)}${name.at(-1)}`;
}

async function fuzz(callable: Callable): Promise<void> {
  const { id, kind, overloads } = callable;
  const [className, member] = id.split(/[.:]/);
  const construct = kind === "constructor";
  const f = kind === "function" || construct ? target[id] : originals.get(id) ??
    (kind === "static" ? (target[className] as unknown as Record<string, AnyFunction>)[member] : undefined);
  const count = Math.max(...overloads.map((parameters) => parameters.length));
  if (count === 0) return;
  const known = baselines.get(id);
  const self = kind === "method"
    ? known?.self ?? baselines.get(`new ${className}`)?.self
    : kind === "static"
    ? target[className]
    : undefined;
  if (f === undefined || (kind === "method" && self === undefined)) {
    if (index >= first) say(`! ${JSON.stringify({ id, what: "", problem: "no example makes one" })}`);
    return;
  }
  if (known === undefined) guesses++;
  const base = known?.args ?? overloads[0].filter(({ optional }) => !optional).map(({ type }) => guess(type));
  const call = (args: unknown[]) => construct ? Reflect.construct(f, args) : f.apply(self, args);
  failure = async () => {
    try {
      const result = call(base.map(copy));
      if (result instanceof Promise) await inTime(result);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  for (let i = 0; i < count; i++) {
    const at = overloads.map((parameters) => parameters[i]).filter((p): p is Parameter => p !== undefined);
    if (at[0].rest) continue;
    const type: Type = { kind: "union", of: at.map((p) => p.type) };
    const optional = at.some((p) => p.optional) || at.length < overloads.length;
    const name = at[0].name;
    const withArgument = (value: unknown) => {
      const args = base.map(copy);
      while (args.length < i) args.push(undefined);
      args[i] = value;
      return args;
    };
    for (const [label, make] of badFor(name, type)) {
      const value = make();
      await attempt(callable, `${name}: ${label}`, () => call(withArgument(value)), {
        ...expectation(type, optional, value),
        nonFinite: Number.isNaN(value),
      });
    }
    for (const [label, make] of damaged(base[i])) {
      const value = make();
      await attempt(callable, `${name}: ${label}`, () => call(withArgument(value)), {
        fits: label.startsWith("with n") || label.startsWith("with u") || label.startsWith("with t")
          ? expectation(type, optional, value).fits
          : undefined,
        // Of `like` the class counts, not the entries.
        nonFinite: label === "with NaN" && name !== "like",
      });
    }
    await fuzzProperties(callable, type, base[i], name, (value) => call(withArgument(value)), 0);
  }
}

/** Sizes, and not counts of steps: so many numbers fit no memory. */
const SIZE = /^(rows|columns|length|width|size|dimension)$/;

function badFor(name: string, type: Type): typeof BAD {
  // What a function of the caller returns is the caller's business.
  const isFunction = members(type).some(({ kind }) => kind === "function");
  const bad = isFunction ? BAD.filter(([label]) => label !== "() => 1") : BAD;
  return SIZE.test(name) ? [...bad, ["2^36", () => 2 ** 36]] : bad;
}

/** The properties of several overloads' options together. */
function merged(objects: ObjectType[]): ObjectType {
  const properties: ObjectType["properties"] = {};
  for (const one of objects) {
    for (const [name, { type, optional }] of Object.entries(one.properties)) {
      const before = properties[name];
      properties[name] = before === undefined
        ? { type, optional }
        : { type: { kind: "union", of: [before.type, type] }, optional: optional || before.optional };
    }
  }
  return { kind: "object", properties, open: objects.some(({ open }) => open) };
}

/** Every option made bad, and every option misspelt. */
async function fuzzProperties(
  callable: Callable,
  type: Type,
  base: unknown,
  path: string,
  call: (value: unknown) => unknown,
  depth: number,
): Promise<void> {
  const objects = members(type).filter((one) => one.kind === "object");
  if (objects.length === 0 || (base !== undefined && !isPlain(base))) return;
  const start = base ?? guess(objects[0]) as Record<string, unknown>;
  const matching = objects.filter((one) => fits(one, start) !== false);
  const { properties, open } = merged(matching.length > 0 ? matching : objects.slice(0, 1));
  for (const [name, property] of Object.entries(properties)) {
    const withProperty = (value: unknown) => ({ ...copy(start) as object, [name]: value });
    for (const [label, make] of depth === 0 ? badFor(name, property.type) : WORST) {
      const value = make();
      await attempt(callable, `${path}.${name}: ${label}`, () => call(withProperty(value)), {
        ...expectation(property.type, property.optional, value),
        nonFinite: Number.isNaN(value),
      });
    }
    for (const [label, make] of damaged(start[name])) {
      await attempt(callable, `${path}.${name}: ${label}`, () => call(withProperty(make())), {
        fits: undefined,
        // What is in `out` is overwritten.
        nonFinite: label === "with NaN" && !`${path}.${name}`.split(".").includes("out"),
      });
    }
    if (!open) {
      const wrong = misspelt(name);
      const value = start[name] ?? guess(property.type);
      await attempt(callable, `${path}.${wrong}`, () => {
        const given = copy(start) as Record<string, unknown>;
        if (!property.optional) delete given[name];
        return call({ ...given, [wrong]: value });
      }, { fits: undefined, throws: "TypeError", mentions: property.optional ? wrong : undefined });
    }
    if (depth < 1) {
      await fuzzProperties(
        callable,
        property.type,
        start[name],
        `${path}.${name}`,
        (v) => call(withProperty(v)),
        depth + 1,
      );
    }
  }
}

/**
 * Not called: the checks themselves take anything (test/arrays/check_test.ts is theirs), and access to single
 * entries is documented as unchecked, for inner loops.
 */
const LEFT_OUT = /^require[A-Z]|^(Complex)?Matrix\.[gs]et$/;

const callables = work.doc.callables.filter(({ id, overloads }) =>
  !LEFT_OUT.test(id) && target[id.split(/[.:]/)[0]] !== undefined &&
  overloads.some((parameters) => parameters.length > 0)
);
try {
  for (const callable of callables) await fuzz(callable);
} catch (error) {
  Deno.stderr.writeSync(
    encoder.encode(`The fuzzer failed: ${error instanceof Error ? error.stack : error}\n`),
  );
  Deno.exit(3);
}
say(`. ${JSON.stringify({ callables: callables.length, guesses })}`);
Deno.exit(0);
