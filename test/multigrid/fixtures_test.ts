/** Learned V-cycles and Fourier operators against PyTorch (test/fixtures/multigrid/make.py). */
import { assert, assertEquals } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { fourierOperator, type GridNetwork, mgConv, type MgConvOptions } from "../../lib/multigrid/mod.ts";

interface Case {
  options: Record<string, unknown>;
  f: number[][];
  u: number[][];
  v: number[][];
  df?: number[][];
  tensors: Record<string, number[]>;
  gradients: Record<string, number[]>;
}

const { cycles, fourier } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/multigrid/multigrid.json", import.meta.url)),
) as { cycles: Case[]; fourier: Case };

/** Largest difference over the largest value. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  let [most, size] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    most = Math.max(most, Math.abs(a[k] - b[k]));
    size = Math.max(size, Math.abs(b[k]));
  }
  return most / size;
}

function assertSame(net: GridNetwork, { f, u, v, df, tensors, gradients }: Case) {
  assertEquals(net.tensors.map(({ name }) => name).toSorted(), Object.keys(tensors).toSorted());
  for (const { name, data } of net.tensors) {
    assertEquals(data.length, tensors[name].length, name);
    data.set(tensors[name]);
  }
  const inputs = df !== undefined;
  const result = net.vjp(Matrix.fromRows(f), Matrix.fromRows(v), { inputs });
  assert(difference(result.outputs.data, u.flat()) < 1e-12);
  if (inputs) assert(difference(result.inputs!.data, df.flat()) < 1e-12);
  let at = 0;
  for (const { name, data } of net.tensors) {
    const gradient = result.parameters.subarray(at, at += data.length);
    assert(difference(gradient, gradients[name]) < 1e-12, name);
  }
}

Deno.test("multigrid: a learned V-cycle and its gradients are those of PyTorch", () => {
  for (const cycle of cycles) {
    const options = cycle.options as unknown as MgConvOptions;
    const postSmoothings = Array.from({ length: options.levels }, (_, l) => l === 0 ? 1 : 0);
    assertSame(mgConv({ ...options, postSmoothings, rng: new Rng(0) }), cycle);
  }
});

Deno.test("multigrid: a Fourier operator and its gradients are those of PyTorch", () => {
  assertSame(fourierOperator({ ...fourier.options, rng: new Rng(0) } as never), fourier);
});
