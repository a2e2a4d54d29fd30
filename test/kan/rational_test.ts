/** Group rationals: reference values, gradients by PyTorch, and what must hold for any coefficients. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import {
  fitRational,
  fixedActivation,
  fixedActivationSlope,
  PADE_FORMS,
  type PadeForm,
  presetForms,
  presetTarget,
  RATIONAL_PRESETS,
  rationalBackward,
  type RationalCoefficients,
  rationalError,
  rationalForward,
  type RationalPreset,
  rationalPreset,
  rationalValue,
} from "../../lib/kan/mod.ts";
import { FIXED_ACTIVATIONS } from "../../lib/kan/activation.ts";
import { warningsOf } from "../optimizers/warnings_of.ts";

interface Fixture {
  form: PadeForm;
  rows: number;
  channels: number;
  groups: number;
  [field: string]: number | number[] | string;
}

const { rationals } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/kan/kan.json", import.meta.url)),
) as { rationals: Fixture[] };

const numbers = (values: ArrayLike<number>) => Float64Array.from(values);

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assertEquals(actual.length, expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < actual.length; i++) assertAlmostEquals(actual[i], expected[i], tolerance * scale);
}

/** Random coefficients. */
function drawn(rng: Rng, groups: number, form: PadeForm): RationalCoefficients {
  return { numerator: rng.normals(6), denominator: rng.normals(4 * groups), groups, form };
}

const X = [-2, -1, -0.5, 0.5, 1, 2, 3];

Deno.test("rational: reference values of the published coefficients", () => {
  const values = (name: RationalPreset, form: PadeForm) => {
    let out: number[] = [];
    warningsOf(() => {
      const coefficients = rationalPreset(name, { form });
      out = X.map((x) => rationalValue(x, coefficients));
    });
    return out;
  };
  assertClose(values("swish", "abs-of-sum"), [
    -0.238406045147868,
    -0.268941585882528,
    -0.188770530794861,
    0.311230938071968,
    0.731065449227768,
    1.76163911312429,
    2.85785413819257,
  ], 1e-14);
  assertClose(values("swish", "sum-of-abs"), [
    -0.238406045147868,
    -0.268941585882528,
    -0.188770530794861,
    0.311229595495756,
    0.731058343107166,
    1.76159399574503,
    2.85772119324516,
  ], 1e-14);
  assertClose(values("gelu", "abs-of-sum"), [
    -0.0446198702954367,
    -0.158721553027899,
    -0.153066717416111,
    0.346762186856371,
    0.840582954337181,
    1.95550320013524,
    2.99890465432871,
  ], 1e-14);
  assertAlmostEquals(values("gelu", "sum-of-abs")[6], 1.53105190462139, 1e-14);
  const far = [4, 5, 10, -5, -10].map((x) => rationalValue(x, rationalPreset("swish")));
  assertClose(far, [3.92812, 4.96516, 9.84125, -0.0352942, -0.160625], 1e-6);
  // Far out it is a line through the origin, at both ends.
  const { numerator, denominator } = rationalPreset("swish");
  for (const x of [-1e9, 1e9]) {
    assertAlmostEquals(rationalValue(x, rationalPreset("swish")) / x, numerator[5] / denominator[3], 1e-7);
  }
});

Deno.test("rational: value and all gradients at two points, by 30-digit arithmetic", () => {
  const c: RationalCoefficients = {
    numerator: numbers([0.1, -0.4, 0.9, -0.2, 0.05, 0.01]),
    denominator: numbers([0.9, -0.7, 0.25, -0.1]),
    groups: 1,
    form: "abs-of-sum",
  };
  const cases = [
    {
      x: -1.5,
      value: 0.67813981042654,
      slope: -0.147413439725074,
      a: [0.189573459716, -0.284360189573, 0.42654028436, -0.63981042654, 0.95971563981, -1.43957345972],
      b: [-0.19283596505, 0.289253947575, -0.433880921363, 0.650821382044],
    },
    {
      x: 0.7,
      value: 0.152798686181177,
      slope: 0.462386640469601,
      a: [0.741432744636, 0.519002921245, 0.363302044872, 0.25431143141, 0.178018001987, 0.124612601391],
      b: [-0.0793029644904, -0.0555120751433, -0.0388584526003, -0.0272009168202],
    },
  ];
  for (const { x, value, slope, a, b } of cases) {
    assertAlmostEquals(rationalValue(x, c), value, 1e-14);
    const found = rationalBackward(numbers([x]), 1, 1, c, numbers([1]));
    assertAlmostEquals(found.dx[0], slope, 1e-14);
    assertClose(found.dNumerator, a, 1e-11);
    assertClose(found.dDenominator, b, 1e-11);
  }
});

