/**
 * `deno task verdicts [slug ...]`: runs the quick presets with several sets of BLAS kernels, each in a
 * process of its own, and compares the verdict of every claim. A claim is about a method, so it must come out the
 * same whatever the last digits are.
 *
 * Exit status: 0 all verdicts agree, 1 some do not, 2 the comparison could not be made.
 */
import { kernelsRunHere } from "../lib/blas/native/kernels.ts";
import { readArguments } from "./command_line.ts";

const root = new URL("../", import.meta.url);

/** One way of computing: a name for it and the environment that asks for it. */
export interface Engine {
  name: string;
  env: { OPENBLAS_CORETYPE: string; REFIGURE_BLAS: string };
  /** What its last digits depend on, as `blasInfo` tells in such a process. */
  arithmetic: string;
}

/** A claim's verdict, and what was measured for it. */
interface Verdict {
  holds: boolean | null;
  measured: string;
}

/**
 * The engines that this machine has, the reproducible one first: it, the kernels for AVX-512, those for the oldest
 * processors, and the portable engine.
 */
export async function engines(): Promise<Engine[]> {
  const found: Engine[] = [];
  for (const kernels of ["", "SkylakeX", "Prescott", "portable"]) {
    const portable = kernels === "portable";
    if (!portable && kernels !== "" && kernelsRunHere(Deno, kernels) !== true) continue;
    const env = { OPENBLAS_CORETYPE: portable ? "" : kernels, REFIGURE_BLAS: portable ? "portable" : "" };
    const code = `import { blasInfo, useReproducibleKernels } from "./lib/blas/mod.ts";
      useReproducibleKernels();
      console.log(blasInfo().arithmetic);`;
    const arithmetic = (await deno(["eval", code], env)).stdout.trim();
    // Without a library all of them are the portable engine.
    if (found.some((other) => other.arithmetic === arithmetic)) continue;
    found.push({ name: kernels || "reproducible", env, arithmetic });
  }
  return found;
}

/** Verdicts of all claims of some papers (default: all) with an engine, by `slug/claim`. */
export async function verdicts(engine: Engine, slugs: string[] = []): Promise<Map<string, Verdict>> {
  const out = await Deno.makeTempDir();
  try {
    const args = ["--preset", "quick", "--json", "--out", out];
    const script = ["run", "-A", "--no-check", "tools/reproduce/reproduce.ts"];
    const { code, stdout, stderr } = await deno([...script, ...slugs, ...args], engine.env);
    // 1 means that a claim does not hold, which is compared below.
    if (code > 1) throw new Error(`reproduce ended with status ${code}: ${stderr}`);
    const { papers } = JSON.parse(stdout) as {
      papers: { slug: string; claims: ({ id: string } & Verdict)[]; problems?: string[] }[];
    };
    const entries = papers.flatMap(({ slug, claims }) =>
      claims.map(({ id, holds, measured }) => [`${slug}/${id}`, { holds, measured }] as const)
    );
    return new Map(entries);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/** Claims whose verdict differs, one line each: `slug/claim: ` and what was found. */
export function differences(base: Map<string, Verdict>, other: Map<string, Verdict>): string[] {
  const names = new Set([...base.keys(), ...other.keys()]);
  return [...names].filter((name) => base.get(name)?.holds !== other.get(name)?.holds).map((name) => {
    const show = (verdict?: Verdict) =>
      verdict === undefined ? "no claim" : `${verdict.holds ?? "undecided"} (${verdict.measured})`;
    return `${name}: ${show(base.get(name))}, now ${show(other.get(name))}`;
  });
}

async function deno(args: string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

if (import.meta.main) Deno.exit(await main(readArguments("verdicts", Deno.args, []).words));

async function main(slugs: string[]): Promise<number> {
  const [first, ...others] = await engines();
  if (others.length === 0) {
    console.error(`There is one engine here (${first.arithmetic}), so nothing to compare.`);
    return 2;
  }
  let count = 0;
  const run = async (engine: Engine) => {
    const start = performance.now();
    const result = await verdicts(engine, slugs);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${engine.name}: ${result.size} claims in ${seconds} s (${engine.arithmetic})`);
    return result;
  };
  const base = await run(first);
  for (const engine of others) {
    for (const line of differences(base, await run(engine))) {
      count++;
      console.log(`  ${line}`);
    }
  }
  console.log(count === 0 ? "All verdicts agree." : `${count} verdicts differ.`);
  return count === 0 ? 0 : 1;
}
