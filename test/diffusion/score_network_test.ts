import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { fitScoreNetwork, gaussianScore, ScoreNetwork, VpSde } from "../../lib/diffusion/mod.ts";

interface Case {
  conservative: boolean;
  parameters: number[];
  x0: number[][];
  t: number[];
  noise: number[][];
  loss: number;
  gradient: number[];
  point: number[];
  at: number;
  score: number[];
  jacobian: number[];
}

const cases = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/diffusion/score_network.json", import.meta.url)),
) as Case[];
const sde = new VpSde();

for (const { conservative, ...wanted } of cases) {
  Deno.test(`score network, conservative ${conservative}: loss, gradient, score and Jacobian are PyTorch's`, () => {
    const network = new ScoreNetwork({ dim: 2, sde, conservative, width: 6, layers: 2, rng: new Rng(0) });
    assertEquals(network.net.parameters.length, wanted.parameters.length);
    network.net.parameters.set(wanted.parameters);
    const { loss, gradient } = network.denoisingLoss(
      Matrix.fromRows(wanted.x0),
      wanted.t,
      Matrix.fromRows(wanted.noise),
    );
    assertAlmostEquals(loss, wanted.loss, 2e-6 * wanted.loss);
    const largest = Math.max(...wanted.gradient.map(Math.abs));
    gradient.forEach((value, k) => assertAlmostEquals(value, wanted.gradient[k], 3e-6 * largest));
    const point = Float64Array.from(wanted.point);
    const { score, jacobian } = network.field().scoreAndJacobian(point, wanted.at);
    score.forEach((value, k) => assertAlmostEquals(value, wanted.score[k], 1e-5));
    jacobian.forEach((value, k) => assertAlmostEquals(value, wanted.jacobian[k], 1e-5));
    network.field().score(point, wanted.at).forEach((value, k) => {
      assertAlmostEquals(value, wanted.score[k], 1e-5);
    });
  });
}

Deno.test("score networks learn the score of a normal law, conservative or not", () => {
  const exact = gaussianScore(Matrix.diagonal([0.25, 0.25]), sde);
  const sample = (n: number, rng: Rng) => rng.normalMatrix(n, 2, 0.5);
  for (const conservative of [false, true]) {
    const network = new ScoreNetwork({ dim: 2, sde, conservative, width: 24, layers: 2, rng: new Rng(1) });
    const steps: number[] = [];
    const losses = fitScoreNetwork(network, sample, {
      rng: new Rng(2),
      steps: 400,
      learningRate: 5e-3,
      onStep: (step) => steps.push(step),
    });
    assertEquals(steps.length, 400);
    assertEquals(losses.length, 400);
    const x = new Rng(3).normals(40, 0.6);
    const [found, wanted] = [network.field().score(x, 0.15), exact.score(x, 0.15)];
    let error = 0;
    let size = 0;
    for (let k = 0; k < 40; k++) {
      error += (found[k] - wanted[k]) ** 2;
      size += wanted[k] ** 2;
    }
    assert(error < 0.02 * size, `conservative ${conservative}: ${error / size}`);
  }
});

Deno.test("score networks: the same stream gives the same network", () => {
  const trained = () => {
    const network = new ScoreNetwork({ dim: 2, sde, width: 8, rng: new Rng(1) });
    fitScoreNetwork(network, (n, rng) => rng.normalMatrix(n, 2), { rng: new Rng(2), steps: 5 });
    return network.net.parameters;
  };
  assertEquals(trained(), trained());
});

Deno.test("score networks: what is refused", () => {
  const network = new ScoreNetwork({ dim: 2, sde, width: 8, rng: new Rng(1) });
  const x = Matrix.zeros(3, 2);
  assertThrows(() => network.denoisingLoss(x, [0.1, 0.2], x), RangeError, "`t` must have length 3");
  assertThrows(() => network.denoisingLoss(x, [0.1, 0.2, 0], x), RangeError, "`t[2]` must be");
  assertThrows(() => network.denoisingLoss(x, [0.1, 0.2, 0.3], Matrix.zeros(2, 2)), RangeError, "`noise`");
  assertThrows(() => new ScoreNetwork({ dim: 0, sde, rng: new Rng(0) }), RangeError, "`dim` must be");
  const wrong = (n: number, rng: Rng) => rng.normalMatrix(n, 3);
  assertThrows(() => fitScoreNetwork(network, wrong, { rng: new Rng(0) }), RangeError, "`sample(...)`");
});
