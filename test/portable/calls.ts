import { DENO_ONLY } from "../../tools/npm/manifest.ts";

/**
 * One call of each entry point, made in Node and in a browser: an expression that must be true. `m` is the
 * entry point, `Matrix` and `Rng` come from `refigure/arrays`, the rest from bits.ts.
 */
export const calls: Record<string, string> = {
  "refigure": "m.matmul(m.Matrix.identity(2), m.Matrix.fromRows([[1, 2], [3, 4]])).get(1, 0) === 3",
  "refigure/arrays": "m.Matrix.fromRows([[1, 2], [3, 4]]).transpose().get(0, 1) === 3",
  "refigure/blas":
    "m.blasInfo().engine === 'portable' && m.gram(Matrix.fromRows([[3], [4]])).get(0, 0) === 25 && bitsOfProduct(m.matmul) === PRODUCT_BITS",
  "refigure/linalg": "Math.abs(m.spectralNorm(m.haarOrthogonal(5, { rng: new Rng(1) })) - 1) < 1e-14",
  "refigure/transforms": "m.fft(new Float64Array([1, 0, 0, 0])).join() === '1,0,1,0'",
  "refigure/statistics": "Math.abs(m.fitLine([0, 1, 2, 3], [1, 3.1, 4.9, 7]).slope - 1.98) < 1e-12",
  "refigure/experiment": "m.near(2, { relative: 0.1 }).allows(2.1)",
  "refigure/figures":
    "(await m.renderSvg(m.figure({ mark: 'point', data: { values: [{ x: 1 }] }, encoding: { x: m.linearAxis('x', 'x') } }))).includes('<svg')",
  "refigure/datasets": "m.digits().labels.length === 1797",
  "refigure/diffusion": "Math.abs(new m.VpSde().beta(0.5) - 10.05) < 1e-14",
  "refigure/dictionary": "typeof m.bernoulliGaussian === 'function'",
  "refigure/latent_directions/layers": "typeof m.HouseholderDense === 'function'",
  "refigure/latent_directions":
    "m.nearestPartialIsometry(Matrix.diagonal([3, 1]), 1).distance === Math.sqrt(5)",
  "refigure/data_selection": "m.topIndices([1, 3, 2], 2).join() === '1,2'",
  "refigure/language_models": "m.wordTokens('A cat.').join() === 'a,cat,.'",
  "refigure/latent_variables": "Math.abs(m.spikedCosine2(2, 1) - 0.5) < 1e-15",
  "refigure/linear_networks":
    "Math.abs(m.linearModeTime({ s: 1, u0: 0.25, tau: 2 }, 0.75) - Math.log(9)) < 1e-12",
  "refigure/numerics": "Math.abs(m.gaussLegendre(3).weights.reduce((a, b) => a + b, 0) - 2) < 1e-14",
  "refigure/meshes":
    "[...m.pointInPolygon([Float64Array.of(0, 0, 2, 0, 0, 2)], Float64Array.of(0.5, 0.5, 2, 2))].join() === '1,0'",
  "refigure/networks":
    "new m.DenseNetwork({ widths: [1, 1], parameters: Float64Array.of(2, 1) }).forward(Matrix.identity(1)).get(0, 0) === 3",
  "refigure/neural_fields": "m.winnerScales(1, { kind: 'audio' }).s1 === 3",
  "refigure/neural_fields/layers": "typeof m.SineDense === 'function'",
  "refigure/bandits": "Math.abs(m.tsallisProbabilities([3, 3], 1)[0] - 0.5) < 1e-12",
  "refigure/polynomials":
    "Math.abs(m.orthonormalPolynomials('chebyshev', 2, [1]).get(0, 1) - Math.SQRT2) < 1e-14",
  "refigure/sparse": "m.laplacian(3).apply(new Float64Array([1, 1, 1])).join() === '1,0,1'",
  "refigure/recurrent": "typeof m.VanillaRnn === 'function'",
  "refigure/retrieval/layers": "typeof m.NeighborAttention === 'function'",
  "refigure/retrieval": "m.topM([0.1, 0.6, 0.3], 0.5).join() === '0,0.5,0.5'",
  "refigure/multigrid":
    "m.mgConv({ dimension: 1, n: 63, levels: 5, rng: new Rng(0) }).parameters.length === 81",
  "refigure/multigrid/layers": "typeof m.MgConv === 'function'",
  "refigure/sampling": "Math.abs(m.legendreSpace(5).leverage(1) - 25) < 1e-12",
  "refigure/score_distillation": "m.annealedTimes(10)(2)[1] === 500",
  "refigure/streaming": "typeof m.RandomOrderTopEigenvector === 'function'",
  "refigure/tangent_kernels": "m.circlePoints([0, 1]).rows === 2",
  "refigure/training": "typeof m.Mlp === 'function'",
  "refigure/invariance": "Math.abs(new m.TwoSignModel().pooledMinimizer()[0] - Math.log(3)) < 1e-14",
  "refigure/kan": "m.kanLayerCost('kan', 1, 1).flops === 204",
  "refigure/kan/layers": "typeof m.GroupRational === 'function'",
  "refigure/forecasting": "m.mixingCost(7, 512).normLin === 3695104",
  "refigure/forecasting/layers": "typeof m.NormLin === 'function'",
  "refigure/hyperbolic": "Math.abs(new m.PoincareBall({ c: 1 }).exp0([1])[0] - Math.tanh(1)) < 1e-15",
  "refigure/hypernetworks/layers": "typeof m.GraphHyperNetwork === 'function'",
  "refigure/hypernetworks": "m.gpt2ParameterCount(1280, 36) === 774030080",
  "refigure/hyperbolic/layers": "typeof m.PoincareDense === 'function'",
  "refigure/continual/layers": "typeof m.fromSequential === 'function'",
  "refigure/continual": "new m.Delay(0, { shape: [1] }).step(new Float64Array([3]))[0] === 3",
  "refigure/ssm/layers": "typeof m.S4DLayer === 'function'",
  "refigure/ssm": "m.hippoLegS(2).A.get(1, 1) === -2",
  "refigure/convolutions":
    "m.lorth(new Float64Array(9), { outChannels: 1, inChannels: 1, kernelSize: 3 }) === 1",
  "refigure/convolutions/layers": "typeof m.LorthRegularizer === 'function'",
  "refigure/sensing": "m.imbalance(Matrix.identity(2), Matrix.identity(2)).get(0, 0) === 0",
  "refigure/operators": "m.truncatedDft(4, 1).analysis.get(0, 0) === 0.25",
  "refigure/operators/layers": "typeof m.SpectralConv1D === 'function'",
  "refigure/optimizers": "m.polarExpressCoefficients({ steps: 3 }).length === 3",
  "refigure/tfjs": "typeof m.useBestBackend === 'function'",
};

/** What is for Deno only. */
export const denoOnly: string[] = DENO_ONLY.map((name) => name.replace(/^\./, "refigure"));