Deno.test("rational: values and gradients as PyTorch has them, both forms, several groups", () => {
  for (const { form, rows, channels, groups, ...lists } of rationals) {
    const of = (name: string) => numbers(lists[name] as number[]);
    const c = { numerator: of("a"), denominator: of("b"), groups, form };
    assertClose(rationalForward(of("x"), rows, channels, c), of("y"), 1e-13);
    const { dx, dNumerator, dDenominator } = rationalBackward(of("x"), rows, channels, c, of("dy"));
    assertClose(dx, of("dx"), 1e-12);
    assertClose(dNumerator, of("da"), 1e-12);
    assertClose(dDenominator, of("db"), 1e-12);
    const single = rationalForward(Float32Array.from(of("x")), rows, channels, c);
    assert(single instanceof Float32Array);
    assertClose(single, of("y"), 1e-5);
  }
});

Deno.test("kolmogorov-arnold-transformer, criterion 6: gradients against differences, away from S = 0", () => {
  const rng = new Rng(3);
  const h = 1e-5;
  for (const form of PADE_FORMS) {
    for (let round = 0; round < 20; round++) {
      const c = drawn(rng.split(`${form} ${round}`), 2, form);
      // Four channels in two groups, one row.
      const x = rng.normals(4).map((z) => Math.abs(z) < 0.05 ? 0.3 : z);
      const dy = rng.normals(4);
      const near = x.some((t, i) => {
        const [b1, b2, b3, b4] = c.denominator.subarray(4 * Math.floor(i / 2));
        return Math.abs(t * (b1 + t * (b2 + t * (b3 + t * b4)))) < 0.01;
      });
      if (near) continue;
      const loss = (x: Float64Array, c: RationalCoefficients) =>
        rationalForward(x, 1, 4, c).reduce((sum, y, i) => sum + y * dy[i], 0);
      const slopes = (values: Float64Array, at: (moved: Float64Array) => number) =>
        values.map((value, i) => {
          const moved = (step: number) => at(values.with(i, value + step));
          // Two steps, whose errors of second order cancel.
          const wide = (moved(2 * h) - moved(-2 * h)) / (4 * h);
          const narrow = (moved(h) - moved(-h)) / (2 * h);
          return (4 * narrow - wide) / 3;
        });
      const { dx, dNumerator, dDenominator } = rationalBackward(x, 1, 4, c, dy);
      assertClose(dx, slopes(x, (moved) => loss(moved, c)), 1e-7);
      assertClose(dNumerator, slopes(c.numerator, (numerator) => loss(x, { ...c, numerator })), 1e-7);
      assertClose(dDenominator, slopes(c.denominator, (denominator) => loss(x, { ...c, denominator })), 1e-7);
    }
  }
});

Deno.test("rational: the identity is exact, for every number and both forms", () => {
  const x = numbers([0, -0, 1e-300, -3.7, 1e59, 0.1, 2 ** 100, -1e30]);
  for (const form of PADE_FORMS) {
    assertEquals(
      rationalForward(x, 1, 8, rationalPreset("identity", { groups: 4, form })),
      x.map((t) => t + 0),
    );
  }
});

