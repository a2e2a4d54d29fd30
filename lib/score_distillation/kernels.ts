/** The compiled loops of lib/wasm/particles, with the tables of exp.ts in their memory. Not public. */
import { type Compiled, compiledOnce, type HeapBase } from "../wasm/compiled.ts";
import { particleKernels } from "../wasm/particles_wasm.ts";
import { FRACTIONS, LOGS, RECIPROCALS } from "./exp.ts";

/** The functions of the module; addresses are bytes. See lib/wasm/particles. */
export interface ParticleKernels extends HeapBase {
  fractions(): number;
  logs(): number;
  reciprocals(): number;
  meansInThePlane(
    points: number,
    pairs: number,
    centers: number,
    n: number,
    out: number,
    near: number,
  ): void;
  means(
    points: number,
    pairs: number,
    centers: number,
    n: number,
    d: number,
    weights: number,
    out: number,
  ): void;
  activate(
    a: number,
    b: number,
    grid: number,
    densityScale: number,
    field: number,
    slopes: number,
  ): void;
  march(
    field: number,
    row: number,
    first: number,
    cells: number,
    weights: number,
    pixels: number,
    step: number,
    images: number,
    tape: number,
  ): void;
  marchBack(
    gradient: number,
    row: number,
    first: number,
    cells: number,
    weights: number,
    pixels: number,
    step: number,
    cotangents: number,
    tape: number,
  ): void;
  deactivate(gradient: number, grid: number, slopes: number, a: number, b: number): void;
}

/** A function that returns the module, with a memory of its own for each such function; or null. */
export function compiledLoops(): () => Compiled<ParticleKernels> | null {
  return compiledOnce<ParticleKernels>(particleKernels, (module) => {
    module.reserve(8 * (FRACTIONS.length + LOGS.length + RECIPROCALS.length));
    const { run, float64 } = module;
    float64.set(FRACTIONS, run.fractions() / 8);
    const bits = new BigUint64Array(float64.buffer, run.fractions(), FRACTIONS.length);
    for (let k = 0; k < bits.length; k++) bits[k] += BigInt(k) << 42n;
    float64.set(LOGS, run.logs() / 8);
    float64.set(RECIPROCALS, run.reciprocals() / 8);
  });
}
