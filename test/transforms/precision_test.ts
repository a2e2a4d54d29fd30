/** How far transforms are from those in extended precision, and that compiled and plain loops agree to the bit. */
import { assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { type Matrix, type RealArray, Rng } from "refigure/arrays";
import { dct, dctRows, fft, rfft } from "refigure/transforms";
import { cosineTransform } from "../../lib/transforms/cosine_transform.ts";
import { dctOfRows } from "../../lib/transforms/dct_rows.ts";
import { transformComplex } from "../../lib/transforms/plan.ts";
import { inverseRealTransform, realTransform } from "../../lib/transforms/rfft.ts";
import { writeRoot } from "../../lib/transforms/roots.ts";
import { plainWorkspace, workspaceFor } from "../../lib/transforms/workspace.ts";
import fixtures from "../fixtures/transforms/precise.json" with { type: "json" };
import { units } from "./naive.ts";

/** As in precise.py. */
const given = (n: number) =>
  Float64Array.from({ length: n }, (_, j) => (j * 37 + j * j % 11) % 101 / 101 - 0.5);

Deno.test("within two units in the last place of the norm of transforms in extended precision", () => {
  for (const { n, ...wanted } of fixtures.rows) {
    const x = given(n);
    assertLess(units(fft(given(2 * n)), wanted.fft), 2, `fft ${n}`);
    assertLess(units(rfft(x), wanted.rfft), 2, `rfft ${n}`);
    assertLess(units(dct(x), wanted.dct2), 2, `dct ${n}`);
    assertLess(units(dct(x, { type: 3 }), wanted.dct3), 2, `dct 3 ${n}`);
  }
});

Deno.test("roots of unity are those of Math within a unit, and exact at eighths", () => {
  const root = new Float64Array(2);
  for (const n of [1, 2, 3, 8, 12, 97, 1000, 2 ** 20]) {
    for (let k = 0; k < n; k += Math.ceil(n / 100)) {
      writeRoot(root, 0, 1, k, n);
      assertLess(Math.abs(root[0] - Math.cos(2 * Math.PI * k / n)), 1e-15);
      assertLess(Math.abs(root[1] - Math.sin(2 * Math.PI * k / n)), 1e-15);
    }
  }
  const eighths = Array.from({ length: 8 }, (_, k) => {
    writeRoot(root, 0, 1, k, 8);
    return [root[0] + 0, root[1] + 0];
  });
  const r = Math.SQRT1_2;
  assertEquals(eighths, [[1, 0], [r, r], [0, 1], [-r, r], [-1, 0], [-r, -r], [0, -1], [r, -r]]);
});

Deno.test("without WebAssembly the loops in TypeScript give the same bits", () => {
  assertNotEquals(workspaceFor(0).rows, undefined);
  const plain = plainWorkspace();
  for (const n of [...Array.from({ length: 130 }, (_, k) => k + 1), 256, 360, 1000, 1009, 4096, 15000]) {
    const z = new Rng(n).normals(2 * n);
    const x = z.subarray(0, n);
    const [a, b] = [new Float64Array(2 * n), new Float64Array(2 * n)];
    transformComplex(z, a, n);
    transformComplex(z, b, n, plain);
    assertEquals(a, b, `fft ${n}`);
    assertEquals(realTransform(x), realTransform(x, plain), `rfft ${n}`);
    const half = z.slice(0, 2 * Math.floor(n / 2) + 2);
    assertEquals(inverseRealTransform(half, n), inverseRealTransform(half, n, plain), `irfft ${n}`);
    for (const type of [2, 3] as const) {
      const [here, there] = [cosineTransform(x, type, true), cosineTransform(x, type, true, plain)];
      assertEquals(here.values, there.values, `dct ${type} ${n}`);
    }
  }
});

Deno.test("a row has the same bits as alone, in either precision, compiled or not", () => {
  const plain = plainWorkspace();
  for (const [m, n] of [[1, 8], [2, 16], [3, 24], [4, 12], [5, 40], [6, 130], [7, 64], [9, 1000], [2, 7]]) {
    for (const dtype of ["float64", "float32"] as const) {
      const a: Matrix<RealArray> = new Rng(n).normalMatrix(m, n).astype(dtype);
      for (const type of [2, 3] as const) {
        const rows = dctRows(a, { type });
        for (let i = 0; i < m; i++) {
          assertEquals(rows.row(i), dct(a.row(i), { type }), `row ${i} of ${m} x ${n}`);
        }
        const out = a.data.slice();
        dctOfRows(a, out, type, true, plain);
        assertEquals(rows.data, out, `${dtype} ${m} x ${n}`);
      }
    }
  }
});

Deno.test("a program that sweeps over many lengths does not fill the memory", () => {
  const workspace = workspaceFor(0);
  const z = new Float64Array(2 * 3000).fill(1);
  const sweep = (from: number) => {
    const out = new Float64Array(2 * 3000);
    for (let n = from; n < from + 60; n++) transformComplex(z.subarray(0, 2 * n), out, n, workspace);
  };
  for (let from = 2000; from < 2240; from += 60) sweep(from);
  const bytes = workspace.float64.byteLength;
  for (let from = 2240; from < 2840; from += 60) sweep(from);
  assertEquals(workspace.float64.byteLength, bytes);
});
