import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { allocate, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { activate } from "../../lib/networks/activation.ts";
import { kernelsOf, PassStorage, tables } from "../../lib/networks/compiled.ts";
import { add, addRows, bend, multiply } from "../../lib/networks/entries.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import { withoutKernels } from "../../lib/wasm/module.ts";

const DTYPES = ["float32", "float64"] as const;

/**
 * Normal numbers of several sizes, with what is special among them; an odd number of them. For small odd multiples of
 * 2^-24 the slope of silu, (1 + z) / 2, lies in the middle between two singles.
 */
function numbers(dtype: typeof DTYPES[number], rng: Rng): RealArray {
  const out = allocate(dtype, 4001);
  for (let i = 0; i < out.length; i++) out[i] = rng.normal() * [1e-4, 1, 5, 40][i % 4];
  for (let i = 3; i < out.length; i += 8) out[i] = (i % 2000 - 1000) * 2 ** -24;
  [NaN, Infinity, -Infinity, -0, 0, 1e7, -1e7, 100, -100, 3e38].forEach((value, k) => out[70 * k] = value);
  return out;
}

for (const dtype of DTYPES) {
  for (const activation of ["sine", "relu", "silu", "tanh"] as const) {
    Deno.test(`compiled passes: ${activation} of a pass, ${dtype}, has the bits of the loop`, () => {
      const start = numbers(dtype, new Rng(0));
      const count = start.length;
      for (const isBent of [false, true]) {
        const [z, slope, curvature] = [start.slice(), start.slice(), start.slice()];
        assertEquals(kernelsOf(z), null);
        activate(activation, z, count, slope, isBent ? curvature : undefined);
        new PassStorage(dtype, (room) => [room(count), room(count), room(count + 7)]).use((own) => {
          assert(kernelsOf(own[0]) !== null);
          own[0].set(start);
          own[2].fill(5);
          own[2].set(start);
          activate(activation, own[0], count, own[1], isBent ? own[2] : undefined);
          // As lists, since the bits of a NaN may be any.
          assertEquals([...own[0]], [...z]);
          assertEquals([...own[1]], [...slope]);
          assertEquals([...own[2].subarray(0, count)], [...curvature]);
          assertEquals([...own[2].subarray(count)], Array(7).fill(5));
        });
      }
    });
  }

  Deno.test(`compiled passes: products and sums, ${dtype}, have the bits of the loops`, () => {
    const rng = new Rng(1);
    for (const count of [0, 1, 3, 8, 4001]) {
      const start = Array.from({ length: 6 }, () => numbers(dtype, rng));
      const work = (arrays: RealArray[]) => {
        arrays.forEach((array, k) => array.set(start[k]));
        const sums = start[0].slice();
        multiply(arrays[4], arrays[4], arrays[3], count);
        const [below, tangent, slope, curvature, moved] = arrays;
        bend(below, tangent, slope, curvature, moved, count);
        add(below, slope, count);
        const width = Math.min(21, count);
        if (width > 0) addRows(sums.subarray(0, width), moved, 1.3, Math.floor(count / width), arrays[5]);
        return [...arrays.slice(0, 5), sums].map((array) => [...array]);
      };
      const loops = work(start.map((array) => array.slice()));
      const storage = new PassStorage(dtype, (room) => start.map((array) => room(array.length)));
      assertEquals(storage.use((arrays) => work(arrays)), loops);
    }
  });
}

Deno.test("compiled passes: what is very large is not in a memory that never shrinks", () => {
  new PassStorage("float32", (room) => room(2 ** 24 + 16)).use((a) => assertEquals(kernelsOf(a), null));
});

Deno.test("compiled passes: silu stops where the last digit of a double can decide", () => {
  new PassStorage("float32", (room) => [room(4), room(4)]).use(([z, slope]) => {
    const done = (values: number[]) => {
      z.set(values);
      return kernelsOf(z)!.silu32(z.byteOffset, slope.byteOffset, 0, 4, tables.exponentials);
    };
    assertEquals(done([0.3, 0.4, -5, 0]), 4);
    assertEquals(done([0.3, 0.4, -5, 2 ** -24]), 2);
    assertEquals(done([65, 0.4, -5, 0]), 0);
  });
});

Deno.test("compiled passes: rectifiers of zeros", () => {
  new PassStorage("float32", (room) => [room(5), room(5)]).use(([z, x]) => {
    z.set([-0, -1, 0, 1, NaN]);
    x.fill(3);
    kernelsOf(z)!.keepPositive32(z.byteOffset, 5);
    assertEquals([...z], [0, 0, 0, 1, NaN]);
    kernelsOf(z)!.keepWhere32(x.byteOffset, z.byteOffset, 5);
    assertEquals([...x], [0, 0, 0, 3, 3]);
    // The slope of a leaky rectifier at 0 is that of negative numbers.
    z.set([-1, 0, 0, 1, 0]);
    x.fill(3);
    kernelsOf(z)!.mask32(x.byteOffset, z.byteOffset, 5, 0.5);
    assertEquals([...x], [1.5, 1.5, 1.5, 3, 1.5]);
  });
});

Deno.test("compiled passes: networks have the same bits without compiled loops", () => {
  for (const dtype of DTYPES) {
    for (const activation of ["sine", "relu", "silu", "gelu"] as const) {
      const rng = new Rng(2);
      const options = { widths: [3, 37, 21, 2], activation, scale: [1.3, 1], dtype };
      const net = new DenseNetwork({ ...options, rng });
      const x = rng.normalMatrix(500, 3);
      const v = rng.normalMatrix(500, 2);
      const tangent = { inputs: rng.normalMatrix(500, 3), parameters: rng.normals(net.parameters.length) };
      const all = () => [
        net.forward(x),
        net.vjp(x, v, { inputs: true }),
        net.jvp(x, tangent),
        net.vjpOfJvp(x, tangent, { outputs: v, tangents: v }, { inputs: true }),
        net.jacobian(Matrix.from(30, 3, (i, j) => x.get(i, j))),
      ];
      assertEquals(all(), withoutKernels(all));
    }
  }
});

Deno.test("compiled passes: one in another, the larger one inside, and after the memory has grown", () => {
  const outer = new PassStorage("float64", (room) => room(100));
  const inner = new PassStorage("float64", (room) => room(100));
  const large = new PassStorage("float32", (room) => room(3e6));
  for (let turn = 0; turn < 2; turn++) {
    outer.use((a) => {
      a.fill(1);
      inner.use((b) => {
        assertNotEquals(a.byteOffset, b.byteOffset);
        b.fill(2);
        outer.use((c) => c.fill(3));
      });
      large.use((b) => b.fill(4));
      assertEquals([a.length, ...new Set(a)], [100, 1]);
    });
    // On its own it has its place in the memory, which grows.
    large.use((b) => assert(kernelsOf(b) !== null && b.length === 3e6));
  }
  assert(outer.use((a) => kernelsOf(a) !== null && a.length === 100));
});

Deno.test("compiled passes: a pass that throws gives its room back", () => {
  const storage = new PassStorage("float64", (room) => room(10));
  const place = () => storage.use((a) => a.byteOffset);
  const before = place();
  try {
    storage.use(() => {
      throw new Error("stop");
    });
  } catch { /* As meant. */ }
  assertEquals(place(), before);
});
