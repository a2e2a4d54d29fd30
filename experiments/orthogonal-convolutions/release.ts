/** The regularizer as the code of Wang et al. (2020) has it (notes 3.3). */
import { Rng } from "../../lib/arrays/mod.ts";
import { lorth, orthogonalityErrors, orthogonalKernel } from "../../lib/convolutions/mod.ts";
import { type Layer, type Row, shapeOf } from "./rows.ts";

/**
 * Their distance for k = 3: the kernel is padded by 1 whatever the stride, so that it is moved by -1, S - 1, ... taps
 * as far as 1; the entry in the middle of the result should be the identity, all others 0; the norm, not its square.
 */
export function releasedDistance(kernel: ArrayLike<number>, { M, C, k, S }: Layer): number {
  const moves: number[] = [];
  for (let move = -1; move <= 1; move += S) moves.push(move);
  const middle = moves[Math.floor(moves.length / 2)];
  const tap = (m: number, c: number, a: number, b: number) =>
    a < 0 || a >= k || b < 0 || b >= k ? 0 : kernel[((m * C + c) * k + a) * k + b];
  let sum = 0;
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < M; n++) {
      for (const y of moves) {
        for (const x of moves) {
          let product = m === n && y === middle && x === middle ? -1 : 0;
          for (let c = 0; c < C; c++) {
            for (let a = 0; a < k; a++) {
              for (let b = 0; b < k; b++) product += tap(n, c, a, b) * tap(m, c, a + y, b + x);
            }
          }
          sum += product * product;
        }
      }
    }
  }
  return Math.sqrt(sum);
}

/** A kernel that the released code calls orthogonal and is not; orthogonal kernels that it does not. */
export function releaseRows(seed: number): Row<"release">[] {
  const row = (name: Row<"release">["name"], layer: Layer, kernel: ArrayLike<number>): Row<"release"> => {
    const { smallest, largest } = orthogonalityErrors(kernel, shapeOf(layer), 8);
    const value = lorth(kernel, shapeOf(layer));
    return {
      kind: "release",
      name,
      ...layer,
      seed,
      released: releasedDistance(kernel, layer),
      lorth: value,
      smallest,
      largest,
    };
  };
  const strided = { M: 4, C: 2, k: 3, S: 2 };
  return [
    // Two taps, two apart.
    row("stride 1", { M: 1, C: 1, k: 3, S: 1 }, [0, 0, 0, Math.SQRT1_2, 0, Math.SQRT1_2, 0, 0, 0]),
    row("stride 2", strided, orthogonalKernel(shapeOf(strided), { rng: new Rng(seed).split("release") })),
  ];
}
