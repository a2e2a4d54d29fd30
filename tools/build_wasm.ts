/**
 * `deno task wasm`: compiles lib/tfjs/wasm/kernels/*.as to lib/tfjs/wasm/kernels_wasm.ts, with and without fused
 * multiply-add, and each other folder lib/wasm/NAME to lib/wasm/NAME_wasm.ts, without. The same sources give the same bytes;
 * with `--check` it writes nothing and fails if they differ from those checked in.
 */
import asc from "assemblyscript/asc";
import { binary, comparisons, reductions, scans, unary, type Usual } from "../lib/tfjs/wasm/operations.ts";
import { readArguments } from "./command_line.ts";
import { sideBySide } from "./side_by_side.ts";

/** Where the kernels of the tfjs backend are, on float32. */
const tensors = new URL("../lib/tfjs/wasm/", import.meta.url);
/** Where the others are. */
const numbers = new URL("../lib/wasm/", import.meta.url);

/** A module of lib/wasm. */
interface NumberModule {
  /** Where its sources are. */
  folder: string;
  /** The name of the constant. */
  name: string;
  /** What it holds. */
  what: string;
  /** Whether operations stay in the order in which they are written. Default: Binaryen's usual optimizations. */
  isInOrder?: boolean;
}

/** One a subject, so that a page loads those that it needs. */
const numberModules: NumberModule[] = [
  { folder: "kernels", name: "kernelsOfFloat64", what: "kernels on float64" },
  { folder: "burgers", name: "burgersKernels", what: "steps of the Burgers equation", isInOrder: true },
  { folder: "grids", name: "gridKernels", what: "copies of convolutions on grids" },
  { folder: "networks", name: "networkKernels", what: "loops of networks" },
  { folder: "particles", name: "particleKernels", what: "loops of score distillation", isInOrder: true },
  { folder: "projection", name: "projectionKernels", what: "chain rule of determinantal point processes" },
  { folder: "retrieval", name: "retrievalKernels", what: "loops of the retrieval denoiser", isInOrder: true },
];

const functions = await Deno.readTextFile(new URL("kernels/functions.as", tensors));

/** The names of the four vectors of a turn, and their loads and stores. */
const VECTORS = [0, 1, 2, 3];
const stores = VECTORS.map((v) => `v128.store(out + k, y${v}, ${16 * v});`).join("\n    ");

/** y0..y3 of an expression in the four vectors at x + k. */
const fourOf = (expression: string) =>
  sideBySide(functions, 4, expression, { x: (v) => `v128.load(x + k, ${16 * v})` }, (v) => `y${v}`);

/** weight0..weight3 of an expression in the centres of two coordinates at `at`. */
const fourWeights = (source: string, expression: string) =>
  sideBySide(source, 4, expression, {
    centerX: (v) => `v128.load64_splat(at, ${16 * v})`,
    centerY: (v) => `v128.load64_splat(at, ${16 * v + 8})`,
  }, (v) => `weight${v}`);

/** The same by another expression, for numbers whose key is below a bound, as unsigned integers. */
const fourOfUsual = ({ expression, key, below }: Usual) => `
    ${sideBySide(functions, 4, key, { x: (v) => `v128.load(x + k, ${16 * v})` }, (v) => `key${v}`)}
    const largest = i32x4.max_u(i32x4.max_u(key0, key1), i32x4.max_u(key2, key3));
    if (i32x4.all_true(i32x4.lt_u(largest, i32x4.splat(${below})))) {
      ${fourOf(expression)}
      ${stores}
      continue;
    }`;

/** One loop a function, four vectors a turn, then one; the last may reach into the room at a block's end. */
const unaryLoops = Object.entries(unary).map(([name, { expression, usual }]) => `
@inline function ${name}4(x: v128, alpha: v128): v128 { return ${expression}; }

export function ${name}(x: usize, out: usize, n: i32, alpha_: f32): void {
  const alpha = splat(alpha_), blocks = n & ~15;
  let i = 0;
  for (; i < blocks; i += 16) {
    const k = <usize>i << 2;
    ${usual === undefined ? fourOf(expression) : fourOfUsual(usual)}
    ${
  usual === undefined
    ? stores
    : VECTORS.map((v) => `v128.store(out + k, ${name}4(v128.load(x + k, ${16 * v}), alpha), ${16 * v});`)
      .join(
        "\n    ",
      )
}
  }
  for (; i < n; i += 4) v128.store(out + (<usize>i << 2), ${name}4(v128.load(x + (<usize>i << 2)), alpha));
}`);

