import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import { gram } from "refigure/blas";
import { frobeniusNorm, haarOrthogonal } from "refigure/linalg";

Deno.test("Haar matrices are orthogonal", () => {
  for (const n of [0, 1, 2, 5, 40, 129]) {
    const q = haarOrthogonal(n, { rng: new Rng(n) });
    assertEquals([q.rows, q.columns], [n, n]);
    assertLess(frobeniusNorm(gram(q).minus(Matrix.identity(n))), 30 * 2 ** -52 * Math.max(1, n));
  }
});

Deno.test("equal seeds give equal matrices", () => {
  assertEquals(haarOrthogonal(6, { rng: new Rng(4) }), haarOrthogonal(6, { rng: new Rng(4) }));
});

Deno.test("half of the 1 x 1 matrices are -1", () => {
  const rng = new Rng(1);
  const n = 4000;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += haarOrthogonal(1, { rng }).data[0];
  assertLess(Math.abs(sum), 5 * Math.sqrt(n));
});

Deno.test("2 x 2: the angle of the first column is uniform, and half are reflections", () => {
  const rng = new Rng(2);
  const n = 20_000;
  const bins = new Float64Array(16);
  let determinants = 0;
  for (let k = 0; k < n; k++) {
    const [a, b, c, d] = haarOrthogonal(2, { rng }).data;
    bins[Math.floor((Math.atan2(c, a) / (2 * Math.PI) + 0.5) * 16) % 16]++;
    determinants += a * d - b * c;
  }
  const chiSquare = bins.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
  assertLess(chiSquare, 44.3); // 99.99 % quantile of chi-square with 15 degrees of freedom
  assertLess(Math.abs(determinants), 5 * Math.sqrt(n));
});

Deno.test("traces of powers have the moments of the Haar measure, which a plain QR has not", () => {
  // Diaconis & Shahshahani 1994: for q in O(n), n >= 2j: E tr q^j = 1 if j is even else 0, Var tr q^j = j.
  const size = 8;
  const count = 6000;
  const rng = new Rng(3);
  const moments = [1, 2, 3].map(() => ({ sum: 0, squares: 0 }));
  for (let k = 0; k < count; k++) {
    const q = haarOrthogonal(size, { rng });
    let power = Matrix.identity(size);
    for (const moment of moments) {
      power = Matrix.from(size, size, (i, j) => {
        let sum = 0;
        for (let p = 0; p < size; p++) sum += power.get(i, p) * q.get(p, j);
        return sum;
      });
      let trace = 0;
      for (let i = 0; i < size; i++) trace += power.get(i, i);
      moment.sum += trace;
      moment.squares += trace * trace;
    }
  }
  moments.forEach(({ sum, squares }, index) => {
    const j = index + 1;
    const mean = sum / count;
    const variance = squares / count - mean ** 2;
    assertLess(Math.abs(mean - (j % 2 === 0 ? 1 : 0)), 5 * Math.sqrt(j / count), `mean of tr q^${j}`);
    // The traces are nearly normal: the variance has a standard error of j sqrt(2 / count).
    assertLess(Math.abs(variance - j), 6 * j * Math.sqrt(2 / count), `variance of tr q^${j}`);
  });
});

Deno.test("every entry has mean 0 and mean square 1 / n", () => {
  const n = 5;
  const count = 4000;
  const rng = new Rng(5);
  const sums = new Float64Array(n * n);
  const squares = new Float64Array(n * n);
  for (let k = 0; k < count; k++) {
    haarOrthogonal(n, { rng }).data.forEach((x, at) => {
      sums[at] += x;
      squares[at] += x * x;
    });
  }
  // The fourth moment of an entry is 3 / (n (n + 2)).
  const spread = Math.sqrt(3 / (n * (n + 2)) - 1 / n ** 2);
  for (let at = 0; at < n * n; at++) {
    assertLess(Math.abs(sums[at] / count), 5 / Math.sqrt(n * count));
    assertLess(Math.abs(squares[at] / count - 1 / n), 5 * spread / Math.sqrt(count));
  }
});

Deno.test("bad sizes are named", () => {
  assertThrows(
    () => haarOrthogonal(-1, { rng: new Rng(0) }),
    RangeError,
    "`n` must be an integer of at least 0, got -1",
  );
  assertThrows(() => haarOrthogonal(2.5, { rng: new Rng(0) }), RangeError, "`n`");
});
