/** What the modules refuse, by the name that the caller wrote. */
import { assertEquals, assertThrows } from "@std/assert";
import { Matrix, Rng } from "refigure/arrays";
import {
  attentionWeights,
  CoBroadcastReduce,
  CoConv1d,
  CoConv2d,
  CoGraphConv,
  CoMaxPool,
  CoResidual,
  CoRetroactiveAttention,
  CoSequential,
  CoSingleOutputAttention,
  Delay,
  flops,
  RecyclingPositionalEncoding,
  RetroactiveHead,
  Stepwise,
  windowAttention,
} from "refigure/continual";

const rng = new Rng(0);
const weight = (...shape: number[]) => ({
  shape,
  data: new Float64Array(shape.reduce((a, b) => a * b)).fill(1),
});
const conv = (k: number, options = {}) => new CoConv1d(weight(2, 2, k), options);
const attention = attentionWeights(4, { rng });

Deno.test("continual: sizes that do not fit are refused", () => {
  const cases: [string, () => unknown][] = [
    ["`frame` must have shape [2], 2 numbers, got 3", () => conv(3).step(new Float64Array(3))],
    [
      "`frame` must have shape [2, 25], 50 numbers, got 2",
      () => conv(3, { positions: [25] }).step(new Float64Array(2)),
    ],
    ["`clip` must have shape [2, T], T times 2 numbers, got 5", () => conv(3).forward(new Float64Array(5))],
    ["`clip` must have shape [2, T], T times 2 numbers, got 0", () => conv(3).steps(new Float64Array(0))],
    ["`dilation`", () => conv(3, { dilation: 0 })],
    ["`stride`", () => conv(3, { stride: 0 })],
    ["`padding`", () => conv(3, { padding: 3 })],
    ["`weight.shape[2]`", () => new CoConv1d({ shape: [1, 1, 0], data: new Float64Array(0) })],
    ["`weight.shape` must have 3 axes", () => new CoConv1d(weight(1, 2))],
    ["`weight.data` must have length 6", () => new CoConv1d({ shape: [1, 2, 3], data: new Float64Array(5) })],
    ["`weight.data` must be finite", () => new CoConv1d({ shape: [1, 1, 1], data: Float64Array.of(NaN) })],
    ["`weight` must not be longer", () => new CoConv2d(weight(1, 1, 1, 4), { size: [3] })],
    ["`bias` must have length 2", () => conv(1, { bias: new Float64Array(3) })],
    ["align a strided shortcut with CoBroadcastReduce", () => new CoResidual(conv(3, { stride: 2 }))],
    ['`align` "centred" must leave out whole frames', () => new CoResidual(conv(4))],
    ["`module` must return frames like its inputs", () => new CoResidual(new CoConv1d(weight(3, 2, 1)))],
    ["`modules[1]`", () => new CoSequential([conv(1), new CoConv1d(weight(1, 3, 1))])],
    ["`modules` must have at least one module", () => new CoSequential([])],
    ["`branches[1]` must have the stride", () => new CoBroadcastReduce([conv(1), conv(1, { stride: 2 })])],
    ["`steps`", () => new Delay(-1, { shape: [1] })],
    ["`window`", () => new CoMaxPool(0, { shape: [1] })],
    ["`shape`", () => new Delay(1, { shape: [] })],
    ["`heads` must divide the embedding dimension 4, got 3", () => {
      new CoRetroactiveAttention(attention, { heads: 3, window: 2 });
    }],
    ["`queryIndex`", () => new CoSingleOutputAttention(attention, { heads: 2, window: 3, queryIndex: -4 })],
    ["`weights.outputProjection` must be 4 x 4", () => {
      const weights = { ...attention, outputProjection: Matrix.zeros(4, 5) };
      new CoSingleOutputAttention(weights, { heads: 2, window: 3 });
    }],
    ["`table` must be 9 x 4, got 4 x 4", () => {
      new RecyclingPositionalEncoding(4, 9, { table: Matrix.identity(4) });
    }],
    ["`key` must have length 2", () => {
      new RetroactiveHead({ dim: 2, window: 2 }).step(
        new Float64Array(2),
        new Float64Array(1),
        new Float64Array(2),
      );
    }],
    ["`keys`", () => windowAttention(Matrix.zeros(2, 3), Matrix.zeros(2, 2), Matrix.zeros(2, 2))],
    ["`weight` must have 2 x C_in columns", () => {
      new CoGraphConv(Matrix.zeros(1, 3), [Matrix.identity(2), Matrix.identity(2)]);
    }],
    ["`state[0]` must have length", () => conv(3).setState(conv(4).getState())],
    ["`apply(x, frames)` must have length 2", () => {
      new Stepwise((x) => x.subarray(1), { inputShape: [2] }).step(new Float64Array(2));
    }],
    ["`frames`", () => flops(conv(3), "forward", { frames: 0 })],
  ];
  for (const [message, run] of cases) assertThrows(run, RangeError, message, String(run));
});

Deno.test("continual: wrong types, names and precisions are refused", () => {
  const one = conv(1);
  const cases: [string, () => unknown][] = [
    ["`frame`", () => conv(3).step(new Float32Array(2))],
    ["`frame`", () => conv(3).step([1, 2] as never)],
    ["`cache`", () => conv(3, { cache: "both" })],
    ["`fill`", () => conv(3, { fill: "mirror" })],
    ['no option "dilatation"', () => conv(3, { dilatation: 2 })],
    ["`align`", () => new CoResidual(conv(3), { align: "centered" as never })],
    ["`reduce`", () => new CoBroadcastReduce([one], { reduce: "mean" as never })],
    ["`modules[0]` must be a CoModule", () => new CoSequential([{ step: () => null } as never])],
    ["`state`", () => one.setState(null as never)],
    ["`mode`", () => flops(one, "clip" as never)],
    ["`guard`", () => new RetroactiveHead({ dim: 1, window: 1, guard: 1 as never })],
  ];
  for (const [message, run] of cases) assertThrows(run, TypeError, message, String(run));
});

Deno.test("continual: a module cannot be in a network twice", () => {
  const one = conv(3);
  assertThrows(() => new CoSequential([one, one]), RangeError, "a state of its own");
});

Deno.test("continual: a frame that is refused leaves the state as it was", () => {
  const module = conv(3);
  module.step(Float64Array.of(1, 2));
  const before = module.getState();
  assertThrows(() => module.step(new Float64Array(3)));
  assertEquals(module.getState(), before);
});