/**
 * Rows of [outer, inner]; a step of 0 repeats an operand along that axis. Entry i of the result begins at byte i << `shift`;
 * `one` writes four entries of `a` and `b`, and `turn`, if given, sixteen: of rows at a_ + k and, where b_ is a row, too,
 * b_ + k.
 */
const broadcastLoops = (
  name: string,
  shift: number,
  one: (at: string) => string,
  turn?: (second: (vector: number) => string) => string,
) => {
  const row = (second: (vector: number) => string) => `
      let i = 0;
      ${
    turn === undefined ? "" : `for (const whole = inner & ~15; i < whole; i += 16) {
        const k = <usize>i << 2;
        ${turn(second)}
      }`
  }
      for (; i < inner; i += 4) {
        const k = <usize>i << 2, a = v128.load(a_ + k), b = ${second(0)};
        ${one(`out + (<usize>i << ${shift})`)};
      }`;
  return `
export function ${name}(
  a_: usize, b_: usize, out: usize, outer: i32, inner: i32, outerA: i32, outerB: i32, innerA: i32, innerB: i32,
): void {
  const rowA = <usize>outerA << 2, rowB = <usize>outerB << 2, row = <usize>inner << ${shift};
  for (let o = 0; o < outer; o++) {
    if (innerA != 0 && innerB != 0) {${row((vector) => `v128.load(b_ + k, ${16 * vector})`)}
    } else if (innerA != 0) {
      const number = v128.load32_splat(b_);${row(() => "number")}
    } else {
      const a = v128.load32_splat(a_);
      for (let i = 0; i < inner; i += 4) {
        const k = <usize>i << 2, b = innerB != 0 ? v128.load(b_ + k) : v128.load32_splat(b_);
        ${one(`out + (<usize>i << ${shift})`)};
      }
    }
    a_ += rowA;
    b_ += rowB;
    out += row;
  }
}`;
};

const binaryLoops = Object.entries(binary).map(([name, { expression }]) =>
  broadcastLoops(
    name,
    2,
    (at) => `v128.store(${at}, ${expression})`,
    (second) => {
      const inputs = { a: (v: number) => `v128.load(a_ + k, ${16 * v})`, b: second };
      return `${sideBySide(functions, 4, expression, inputs, (v) => `y${v}`)}
        ${stores}`;
    },
  )
);

const comparisonLoops = Object.entries(comparisons).map(([name, { expression }]) =>
  broadcastLoops(name, 0, (at) => `storeFlags(${at}, ${expression})`)
);

/** Rows of numbers in four vectors side by side, which is fast; columns by going through the rows. */
const reductionLoops = Object.entries(reductions).map(([name, { start, vector, scalar }]) => `
export function ${name}(x: usize, out: usize, outer: i32, size: i32, inner: i32): void {
  if (inner == 1) {
    const whole = size & ~15;
    for (let o = 0; o < outer; o++) {
      let s0 = splat(${start}), s1 = s0, s2 = s0, s3 = s0;
      for (let i = 0; i < whole; i += 16) {
        const k = x + (<usize>i << 2);
        s0 = ${vector("s0", "v128.load(k)")};
        s1 = ${vector("s1", "v128.load(k + 16)")};
        s2 = ${vector("s2", "v128.load(k + 32)")};
        s3 = ${vector("s3", "v128.load(k + 48)")};
      }
      const s = ${vector(vector("s0", "s1"), vector("s2", "s3"))};
      let total = ${
  scalar(
    scalar("f32x4.extract_lane(s, 0)", "f32x4.extract_lane(s, 1)"),
    scalar("f32x4.extract_lane(s, 2)", "f32x4.extract_lane(s, 3)"),
  )
};
      for (let i = whole; i < size; i++) total = ${scalar("total", "load<f32>(x + (<usize>i << 2))")};
      store<f32>(out + (<usize>o << 2), total);
      x += <usize>size << 2;
    }
    return;
  }
  const row = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += 4) v128.store(out + (<usize>i << 2), splat(${start}));
    for (let r = 0; r < size; r++) {
      for (let i = 0; i < inner; i += 4) {
        const k = <usize>i << 2;
        v128.store(out + k, ${vector("v128.load(out + k)", "v128.load(x + k)")});
      }
      x += row;
    }
    out += row;
  }
}`);

