/** Classical V-cycles: how fast they converge, and that the learned form contains them. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { mgConv, poissonVCycle } from "../../lib/multigrid/mod.ts";
import { FivePointStencil, spectralRadius } from "../../lib/sparse/mod.ts";
import type { Cycle, Row } from "./rows.ts";

/** Smoothing steps down and up. */
const CYCLES: Record<Cycle, readonly [before: number, after: number]> = {
  "V(1,0)": [1, 0],
  "V(1,1)": [1, 1],
  "V(2,1)": [2, 1],
};

/** All cycles on one grid. */
export function factorRows({ n, steps }: { n: number; steps: number }): Row<"factor">[] {
  const a = new FivePointStencil(n, n);
  const image = new Float64Array(n * n);
  const f = new Rng(n).normals(n * n);
  return (Object.keys(CYCLES) as Cycle[]).map((name) => {
    const [smoothings, postSmoothings] = CYCLES[name];
    const cycle = poissonVCycle(n, { smoothings, postSmoothings });
    const radius = spectralRadius(
      (x, out) => {
        a.apply(x, { out: image });
        cycle(image, out);
        for (let k = 0; k < x.length; k++) out[k] = x[k] - out[k];
      },
      n * n,
      { steps, rng: new Rng(0) },
    );
    cycle(f, image);
    const learned = learnedForm(n, smoothings, postSmoothings).forward(new Matrix(1, n * n, f)).data;
    let [most, size] = [0, 0];
    image.forEach((value, k) => {
      most = Math.max(most, Math.abs(value - learned[k]));
      size = Math.max(size, Math.abs(value));
    });
    return { kind: "factor", n, cycle: name, radius, difference: most / size };
  });
}

/** The learned V-cycle with classical kernels, down to one point. */
function learnedForm(n: number, before: number, after: number) {
  const levels = Math.log2(n + 1);
  const smoothings = Array.from({ length: levels }, (_, l) => l === levels - 1 ? 1 : before);
  const postSmoothings = smoothings.map((_, l) => l === levels - 1 ? 0 : after);
  return mgConv({ n, levels, smoothings, postSmoothings, init: "classical", rng: new Rng(0) });
}

/** One step of damped Jacobi on the smoothest mode, which is an eigenvector. */
export function jacobiRows({ n }: { n: number }): Row<"jacobi">[] {
  const wave = (k: number) => Math.sin(Math.PI * (k + 1) / (n + 1));
  const mode = Float64Array.from({ length: n * n }, (_, k) => wave(Math.floor(k / n)) * wave(k % n));
  const image = new FivePointStencil(n, n).apply(mode);
  const middle = (n * n - 1) / 2;
  return [{ kind: "jacobi", n, radius: 1 - 0.8 / 4 * image[middle] / mode[middle] }];
}
