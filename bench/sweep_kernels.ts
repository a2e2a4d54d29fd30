/**
 * `deno run -A bench/sweep_kernels.ts [filter ...] [--all]`: every kernel on backend `native` beside the CPU
 * backend's, in turn, on 32 x 32 and 1024 x 1024 numbers (products, convolutions and the like 256 x 256).
 * Prints the medians of the ratios above 1.1, with `--all` every one; ends with status 1 if there are any.
 */
import * as tf from "@tensorflow/tfjs";
import { median } from "simple-statistics";
import { setBlasThreads } from "../lib/blas/mod.ts";
import "../lib/tfjs/mod.ts";
import { furtherKernels, type Maker, release, replacedKernels } from "./tfjs_kernels.ts";

const SIDES = { small: 32, large: 1024 };
const HEAVY = 256;
const PAIRS = 15;
const SAMPLE_MS = 1;
const LIMIT = 1.1;
const KERNEL_MS = 2000;
const filters = Deno.args.filter((word) => !word.startsWith("--"));
const all = Deno.args.includes("--all");

/** Milliseconds of one call. */
function time(backend: string, run: () => unknown, repeat: number): number {
  tf.setBackend(backend);
  const start = performance.now();
  for (let i = 0; i < repeat; i++) tf.tidy(() => void run());
  return (performance.now() - start) / repeat;
}

async function compare(maker: Maker, side: number): Promise<{ ratio: number; ms: number }> {
  const runs: Record<string, () => unknown> = {};
  for (const backend of ["native", "cpu"]) {
    await tf.setBackend(backend);
    runs[backend] = maker(side);
    // Compilers get their chance.
    const start = performance.now();
    for (let i = 0; i < 300 && performance.now() - start < 150; i++) tf.tidy(() => void runs[backend]());
  }
  const repeat = (backend: string) =>
    Math.max(1, Math.ceil(SAMPLE_MS / Math.max(1e-4, time(backend, runs[backend], 5))));
  const repeats = { native: repeat("native"), cpu: repeat("cpu") };
  const ratios: number[] = [];
  const times: number[] = [];
  const start = performance.now();
  for (let i = 0; i < PAIRS && (i < 3 || performance.now() - start < KERNEL_MS); i++) {
    const order = i % 2 === 0 ? ["native", "cpu"] as const : ["cpu", "native"] as const;
    const ms = { native: 0, cpu: 0 };
    for (const backend of order) ms[backend] = time(backend, runs[backend], repeats[backend]);
    ratios.push(ms.native / ms.cpu);
    times.push(ms.native);
  }
  await tf.setBackend("native");
  release();
  return { ratio: median(ratios), ms: median(times) };
}

setBlasThreads(1);
let slower = 0;
for (const [name, maker] of Object.entries({ ...replacedKernels, ...furtherKernels })) {
  if (filters.length > 0 && !filters.some((filter) => name.startsWith(filter))) continue;
  for (const [size, side] of Object.entries(SIDES)) {
    const heavy = /MatMul|Einsum|Conv|FFT|LRN|Segment/.test(name);
    const { ratio, ms } = await compare(maker, heavy ? Math.min(side, HEAVY) : side);
    if (ratio > LIMIT) slower++;
    if (all || ratio > LIMIT) {
      console.log(`${name} ${size}`.padEnd(44), ratio.toFixed(3), `${ms.toPrecision(3)} ms`);
    }
  }
}
console.log(`${slower} of them above ${LIMIT}`);
Deno.exit(slower > 0 ? 1 : 0);
