/** Structured pruning adapters: fused is unfused, compacted is masked. */
import { assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { matmul } from "refigure/blas";
import { CoConv1d, fuseAtCentre, SPLoRALinear } from "refigure/continual";
import { assertNear } from "./near.ts";

Deno.test("continual-inference, criterion 8: fused equals unfused, compacted equals masked", () => {
  const rng = new Rng(0);
  for (let trial = 0; trial < 20; trial++) {
    const [m, n] = [2 + rng.integer(20), 2 + rng.integer(20)];
    const layer = new SPLoRALinear(rng.normalMatrix(m, n), {
      rank: 1 + rng.integer(Math.min(m, n)),
      initRange: 1,
      rng: rng.split(trial),
    });
    const draw = (length: number) => {
      const mask = Uint8Array.from({ length }, () => rng.integer(2));
      mask[rng.integer(length)] = 1;
      return mask;
    };
    const mask = { inputs: draw(n), outputs: draw(m) };
    const x = rng.normalMatrix(n, 3);
    const unfused = layer.apply(x, mask);
    assertNear(matmul(layer.fuse(mask), x).data, unfused.data, 1e-12);
    const rows = [...mask.outputs.keys()].filter((i) => mask.outputs[i] === 1);
    const columns = [...mask.inputs.keys()].filter((i) => mask.inputs[i] === 1);
    const kept = Matrix.from(columns.length, 3, (i, j) => x.get(columns[i], j));
    const small = matmul(layer.compact(mask), kept);
    assertEquals(small.rows, rows.length);
    assertNear(small.data, Matrix.from(rows.length, 3, (i, j) => unfused.get(rows[i], j)).data, 1e-12);
    assertEquals(layer.learnedParameters(mask), layer.rank * (rows.length + columns.length));
  }
});

Deno.test("continual: an adapter starts as nearly nothing, A as PyTorch's Kaiming start", () => {
  const layer = new SPLoRALinear(Matrix.zeros(30, 400), { rank: 8, rng: new Rng(1) });
  const bound = (a: Matrix) => a.data.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  assertEquals(layer.rank, 8);
  assertNear([bound(layer.right)], [1 / 20], 1e-3);
  assertNear([bound(layer.left)], [1e-4], 2e-6);
});

Deno.test("continual: at the centre of a kernel an adapter is a 1 x 1 convolution beside it", () => {
  const rng = new Rng(2);
  const weight = { shape: [3, 2, 5], data: rng.normals(30) };
  const adapter = rng.normalMatrix(3, 2);
  const clip = rng.normals(2 * 9);
  const beside = new CoConv1d({ shape: [3, 2, 1], data: adapter.data }).forward(clip);
  const fused = new CoConv1d(fuseAtCentre(weight, adapter), { padding: 2 }).forward(clip);
  const alone = new CoConv1d(weight, { padding: 2 }).forward(clip);
  assertNear(fused, alone.map((y, i) => y + beside[i]), 1e-12);
});

Deno.test("continual: bad adapters are refused", () => {
  const rng = new Rng(0);
  const weight = rng.normalMatrix(4, 6);
  const layer = new SPLoRALinear(weight, { rank: 2, rng });
  assertThrows(() => new SPLoRALinear(weight, { rank: 5, rng }), RangeError, "`rank`");
  // The default rank is 16.
  assertThrows(() => new SPLoRALinear(weight, { rng }), RangeError, "got 16");
  assertThrows(() => layer.fuse({ outputs: [0, 0, 0, 0] }), RangeError, "all channels pruned");
  assertThrows(
    () => layer.learnedParameters({ inputs: [1, 0] }),
    RangeError,
    "`mask.inputs` must have length 6",
  );
  assertThrows(
    () => layer.compact({ outputs: [1, 2, 0, 1] }),
    RangeError,
    "`mask.outputs[1]` must be 0 or 1, got 2",
  );
  const even = { shape: [4, 6, 2], data: new Float64Array(48) };
  assertThrows(() => fuseAtCentre(even, weight), RangeError, "must be odd");
});