Deno.test("rational: the denominators of the start identity have gradients", () => {
  for (const form of PADE_FORMS) {
    const c = rationalPreset("identity", { groups: 1, form });
    const { dDenominator } = rationalBackward(numbers([2, -1]), 2, 1, c, numbers([1, 1]));
    // -sign(b_j) |x|^j F, or -x^j F with the sign of S taken for 1.
    const odd = form === "abs-of-sum" ? 1 : -1;
    assertEquals([...dDenominator], [-4 - odd, -8 + 1, -16 - odd, -32 + 1]);
  }
});

Deno.test("rational: one group is one function, and groups are runs of neighbouring channels", () => {
  const rng = new Rng(5);
  for (const form of PADE_FORMS) {
    const c = drawn(rng, 3, form);
    const [rows, channels] = [4, 12];
    const x = rng.normals(rows * channels);
    const y = rationalForward(x, rows, channels, c);
    y.forEach((value, i) => {
      const group = Math.floor((i % channels) * c.groups / channels);
      assertEquals(value, rationalValue(x[i], c, group));
    });
    const one = { ...c, groups: 1, denominator: c.denominator.slice(0, 4) };
    assertEquals(rationalForward(x, rows, channels, one), x.map((t) => rationalValue(t, one)));
    // Permuted within groups the outputs are permuted alike; across groups they are other numbers.
    const permuted = (order: number[]) => x.map((_, i) => x[i - i % channels + order[i % channels]]);
    const alike = (order: number[]) => {
      const z = rationalForward(permuted(order), rows, channels, c);
      return z.every((value, i) => value === y[i - i % channels + order[i % channels]]);
    };
    assert(alike([3, 2, 1, 0, 5, 4, 6, 7, 9, 8, 11, 10]));
    assert(!alike([4, 1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11]));
  }
});

Deno.test("rational: the denominator is never below 1, whatever the coefficients", () => {
  const rng = new Rng(6);
  const x = Float64Array.from({ length: 400 }, (_, i) => (i - 200) ** 3 / 1e4);
  for (const form of PADE_FORMS) {
    for (let round = 0; round < 50; round++) {
      const { denominator } = drawn(rng, 1, form);
      // With the numerator 1 the values are 1 / Q.
      const one = { numerator: numbers([1, 0, 0, 0, 0, 0]), denominator, groups: 1, form };
      assert(rationalForward(x, 1, 400, { ...one, groups: 1 }).every((value) => value > 0 && value <= 1));
    }
  }
});

Deno.test("rational: NaN stays NaN, and its sums are NaN", () => {
  for (const form of PADE_FORMS) {
    const c = rationalPreset("swish", { groups: 2, form });
    const x = Float32Array.of(1, 2, NaN, 4);
    const y = rationalForward(x, 1, 4, c);
    assertEquals(Array.from(y, Number.isNaN), [false, false, true, false]);
    const { dx, dNumerator, dDenominator } = rationalBackward(x, 1, 4, c, Float32Array.of(1, 1, 1, 1));
    assertEquals(Array.from(dx, Number.isNaN), [false, false, true, false]);
    assert(dNumerator.every(Number.isNaN));
    // The first group has seen no NaN.
    assertEquals(Array.from(dDenominator, Number.isNaN), [...Array(4).fill(false), ...Array(4).fill(true)]);
  }
});

Deno.test("rational: sums over a million entries are those of double precision", () => {
  const n = 1 << 20;
  const x = new Float32Array(n).fill(0.1);
  const dy = new Float32Array(n).fill(1);
  const { dNumerator } = rationalBackward(x, n, 1, rationalPreset("identity", { groups: 1 }), dy);
  assertAlmostEquals(dNumerator[0] / n, 1, 1e-12);
  assertAlmostEquals(dNumerator[1] / (n * x[0]), 1, 1e-9);
});

Deno.test("presets: a table in a form for which it was not fitted is reported once", () => {
  // A name that no other test of this file uses in that form.
  const ask = () => rationalPreset("geglu", { form: "sum-of-abs" });
  assertEquals(warningsOf(ask).length, 1);
  assertEquals(warningsOf(ask), []);
  assertEquals(warningsOf(() => rationalPreset("swish", { form: "sum-of-abs" })), []);
  for (const name of RATIONAL_PRESETS) assert(presetForms(name).length >= 1);
});

