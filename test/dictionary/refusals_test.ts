/** Bad options and batches, units, and long atoms of the dictionary learners. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  absoluteMoment,
  bernoulliGaussian,
  completedPolarFactor,
  dictionaryError,
  lassoCoordinateDescent,
  lpGradient,
  noiseFloor,
  OnlineAlternatingDictionary,
  OnlineOrthogonalDictionary,
  populationL3,
  skewNoise,
} from "refigure/dictionary";

const rng = () => new Rng(0);
const batch = Matrix.fromRows([[1, 2], [0, -1]]);

Deno.test("unknown options and names are refused", () => {
  const cases: [string, () => unknown][] = [
    ["retract", () => new OnlineOrthogonalDictionary({ n: 2, rng: rng(), retracts: true } as never)],
    ["lambda", () => new OnlineAlternatingDictionary({ n: 2, lamda: 1, rng: rng() } as never)],
    ["theta", () => bernoulliGaussian({ n: 2, samples: 3, thetas: 1, rng: rng() } as never)],
    ["reference", () => completedPolarFactor(batch, { referenc: batch } as never)],
    ["tolerance", () => lassoCoordinateDescent(batch, Float64Array.of(1, 1), 1, { tolerances: 1 } as never)],
    ["gamma", () => noiseFloor({ n: 2, batch: 2, theta: 0.1, gama: 1 } as never)],
    [
      "keep",
      () => new OnlineOrthogonalDictionary({ n: 2, rng: rng() }).transform(batch, { kep: 1 } as never),
    ],
  ];
  for (const [name, run] of cases) {
    const { message } = assertThrows(run, TypeError, "has no option") as Error;
    assert(message.includes(`did you mean "${name}"`), message);
  }
  const learner = (options: object) => () =>
    new OnlineOrthogonalDictionary({ n: 2, rng: rng(), ...options } as never);
  assertThrows(
    learner({ schedule: "fast" }),
    TypeError,
    '`schedule` must be "noncvx", "convex" or "projected"',
  );
  assertThrows(learner({ schedule: 3 }), TypeError, "`schedule` must be");
  assertThrows(learner({ schedule: { rho: 1, gamma: 1 } }), TypeError, "`schedule.rho` must be a function");
  assertThrows(learner({ update: "gradient" }), TypeError, '`update` must be "frank-wolfe" or "projected"');
  assertThrows(learner({ clip: "no" }), TypeError, "`clip` must be true or false");
  assertThrows(learner({ retract: 1 }), TypeError, "`retract` must be true or false");
  assertThrows(learner({ rng: 3 }), TypeError, "`rng` must be an Rng, got 3");
  assertThrows(() => lpGradient(batch, batch, 4 as never), TypeError, "`options` must be an object");
});

Deno.test("bad numbers and classes are named as the caller wrote them", () => {
  const learner = new OnlineOrthogonalDictionary({ n: 2, rng: rng() });
  const broken = batch.map(() => NaN);
  learner.partialFit(batch);
  learner.partialFit(batch);
  const cases: [string, () => unknown][] = [
    ["Cannot learn from batch 3, `samples`: entry (0, 0) is NaN", () => learner.partialFit(broken)],
    ["Cannot code `samples`: entry (0, 0) is NaN", () => learner.transform(broken)],
    ["`codes` must have 2 rows, got 3", () => learner.inverseTransform(Matrix.zeros(3, 1))],
    ["Cannot evaluate `analysis`: entry (0, 0) is NaN", () => populationL3(broken, 0.3)],
    [
      "Cannot start at `init`: entry (0, 0) is NaN",
      () => new OnlineAlternatingDictionary({ n: 2, lambda: 1, init: broken }),
    ],
    [
      "`init` must have no zero atoms, but column 1 is zero",
      () => new OnlineAlternatingDictionary({ n: 2, lambda: 1, init: Matrix.diagonal([1, 0]) }),
    ],
  ];
  for (const [message, run] of cases) assertThrows(run, RangeError, message);
  // A refused batch does not count.
  assertEquals(learner.steps, 2);
  assertThrows(() => learner.partialFit(broken), RangeError, "batch 3");
  const alternating = new OnlineAlternatingDictionary({ n: 2, lambda: 0.1, rng: rng() });
  for (let i = 0; i < 2; i++) assertThrows(() => alternating.partialFit(broken), RangeError, "batch 1");
  const strange = { rho: () => 0.1, gamma: (t: number) => t < 1 ? 0.1 : -1 };
  const own = new OnlineOrthogonalDictionary({ n: 2, rng: rng(), schedule: strange });
  own.partialFit(batch);
  assertThrows(
    () => own.partialFit(batch),
    RangeError,
    "`schedule.gamma(1)` must be a finite number >= 0, got -1",
  );
  for (const run of [() => learner.partialFit(null as never), () => learner.transform([1] as never)]) {
    assertThrows(run, TypeError, "`samples` must be a Matrix");
  }
  assertThrows(() => dictionaryError(null as never, batch), TypeError, "`analysis` must be a Matrix");
  assert(Number.isNaN(dictionaryError(broken, batch)));
});

Deno.test("the lasso stops relative to the size of the code, and reports when it did not", () => {
  const dictionary = new Rng(1).normalMatrix(12, 12);
  const y = new Rng(2).normals(12);
  const { code, sweeps, status } = lassoCoordinateDescent(dictionary, y, 0.5, { maxSweeps: 100_000 });
  assertEquals(status, "converged");
  for (const unit of [1e-12, 1e12]) {
    const scaled = lassoCoordinateDescent(dictionary, y.map((x) => x * unit), 0.5 * unit, {
      maxSweeps: 100_000,
    });
    assertEquals([scaled.status, scaled.sweeps], ["converged", sweeps]);
    scaled.code.forEach((x, j) => assertAlmostEquals(x / unit, code[j], 1e-9));
  }
  const short = lassoCoordinateDescent(dictionary, y, 0.5, { maxSweeps: 1 });
  assertEquals([short.status, short.sweeps], ["step-limit", 1]);
  assert(short.advice!.includes("raise `maxSweeps`"));
});

Deno.test("noise of high powers does not overflow on the way", () => {
  // The ratio of moments by its recurrence in p: m_q = (q - 1) m_{q-2}.
  const ratio = (p: number) => 2 * skewNoise(p) + 1;
  for (const p of [40, 110, 300]) {
    const step = (2 * p + 1) * (2 * p - 1) / (p + 1) ** 2;
    assertAlmostEquals(ratio(p + 2) / ratio(p) / step, 1, 1e-9);
  }
  assert(absoluteMoment(400) === Infinity && Number.isFinite(skewNoise(400)));
});

Deno.test("atoms of length 150,000 do not overflow the stack", () => {
  const y = new Float64Array(150_000).fill(0.5);
  const atom = Matrix.from(150_000, 1, () => 1);
  const { code } = lassoCoordinateDescent(atom, y, 0);
  assertAlmostEquals(code[0], 0.5, 1e-12);
});
