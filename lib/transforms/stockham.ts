/**
 * Transforms of lengths without prime factors above 5, by passes of radix 4, 5, 3 and 2 from one array to
 * another (Stockham's order, which needs no permutation).
 */
import { pass2, pass3, pass4, pass5, swapMiddles } from "./loops.ts";
import { writeRoot } from "./roots.ts";
import type { TableKind, Workspace } from "./workspace.ts";

const plainPasses = { 2: pass2, 3: pass3, 4: pass4, 5: pass5 };

/** One pass: see lib/wasm/kernels/transforms.as. */
interface Pass {
  radix: 2 | 3 | 4 | 5;
  m: number;
  s: number;
  /** Where its roots begin in the table, in bytes. */
  roots: number;
  /** And where they end. */
  end: number;
}

const known = new Map<number, Pass[] | null>();

/** The passes for length n, null if it has a prime factor above 5. */
export function passesOf(n: number): Pass[] | null {
  const found = known.get(n);
  if (found !== undefined) return found;
  const radices: Pass["radix"][] = [];
  let rest = n;
  let twos = 0;
  for (; rest % 2 === 0; rest /= 2) twos++;
  // An even one first, so that the numbers of all later passes go in pairs.
  for (let k = 1; k < twos; k += 2) radices.push(4);
  if (twos === 1 && rest > 1) radices.push(2);
  for (; rest % 5 === 0; rest /= 5) radices.push(5);
  for (; rest % 3 === 0; rest /= 3) radices.push(3);
  if (twos % 2 === 1 && radices[0] !== 2) radices.push(2);
  const passes: Pass[] | null = rest === 1 ? [] : null;
  if (passes) {
    let m = n;
    let roots = 0;
    for (const radix of radices) {
      m /= radix;
      // The last pass of radix 2 or 4 has none: see the kernels.
      const end = roots + (m === 1 && radix % 2 === 0 ? 0 : ((m + 1) >> 1) * 32 * (radix - 1));
      passes.push({ radix, m, s: n / m / radix, roots, end });
      roots = end;
    }
  }
  if (known.size >= 256) known.clear();
  known.set(n, passes);
  return passes;
}

/** The roots of all passes. */
const passRoots: TableKind = {
  bytes: (n) => passesOf(n)!.at(-1)?.end ?? 0,
  fill(workspace, n, address) {
    const table = workspace.float64;
    for (const { radix, m, roots, end } of passesOf(n)!) {
      if (end === roots) continue;
      for (let p = 0; p < m; p++) {
        const at = (address + roots) / 8 + (p >> 1) * 4 * (radix - 1) + (p & 1);
        for (let k = 1; k < radix; k++) writeRoot(table, at + 4 * (k - 1), 2, k * p % (m * radix), m * radix);
      }
    }
  },
};

/** Makes sure that the roots for length n are in memory; see {@linkcode transformBlocks}. */
export function prepare(workspace: Workspace, n: number): number {
  return workspace.table(passRoots, n);
}

/**
 * Transforms `count` sets of n numbers from `x` by way of `y`, both with room for them; returns which of both has
 * the result, in blocks. One set is given interleaved; of two, number j of set i is number 2 j + i in blocks.
 * `roots` is from {@linkcode prepare}; `made` passes have been made already.
 */
export function transformBlocks(
  workspace: Workspace,
  n: number,
  count: 1 | 2,
  x: number,
  y: number,
  roots: number,
  made = 0,
): number {
  const { run } = workspace;
  const passes = passesOf(n)!;
  const goesInPairs = passes.length > 0 && passes[0].radix === 4 && passes[0].m % 2 === 0;
  if (count === 1 && !goesInPairs) swapMiddles(workspace.float64, x / 8, n);
  for (let i = made; i < passes.length; i++) {
    const { radix, m } = passes[i];
    const s = count * passes[i].s;
    const at = roots + passes[i].roots;
    if (s === 1 && goesInPairs) run.firstPass4(x, y, m, at);
    else if (s % 2 === 1) plainPasses[radix](workspace.float64, x / 8, y / 8, m, s, at / 8);
    else if (radix === 4) run.pass4(x, y, m, s, at);
    else if (radix === 5) run.pass5(x, y, m, s, at);
    else if (radix === 3) run.pass3(x, y, m, s, at);
    else run.pass2(x, y, m, s, at);
    const from = x;
    x = y;
    y = from;
  }
  return x;
}