Deno.test("fit: at least as good as the published tables where they apply, ReLU excepted", () => {
  for (const name of RATIONAL_PRESETS.filter((name) => name !== "relu")) {
    for (const form of presetForms(name)) {
      const published = rationalError(presetTarget(name), rationalPreset(name, { form })).mse;
      const { mse, coefficients } = fitRational(presetTarget(name), { form });
      assert(mse <= published * 1.0001 + 1e-30, `${name}, ${form}: ${mse} against ${published}`);
      assertEquals(mse, rationalError(presetTarget(name), coefficients).mse);
    }
  }
  assert(fitRational(presetTarget("relu"), { form: "sum-of-abs" }).mse < 1e-4);
});

Deno.test("fit: a rational function is found again", () => {
  const c = { ...rationalPreset("tanh", { groups: 1, form: "sum-of-abs" }) };
  const { maxError } = fitRational((x) => rationalValue(x, c), { form: "sum-of-abs", points: 300 });
  assert(maxError < 1e-6, `${maxError}`);
  // On another interval.
  const { maxError: far } = fitRational(Math.sqrt, { interval: [1, 100], points: 200 });
  assert(far < 0.02, `${far}`);
});

Deno.test("activations: slopes by differences", () => {
  for (const name of FIXED_ACTIVATIONS) {
    const f = fixedActivation(name);
    for (const x of [-2.3, -0.4, 0.7, 1.9]) {
      const slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
      assertAlmostEquals(fixedActivationSlope(name)(x), slope, 1e-9, name);
    }
    assert(Number.isNaN(f(NaN)) && Number.isNaN(fixedActivationSlope(name)(NaN)), name);
  }
});

Deno.test("rational: what does not fit is refused by name", () => {
  const c = rationalPreset("swish", { groups: 4 });
  const x = new Float32Array(12);
  assertThrows(
    () => rationalForward(x, 2, 6, c),
    RangeError,
    "`channels` must be a multiple of the number of groups 4, got 6",
  );
  assertThrows(() => rationalForward(x, 3, 8, c), RangeError, "`x` must have length 24, got 12");
  assertThrows(
    () => rationalForward(x, 3, 4, { ...c, numerator: numbers([1, 2]) }),
    RangeError,
    "`coefficients.numerator` must have length 6, got 2",
  );
  assertThrows(
    () => rationalForward(x, 3, 4, { ...c, denominator: c.denominator.slice(1) }),
    RangeError,
    "`coefficients.denominator` must have length 16, got 15",
  );
  assertThrows(
    () => rationalForward(x, 3, 4, { ...c, denominator: c.denominator.with(3, NaN) }),
    RangeError,
    "`coefficients.denominator` must be finite: entry 3 is NaN",
  );
  assertThrows(() => rationalForward([1] as never, 1, 1, c), TypeError, "`x` must be a Float32Array");
  assertThrows(
    () => rationalBackward(x, 3, 4, c, new Float64Array(12) as never),
    TypeError,
    "`dy` must be",
  );
  assertThrows(
    () => rationalPreset("mish" as never),
    TypeError,
    '`name` must be "identity", "swish", "gelu", "gelu_old", "tanh", "sigmoid", "relu", "geglu" or "swishglu"',
  );
  assertThrows(() => rationalPreset("gelu", { form: "none" as never }), TypeError, '"abs-of-sum" or');
  assertThrows(() => rationalPreset("gelu", { groups: 0 }), RangeError, "`groups`");
  assertThrows(() => rationalValue(1, c, 4), RangeError, "`group`");
  assertThrows(() => fitRational((x) => 1 / x, { points: 11 }), RangeError, "`f` must be finite");
  assertThrows(() => fitRational(Math.tanh, { interval: [3, -3] }), RangeError, "`interval`");
  assertThrows(() => fitRational(Math.tanh, { points: 9 }), RangeError, "`points`");
});
