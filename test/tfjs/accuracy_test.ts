import { assert, assertEquals } from "@std/assert";
import { erf, normalCdf } from "../../lib/statistics/mod.ts";
import { Heap } from "../../lib/tfjs/mod.ts";
import { unary } from "../../lib/tfjs/wasm/operations.ts";

/** An even grid of float32 numbers. */
const grid = (low: number, high: number, n = 4001) =>
  Float32Array.from({ length: n }, (_, i) => low + (high - low) * (i + 0.37) / n);

/** The compiled function at every x. */
function compiled(heap: Heap, name: string, xs: Float32Array): Float32Array {
  const from = heap.allocate(xs.byteLength);
  const to = heap.allocate(xs.byteLength);
  heap.floats(from, xs.length).set(xs);
  if (name === "gelu_grad") {
    const ones = heap.allocate(xs.byteLength);
    heap.floats(ones, xs.length).fill(1);
    heap.kernels.gelu_grad(ones, from, to, 1, xs.length, 0, 0, 1, 1);
  } else heap.kernels[name](from, to, xs.length, 0);
  return heap.floats(to, xs.length).slice();
}

const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
const one = () => 1;
/** The function, where it is tried, and its largest error in units of `scale`. */
const cases: [
  name: string,
  exact: (x: number) => number,
  xs: Float32Array,
  scale: (y: number) => number,
  bound: number,
][] = [
  ["exp_", Math.exp, grid(-86, 88), Math.abs, 1e-7],
  ["log_", Math.log, grid(1e-6, 0.9), Math.abs, 2e-7],
  ["log_", Math.log, grid(1.1, 1e6), Math.abs, 2e-7],
  ["tanh_", Math.tanh, grid(-12, 12), Math.abs, 4e-7],
  ["tanh_", Math.tanh, grid(-1e-3, 1e-3), Math.abs, 4e-7],
  ["sigmoid_", (x) => 1 / (1 + Math.exp(-x)), grid(-60, 60), Math.abs, 4e-7],
  ["erf_", erf, grid(-6, 6), Math.abs, 5e-7],
  ["erf_", erf, grid(-1e-3, 1e-3), Math.abs, 5e-7],
  ["sin_", Math.sin, grid(-20, 20), one, 2e-7],
  ["sin_", Math.sin, grid(-8192, 8192), one, 3e-7],
  ["sin_", Math.sin, grid(8000, 1e9), one, 2e-7],
  ["cos_", Math.cos, grid(-20, 20), one, 2e-7],
  ["cos_", Math.cos, grid(-8192, 8192), one, 3e-7],
  ["cos_", Math.cos, grid(8000, 1e9), one, 2e-7],
  ["log1p_", Math.log1p, grid(-0.99, 10), Math.abs, 4e-7],
  ["log1p_", Math.log1p, grid(-1e-4, 1e-4), Math.abs, 4e-7],
  ["log1p_", Math.log1p, grid(-1, -0.999), Math.abs, 4e-7],
  ["log1p_", Math.log1p, grid(10, 1e7), Math.abs, 4e-7],
  ["log1p_", Math.log1p, grid(1e7, 3e38), Math.abs, 4e-7],
  ["log1p_", Math.log1p, grid(-1e-30, 1e-30), Math.abs, 4e-7],
  ["expm1_", Math.expm1, grid(-20, 80), Math.abs, 4e-7],
  ["expm1_", Math.expm1, grid(-0.5, 0.5), Math.abs, 4e-7],
  ["softplus_", (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), grid(-80, 80), Math.abs, 4e-7],
  ["gelu_", (x) => x * normalCdf(x), grid(-8, 8), one, 5e-7],
  ["gelu_", (x) => x * normalCdf(x), grid(-1e-3, 1e-3), Math.abs, 2e-6],
  ["gelu_grad", (x) => normalCdf(x) + x * density(x), grid(-8, 8), one, 5e-7],
];

for (const variant of ["relaxed", "plain"] as const) {
  Deno.test(`transcendental functions have the errors that the documentation states, ${variant} kernels`, () => {
    const heap = new Heap({ kernels: variant });
    for (const [name, exact, xs, scale, bound] of cases) {
      const got = compiled(heap, name, xs);
      let worst = 0;
      xs.forEach((x, i) => worst = Math.max(worst, Math.abs(got[i] - exact(x)) / scale(exact(x))));
      assert(worst < bound, `${name} from ${xs[0]}: error ${worst}`);
    }
  });

  Deno.test(`infinities, NaN and what becomes them, ${variant} kernels`, () => {
    const heap = new Heap({ kernels: variant });
    const at = (name: string, ...xs: number[]) => [...compiled(heap, name, Float32Array.from(xs))];
    assertEquals(at("exp_", -Infinity, -88, Infinity, 89, NaN), [0, 0, Infinity, Infinity, NaN]);
    assertEquals(at("exp_", 0), [1]);
    assertEquals(at("tanh_", -Infinity, Infinity, 30, 0, NaN), [-1, 1, 1, 0, NaN]);
    assertEquals(at("erf_", -Infinity, Infinity, 5, 0, NaN), [-1, 1, 1, 0, NaN]);
    assertEquals(at("sigmoid_", -Infinity, Infinity, 0, NaN), [0, 1, 0.5, NaN]);
    assertEquals(at("sin_", -Infinity, Infinity, NaN, 0), [NaN, NaN, NaN, 0]);
    assertEquals(at("cos_", -Infinity, Infinity, NaN, 0), [NaN, NaN, NaN, 1]);
    assertEquals(at("log1p_", -1, -2, Infinity, 0, NaN), [-Infinity, NaN, Infinity, 0, NaN]);
    assertEquals(at("expm1_", -Infinity, Infinity, 0, NaN), [-1, Infinity, 0, NaN]);
    assertEquals(at("softplus_", -Infinity, Infinity, NaN), [0, Infinity, NaN]);
    assertEquals(at("gelu_", -Infinity, -40, Infinity, 40, 0, NaN), [0, 0, Infinity, 40, 0, NaN]);
  });
}

Deno.test("an entry's value does not depend on the entries beside it", () => {
  const heap = new Heap();
  const special = [NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-40, 3e38, -3e38, 100, -100, -1, 9000];
  for (const name of Object.keys(unary)) {
    const xs = grid(-50, 50, 416);
    const alone = compiled(heap, name, xs);
    // Every vector of four has another one of them.
    const among = compiled(
      heap,
      name,
      xs.map((x, i) => i % 4 === 1 ? special[(i >> 2) % special.length] : x),
    );
    for (let i = 0; i < xs.length; i++) {
      if (i % 4 !== 1) assert(Object.is(alone[i], among[i]), `${name}(${xs[i]}): ${alone[i]}, ${among[i]}`);
    }
  }
});

Deno.test("a row of softmax in which some entries vanish has the values of the others", () => {
  const heap = new Heap();
  const n = 50;
  const [x, y] = [heap.allocate(8 * n), heap.allocate(8 * n)];
  const row = grid(-3, 3, n);
  heap.floats(x, n).set(row);
  heap.floats(x, 2 * n).set(row, n);
  // Of no weight, and smaller than the others by less and by more than the smallest exponential.
  heap.floats(x, 2 * n)[n + 7] = -1e9;
  heap.floats(x, n)[7] = -80;
  heap.kernels.softmax(x, y, 2, n);
  const [all, some] = [heap.floats(y, n), heap.floats(y, 2 * n).subarray(n)];
  assertEquals(some[7], 0);
  for (let i = 0; i < n; i++) if (i !== 7) assertEquals(all[i], some[i]);
});