/**
 * Along the axis, from its end if `reverse`, in doubles: one number after the other, or one row after the other, CHUNK
 * columns at a time.
 */
const scanLoops = Object.entries(scans).map(([name, { start, expression }]) => `
export function ${name}(
  x: usize, out: usize, outer: i32, size: i32, inner: i32, exclusive: bool, reverse: bool,
): void {
  const row = <usize>inner << 2;
  const step = reverse ? 0 - row : row;
  const start = reverse ? <usize>(size - 1) * row : 0;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      let at = start;
      let a: f64 = ${start};
      for (let i = 0; i < size; i++) {
        const b = <f64>load<f32>(x + at);
        const next = ${expression};
        store<f32>(out + at, <f32>(exclusive ? a : next));
        a = next;
        at += step;
      }
    } else {
      for (let from = 0; from < inner; from += CHUNK) {
        const n = min(CHUNK, inner - from);
        for (let j = 0; j < n; j++) store<f64>(carry + (<usize>j << 3), ${start});
        let at = start + (<usize>from << 2);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < n; j++) {
            const k = at + (<usize>j << 2);
            const a = load<f64>(carry + (<usize>j << 3));
            const b = <f64>load<f32>(x + k);
            const next = ${expression};
            store<f32>(out + k, <f32>(exclusive ? a : next));
            store<f64>(carry + (<usize>j << 3), next);
          }
          at += step;
        }
      }
    }
    x += <usize>size * row;
    out += <usize>size * row;
  }
}`);

/** What engines with and without fused multiply-add and lane selection get. */
const variants = {
  relaxed: `
@inline function fma(a: v128, b: v128, c: v128): v128 { return f32x4.relaxed_madd(a, b, c); }
@inline function fnma(a: v128, b: v128, c: v128): v128 { return f32x4.relaxed_nmadd(a, b, c); }
@inline function choose(mask: v128, yes: v128, no: v128): v128 { return i32x4.relaxed_laneselect(yes, no, mask); }`,
  plain: `
@inline function fma(a: v128, b: v128, c: v128): v128 { return f32x4.add(f32x4.mul(a, b), c); }
@inline function fnma(a: v128, b: v128, c: v128): v128 { return f32x4.sub(c, f32x4.mul(a, b)); }
@inline function choose(mask: v128, yes: v128, no: v128): v128 { return v128.bitselect(yes, no, mask); }`,
};

/** The files in the order in which to read them. */
const files = [
  "vector",
  "functions",
  "elementwise",
  "reductions",
  "sums",
  "softmax",
  "layer_norm",
  "rational",
]
  .concat("moves", "patches", "pooling", "depthwise", "matmul", "optimizers");

/**
 * Those of Binaryen's optimizations that keep operations in the order in which they are written: the usual ones move what
 * is used once to where it is used, and what is side by side one behind the other.
 */
const passes = [
  "ssa-nomerge",
  "dce",
  "remove-unused-names",
  "merge-blocks",
  "precompute",
  "optimize-instructions",
]
  .concat("coalesce-locals", "vacuum", "reorder-locals", "remove-unused-module-elements");
const inOrder = ["-O0", "--runPasses", passes.join()];

/** Numbers in `splat(...)`, which has lanes of this type, become loads from a table in memory. */
function withTable(source: string, lanes: "f32" | "f64"): string {
  const table = new Map<string, string>();
  const loads = source.replace(
    /(?<![.\w])(i32x4\.splat|splat)\((-?[0-9][0-9a-fA-Fx.e+-]*)\)/g,
    (text, splat, number) => {
      if (Number(number) === 0) return text;
      const type = splat === "splat" ? lanes : "i32";
      const entry = `memory.data<${type}>([${number}])`;
      if (!table.has(entry)) table.set(entry, `number${table.size}`);
      return `v128.load${type.slice(1)}_splat(${table.get(entry)})`;
    },
  );
  return loads + [...table].map(([entry, name]) => `const ${name} = ${entry};\n`).join("");
}

