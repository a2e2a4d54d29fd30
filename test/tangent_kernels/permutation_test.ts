/**
 * The law of trained permutation networks: closed forms against the oracle, explicit solves and trained
 * networks.
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, Rng } from "refigure/arrays";
import {
  bitInputs,
  ensembleSuccess,
  PermutationEnsemble,
  permutationMeans,
  permutationOutputLaw,
  permutationProcess,
  requiredModels,
  sampleInfiniteWidth,
  tailBound,
  twoLayerKernels,
} from "refigure/tangent_kernels";

const NTK = 1;
const NNGP = 0;

Deno.test("two-layer kernels have the oracle's values", () => {
  const ntk = (rho: number) => twoLayerKernels(rho).nngp + twoLayerKernels(rho).slope;
  assertAlmostEquals(twoLayerKernels(0).nngp, 0.1591549430919, 1e-13);
  assertAlmostEquals(twoLayerKernels(0.5).nngp, 0.30449889052211, 1e-14);
  assertAlmostEquals(twoLayerKernels(Math.SQRT1_2).nngp, 0.37770458246459, 1e-14);
  assertAlmostEquals(ntk(0.5), 0.47116555718878, 1e-14);
  assertAlmostEquals(ntk(Math.SQRT1_2), 0.64286962540955, 1e-14);
  assertAlmostEquals(ntk(-0.5), -0.028834442811219, 1e-14);
  assertAlmostEquals(twoLayerKernels(-1).nngp, 0, 1e-15);
  assertAlmostEquals(ntk(-1), 0, 1e-15);
  const excess = (f: number, d: number) => 2 * (f - 1 / (2 * Math.PI)) - (d - 1 / (2 * Math.PI));
  assertAlmostEquals(excess(ntk(Math.SQRT1_2), 1), 0.1265843077, 1e-10);
  assertAlmostEquals(excess(twoLayerKernels(Math.SQRT1_2).nngp, 0.5), 0.09625422184, 1e-11);
});

Deno.test("means and variances have the oracle's values", () => {
  const table: [number, number, number, number, number, number][] = [
    [NTK, 2, 2, 0.554601979003, -0.0206700979913, 0.0337936711095],
    [NTK, 5, 2, 0.560632240261, -0.0146398367326, 0.0132346845557],
    [NTK, 10, 2, 0.565421764316, -0.00985031267777, 0.00651873114464],
    [NTK, 10, 5, 0.283730186602, -0.040712184066, 0.0125048455629],
    [NTK, 10, 10, 0.140391875095, -0.0764536406469, 0.0189476233256],
    [NTK, 30, 2, 0.571005337677, -0.00426673931725, 0.00213969040675],
    [NTK, 30, 15, 0.127589501629, -0.0450541919626, 0.00586575372651],
    [NNGP, 5, 2, 0.60165655383, -0.0395428267774, 0.0128766868266],
    [NNGP, 10, 2, 0.617940589997, -0.0232587906111, 0.00628160269036],
    [NNGP, 10, 5, 0.303252524372, -0.0722895643732, 0.0122121376642],
    [NNGP, 30, 2, 0.632413295728, -0.00878608487946, 0.00204743226252],
  ];
  for (const [firstLayerRate, k, ones, one, zero, variance] of table) {
    const law = permutationOutputLaw({ k, ones, firstLayerRate });
    assertAlmostEquals(law.meanOne, one, 1e-12);
    assertAlmostEquals(law.meanZero, zero, 1e-13);
    assertAlmostEquals(law.variance, variance, 1e-13);
  }
  assertEquals(permutationOutputLaw({ k: 7, ones: 1 }), { meanOne: 1, meanZero: 0, variance: 0 });
});

Deno.test("k |mean of the zero bits| tends to (2 q - D) / D", () => {
  assertAlmostEquals(-1e9 * permutationOutputLaw({ k: 1e9, ones: 2 }).meanZero, 0.150544154, 1e-7);
  assertAlmostEquals(
    -1e9 * permutationOutputLaw({ k: 1e9, ones: 2, firstLayerRate: 0 }).meanZero,
    0.2823987612,
    1e-7,
  );
});

Deno.test("closed forms equal kernel solves to 1e-12 for k up to 60 and every weight (criterion 2)", () => {
  for (const rate of [NTK, NNGP, 0.3]) {
    for (const k of [2, 3, 5, 10, 23, 60]) {
      // One input of every weight: the first n bits.
      const bits = Matrix.from(k, k, (n, j) => j <= n ? 1 : 0);
      const { mean, covariance } = permutationProcess(bits, { firstLayerRate: rate });
      for (let n = 1; n <= k; n++) {
        const law = permutationOutputLaw({ k, ones: n, firstLayerRate: rate });
        assertAlmostEquals(mean.get(n - 1, 0), law.meanOne, 1e-12);
        if (n < k) assertAlmostEquals(mean.get(n - 1, k - 1), law.meanZero, 1e-12);
        assertAlmostEquals(covariance.get(n - 1, n - 1), law.variance, 1e-12);
      }
    }
  }
});

Deno.test("signs are right for every k and weight, whatever the first layer's rate", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300 }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.nat(),
      (k, firstLayerRate, n) => {
        const ones = 2 + n % (k - 1);
        const law = permutationOutputLaw({ k, ones, firstLayerRate });
        assert(law.meanOne > 0 && law.meanZero < 0 && law.variance > 0);
      },
    ),
  );
});

Deno.test("the infinite-width mean decodes every input of up to 9 bits (criterion 1)", () => {
  for (const rate of [NTK, NNGP]) {
    const k = 9;
    const bits = Matrix.from(2 ** k - 1, k, (i, j) => (i + 1) >> j & 1);
    assertEquals(
      permutationMeans(bits, { firstLayerRate: rate }).map((value) => value > 1e-10 ? 1 : 0),
      bits,
    );
  }
});

Deno.test("required ensemble sizes have the oracle's values (criteria 5, 8, 9)", () => {
  const size = (k: number, firstLayerRate: number, ones = 2) =>
    requiredModels({ k, ones, delta: 0.1, firstLayerRate });
  assertEquals([10, 20, 50, 100, 200, 500].map((k) => size(k, NTK)), [333, 579, 1400, 2937, 6339, 17803]);
  assertEquals([10, 20, 50, 100, 200, 500].map((k) => size(k, NNGP)), [58, 121, 339, 750, 1667, 4765]);
  assertEquals([2, 3, 5, 10, 15, 20].map((n) => size(20, NTK, n)), [579, 164, 58, 20, 11, 16]);
  assertEquals(Array.from({ length: 27 }, (_, i) => size(i + 4, NNGP)), [
    21,
    28,
    34,
    40,
    46,
    52,
    58,
    64,
    70,
    76,
    83,
    89,
    95,
    102,
    108,
    115,
    121,
    128,
    135,
    141,
    148,
    155,
    162,
    169,
    176,
    183,
    190,
  ]);
  const all = (k: number, firstLayerRate: number) =>
    requiredModels({ k, delta: 0.1, firstLayerRate, scope: "all" });
  assertEquals([5, 10, 20, 40, 80].map((k) => all(k, NTK)), [455, 801, 1469, 2936, 6227]);
  assertEquals([5, 10, 20, 40, 80].map((k) => all(k, NNGP)), [61, 139, 307, 691, 1568]);
});

Deno.test("success grows with the ensemble; required sizes are where it crosses", () => {
  const needed = requiredModels({ k: 20, delta: 0.1 });
  assert(ensembleSuccess({ k: 20, ones: 2, models: needed }) >= 0.9);
  assert(ensembleSuccess({ k: 20, ones: 2, models: needed - 1 }) < 0.9);
  assertEquals(ensembleSuccess({ k: 20, ones: 1, models: 1 }), 1);
  [0.089, 0.380, 0.821, 0.989].forEach((p, i) => {
    assertAlmostEquals(
      ensembleSuccess({ k: 20, ones: 2, models: [25, 50, 100, 200][i], firstLayerRate: 0 }),
      p,
      5e-4,
    );
  });
});

Deno.test("the bound of Figure 1 has the oracle's values (criterion 7)", () => {
  const bound = (k: number) => tailBound({ k, ones: 2, delta: 0.1, inputs: 1000 });
  [[2, 6705], [5, 5687], [10, 6560], [20, 9383], [30, 12510]].forEach(([k, value]) =>
    assertAlmostEquals(bound(k) / value, 1, 1e-3)
  );
});

Deno.test("test error of the average: the oracle's values at k = 10", () => {
  const { meanOne, meanZero, variance } = permutationOutputLaw({ k: 10, ones: 2, firstLayerRate: 0 });
  const mse = (models: number) =>
    (2 * (meanOne - Math.SQRT1_2) ** 2 + 8 * meanZero ** 2) / 10 + variance / models;
  assertAlmostEquals(mse(1), 0.0083045, 5e-8);
  assertAlmostEquals(mse(129), 0.0020716, 5e-8);
});

Deno.test("drawn networks have the law's mean and variance", () => {
  const bits = bitInputs(6, 2);
  const law = permutationOutputLaw({ k: 6, ones: 2 });
  let squares = 0;
  let sum = 0;
  let count = 0;
  for (const { outputs } of sampleInfiniteWidth({ bits, models: 1500, rng: new Rng(1) })) {
    outputs.data.forEach((value, e) => {
      const centred = value - (bits.data[e] === 1 ? law.meanOne : law.meanZero);
      sum += centred;
      squares += centred * centred;
      count++;
    });
  }
  assertAlmostEquals(sum / count / Math.sqrt(law.variance), 0, 0.03);
  assertAlmostEquals(squares / count / law.variance, 1, 0.03);
});

Deno.test("trained networks fit, follow the law, and permute in the right direction", () => {
  const permutation = [2, 0, 4, 1, 3];
  const bits = bitInputs(5, 2);
  for (const firstLayerRate of [NTK, NNGP]) {
    const ensemble = new PermutationEnsemble({ permutation, width: 400, firstLayerRate, rng: new Rng(2) });
    ensemble.addModels(60);
    assertEquals(ensemble.models, 60);
    assert(ensemble.trainingError < 2e-3, `training error ${ensemble.trainingError}`);
    const mean = ensemble.mean(bits);
    const law = permutationOutputLaw({ k: 5, ones: 2, firstLayerRate });
    let one = 0;
    let zero = 0;
    for (let t = 0; t < bits.rows; t++) {
      for (let j = 0; j < 5; j++) {
        if (bits.get(t, permutation[j]) === 1) one += mean.get(t, j) / (2 * bits.rows);
        else zero += mean.get(t, j) / (3 * bits.rows);
      }
    }
    assertAlmostEquals(one, law.meanOne, 0.03);
    assertAlmostEquals(zero, law.meanZero, 0.02);
  }
});

Deno.test("renaming the output bits renames the outputs", () => {
  const bits = bitInputs(4, 2);
  const outputs = (permutation: number[]) => {
    const ensemble = new PermutationEnsemble({ permutation, width: 2000, rng: new Rng(5) });
    ensemble.addModels(40);
    return ensemble.mean(bits);
  };
  const plain = outputs([0, 1, 2, 3]);
  const turned = outputs([1, 2, 3, 0]);
  for (let t = 0; t < bits.rows; t++) {
    for (let j = 0; j < 4; j++) assertAlmostEquals(turned.get(t, j), plain.get(t, (j + 1) % 4), 0.12);
  }
});

Deno.test("bad input is named", () => {
  const rng = new Rng(0);
  const ensemble = new PermutationEnsemble({ permutation: [1, 0], width: 5, rng });
  assertThrows(() => ensemble.mean(bitInputs(2, 1)), RangeError, "no models");
  ensemble.addModels(1);
  assertThrows(
    () => ensemble.mean(Matrix.zeros(1, 2)),
    RangeError,
    "input must have at least one nonzero bit",
  );
  assertThrows(() => ensemble.mean(Matrix.fromRows([[1, 0.5]])), RangeError, "expected 0/1 entries");
  assertThrows(() => ensemble.mean(bitInputs(3, 1)), RangeError, "`bits` must be 3 x 2, got 3 x 3");
  assertThrows(() => permutationProcess(Matrix.zeros(1, 2)), RangeError, "at least one nonzero bit");
  assertThrows(
    () => new PermutationEnsemble({ permutation: [0, 0], width: 5, rng }),
    RangeError,
    "must not repeat an entry, got 0 twice",
  );
  assertThrows(
    () => new PermutationEnsemble({ permutation: [0, 2], width: 5, rng }),
    RangeError,
    "`permutation[1]`",
  );
  assertThrows(
    () => permutationOutputLaw({ k: 3, ones: 4 }),
    RangeError,
    "`ones` must be an integer from 1 to 3, got 4",
  );
  assertThrows(() => ensembleSuccess({ k: 3, ones: 2, models: 0 }), RangeError, "`models`");
  assertThrows(() => requiredModels({ k: 3, delta: 1 }), RangeError, "`delta`");
  assertThrows(() => tailBound({ k: 3, ones: 2, delta: 0, inputs: 1 }), RangeError, "`delta`");
});
