import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { PoincareMlp } from "../../lib/training/mod.ts";

Deno.test("poincare mlp: the gradients of all parameters are slopes of the loss", () => {
  for (const norm of ["none", "midpoint", "frechet"] as const) {
    const net = new PoincareMlp({ widths: [4, 3, 3, 2], init: "orthogonal", c: 0.5, norm, rng: new Rng(3) });
    const x = new Rng(1).normalMatrix(9, 4).map((value) => 0.4 * value + 0.3);
    const labels = Int32Array.from({ length: 9 }, (_, i) => i % 2);
    // Offsets off zero, so that no rectifier is at its kink.
    net.parameters.forEach(({ name, value }, i) => {
      if (name.endsWith("offsets") || name.endsWith("mean")) {
        value.data.set(new Rng(i).normals(value.columns, 0.1));
      }
    });
    const { loss, gradients } = net.gradients(x, labels);
    assertEquals(gradients.length, net.parameters.length);
    assertAlmostEquals(loss, net.loss(x, labels), 1e-14);
    net.parameters.forEach(({ name, value }, i) => {
      for (let k = 0; k < value.data.length; k++) {
        const kept = value.data[k];
        const h = 1e-5;
        value.data[k] = kept + h;
        const above = net.loss(x, labels);
        value.data[k] = kept - h;
        const slope = (above - net.loss(x, labels)) / (2 * h);
        value.data[k] = kept;
        assertAlmostEquals(gradients[i].data[k], slope, 1e-7, `${norm}: ${name}[${k}]`);
      }
    });
  }
});

Deno.test("poincare mlp: a square network starts as the rectifier of its input", () => {
  const net = new PoincareMlp({ widths: [5, 5, 5, 5], rng: new Rng(0) });
  const x = new Rng(2).normalMatrix(6, 5);
  const features = net.features(x);
  assertEquals(features.length, 3);
  features.forEach((u) =>
    u.data.forEach((value, k) => assertAlmostEquals(value, Math.max(0, x.data[k]), 1e-13))
  );
  // The class of the largest entry is right, any other one wrong.
  const positive = x.map(Math.abs);
  const largest = Int32Array.from(
    { length: 6 },
    (_, i) => positive.row(i).indexOf(Math.max(...positive.row(i))),
  );
  assertEquals(net.errorRate(positive, largest), 0);
  assertEquals(net.errorRate(positive, largest.map((label) => (label + 1) % 5)), 1);
});

Deno.test("poincare mlp: bad arguments are refused by name", () => {
  const rng = new Rng(0);
  const net = new PoincareMlp({ widths: [3, 2], rng });
  assertThrows(() => new PoincareMlp({ widths: [3], rng }), RangeError, "`widths.length`");
  assertThrows(() => new PoincareMlp({ widths: [3, 2], c: 0, rng }), RangeError, "`c`");
  assertThrows(() => new PoincareMlp({ widths: [3, 2], init: "he" as never, rng }), TypeError, "`init`");
  assertThrows(
    () => net.loss(Matrix.zeros(2, 2), Int32Array.of(0, 1)),
    RangeError,
    "`x` must have 3 columns",
  );
  assertThrows(() => net.loss(Matrix.zeros(2, 3), Int32Array.of(0, 2)), RangeError, "`labels[1]`");
  assertThrows(
    () => net.errorRate(Matrix.zeros(2, 3), Int32Array.of(0)),
    RangeError,
    "`labels` must have length 2",
  );
});