/** The kernels of the tfjs backend as one source. */
async function sourceOfTensors(variant: keyof typeof variants): Promise<string> {
  const parts = files.map((name) => Deno.readTextFile(new URL(`kernels/${name}.as`, tensors)));
  return withTable(
    (await Promise.all(parts)).join("\n")
      .replace("//#fma", variants[variant])
      .replace(/\/\/#four (.*)/g, (_, expression) => fourOf(expression))
      .replace("//#unary", unaryLoops.join("\n"))
      .replace("//#binary", [...binaryLoops, ...comparisonLoops].join("\n"))
      .replace("//#reduce", reductionLoops.join("\n"))
      .replace("//#scan", scanLoops.join("\n")),
    "f32",
  );
}

/** A module of lib/wasm: all files of its folder, by name, and what gives out its memory. */
async function sourceOfNumbers(folder: string): Promise<string> {
  const names = Array.from(
    Deno.readDirSync(new URL(`${folder}/`, numbers)),
    ({ name }) => `${folder}/${name}`,
  );
  const parts = ["memory.as", ...names.sort()].map((name) => Deno.readTextFile(new URL(name, numbers)));
  const source = (await Promise.all(parts)).join("\n");
  return withTable(source.replace(/\/\/#four (.*)/g, (_, weight) => fourWeights(source, weight)), "f64");
}

/** The bytes of the compiled module. */
async function compile(source: string, ...options: string[]): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const args = ["kernels.ts", "--outFile", "kernels.wasm", "--runtime", "stub", "--enable", "simd"];
  args.push(...options, "--importMemory", "--initialMemory", "1", "--noAssert");
  const { error, stderr } = await asc.main(args, {
    readFile: (name: string) => name === "kernels.ts" ? source : null,
    writeFile: (_name: string, contents: unknown) => {
      if (contents instanceof Uint8Array) bytes = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || bytes === undefined) throw new Error(`AssemblyScript: ${error} ${stderr}`);
  return bytes;
}

function base64(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.match(/.{1,100}/g)!.map((line) => `  ${JSON.stringify(line)},\n`).join("");
}

async function tensorModule(): Promise<string> {
  const relaxed = await compile(await sourceOfTensors("relaxed"), ...inOrder, "--enable", "relaxed-simd");
  const plain = await compile(await sourceOfTensors("plain"), ...inOrder);
  return `// Made by \`deno task wasm\` from kernels/*.as and operations.ts; do not edit.\n
/** The compiled kernels, in base64, for engines with fused multiply-add (relaxed SIMD). */
export const relaxedKernels: string = [\n${base64(relaxed)}].join("");\n
/** The same for engines without. */
export const plainKernels: string = [\n${base64(plain)}].join("");\n`;
}

async function numberModule({ folder, name, what, isInOrder = false }: NumberModule): Promise<string> {
  const bytes = await compile(await sourceOfNumbers(folder), ...(isInOrder ? inOrder : ["-O3"]));
  return `// Made by \`deno task wasm\` from ${folder}/*.as; do not edit.\n
/** The compiled ${what}, in base64. */
export const ${name}: string = [\n${base64(bytes)}].join("");\n`;
}

if (import.meta.main) {
  const { flags } = readArguments("wasm", Deno.args, ["--check"]);
  const modules: [path: string, made: string][] = [["lib/tfjs/wasm/kernels_wasm.ts", await tensorModule()]];
  // One after the other: Binaryen's settings are those of the whole program.
  for (const module of numberModules) {
    modules.push([`lib/wasm/${module.folder}_wasm.ts`, await numberModule(module)]);
  }
  for (const [path, made] of modules) {
    const target = new URL(`../${path}`, import.meta.url);
    if (!flags.has("--check")) {
      await Deno.writeTextFile(target, made);
    } else if (await Deno.readTextFile(target) !== made) {
      console.error(`${path} is not what its sources give: run \`deno task wasm\``);
      Deno.exit(1);
    }
  }
}
