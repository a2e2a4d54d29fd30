/**
 * Calls of tfjs kernels on `side` x `side` numbers, for comparisons of backends: those that `native` replaces
 * and those of the CPU backend's that it keeps.
 */
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../lib/arrays/mod.ts";

const rng = new Rng(5);
/** Normal numbers. */
export const normal = (shape: number[], scale = 1) =>
  tf.tensor(Float32Array.from(rng.normals(shape.reduce((a, b) => a * b, 1), scale)), shape);

/** Makes the inputs and returns the call. */
export type Maker = (side: number) => () => tf.Tensor | tf.Tensor[];
const held: tf.Tensor[] = [];
/** Frees the inputs. */
export const release = (): void => tf.dispose(held.splice(0));
/** Keeps a tensor until the case is over. */
function hold<T extends tf.Tensor>(x: T): T {
  held.push(x);
  return tf.keep(x);
}
const square = (side: number) => hold(normal([side, side]));
const on1 = (f: (x: tf.Tensor) => tf.Tensor | tf.Tensor[]): Maker => (side) => {
  const x = square(side);
  return () => f(x);
};
const on2 = (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Maker => (side) => {
  const x = square(side);
  const y = square(side);
  return () => f(x, y);
};
/** An image of as many numbers, of 4 channels, and a filter. */
const onImage =
  (f: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor, filter = [3, 3, 4, 4]): Maker => (side) => {
    const x = hold(normal([1, side / 2, side / 2, 4]));
    const w = hold(normal(filter));
    return () => f(x as tf.Tensor4D, w as tf.Tensor4D);
  };
const slope = (
  f: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor,
  which: 0 | 1,
  filter = [3, 3, 4, 4],
): Maker =>
  onImage(
    (x, w) =>
      which === 0
        ? tf.grad((a) => tf.sum(f(a as tf.Tensor4D, w)))(x)
        : tf.grad((b) => tf.sum(f(x, b as tf.Tensor4D)))(w),
    filter,
  );
const kernel = (name: string, inputs: tf.NamedTensorMap) => tf.engine().runKernel(name, inputs) as tf.Tensor;

/** By kernel: those that training spends its time in. */
export const replacedKernels: Record<string, Maker> = {
  Abs: on1(tf.abs),
  Ceil: on1(tf.ceil),
  Elu: on1(tf.elu),
  Erf: on1(tf.erf),
  Exp: on1(tf.exp),
  Floor: on1(tf.floor),
  LeakyRelu: on1((x) => tf.leakyRelu(x)),
  Log: on1(tf.log),
  Neg: on1(tf.neg),
  Reciprocal: on1(tf.reciprocal),
  Relu: on1(tf.relu),
  Relu6: on1(tf.relu6),
  Rsqrt: on1(tf.rsqrt),
  Sigmoid: on1(tf.sigmoid),
  Sqrt: on1(tf.sqrt),
  Square: on1(tf.square),
  Step: on1((x) => tf.step(x)),
  Tanh: on1(tf.tanh),
  ClipByValue: on1((x) => tf.clipByValue(x, -1, 1)),
  Add: on2(tf.add),
  AddN: on2((x, y) => tf.addN([x, y, x])),
  Sub: on2(tf.sub),
  Multiply: on2(tf.mul),
  RealDiv: on2(tf.div),
  Maximum: on2(tf.maximum),
  Minimum: on2(tf.minimum),
  SquaredDifference: on2(tf.squaredDifference),
  Prelu: on2(tf.prelu),
  EluGrad: on2((dy, y) => kernel("EluGrad", { dy, y })),
  Equal: on2(tf.equal),
  NotEqual: on2(tf.notEqual),
  Greater: on2(tf.greater),
  GreaterEqual: on2(tf.greaterEqual),
  Less: on2(tf.less),
  LessEqual: on2(tf.lessEqual),
  Select: (side) => {
    const x = square(side);
    const flags = hold(tf.greater(x, 0));
    return () => tf.where(flags, x, x);
  },
  Sum: on1((x) => tf.sum(x, 1)),
  Mean: on1((x) => tf.mean(x, 1)),
  Max: on1((x) => tf.max(x, 1)),
  Min: on1((x) => tf.min(x, 1)),
  Softmax: on1((x) => tf.softmax(x)),
  ArgMax: on1((x) => tf.argMax(x, 1)),
  ArgMin: on1((x) => tf.argMin(x, 0)),
  BatchMatMul: on2((x, y) => tf.matMul(x, y)),
  _FusedMatMul: on2((a, b) => tf.fused.matMul({ a, b, activation: "relu" })),
  Einsum: on2((x, y) => tf.einsum("ab,bc->ca", x, y)),
  Transpose: on1((x) => tf.transpose(x)),
  Slice: on1((x) => tf.slice(x, [0, 1], [-1, x.shape[1]! - 2])),
  SplitV: on1((x) => tf.split(x, 2, 1)),
  Concat: on2((x, y) => tf.concat([x, y], 1)),
  PadV2: on1((x) => tf.pad(x, [[1, 1], [1, 1]])),
  Tile: on1((x) => tf.tile(x, [2, 2])),
  GatherV2: (side) => {
    const x = square(side);
    const rows = hold(tf.range(0, side, 1, "int32"));
    return () => tf.gather(x, rows);
  },
  UnsortedSegmentSum: (side) => {
    const x = square(side);
    const rows = hold(tf.range(0, side, 1, "int32")) as tf.Tensor1D;
    return () => tf.unsortedSegmentSum(x, rows, side);
  },
  "Cast to int32": on1((x) => tf.cast(x, "int32")),
  "Cast to bool": on1((x) => tf.cast(x, "bool")),
  "Cast to float32": (side) => {
    const x = hold(tf.cast(square(side), "int32"));
    return () => tf.cast(x, "float32");
  },
  Conv2D: onImage((x, w) => tf.conv2d(x, w, 1, "same")),
  FusedConv2D: onImage((x, filter) =>
    tf.fused.conv2d({ x, filter, strides: 1, pad: "same", activation: "relu" })
  ),
  Conv2DBackpropInput: slope((x, w) => tf.conv2d(x, w, 1, "same"), 0),
  Conv2DBackpropFilter: slope((x, w) => tf.conv2d(x, w, 1, "same"), 1),
  DepthwiseConv2dNative: onImage((x, w) => tf.depthwiseConv2d(x, w, 1, "same"), [3, 3, 4, 1]),
  FusedDepthwiseConv2D: onImage(
    (x, filter) => tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: "same", activation: "relu" }),
    [3, 3, 4, 1],
  ),
  DepthwiseConv2dNativeBackpropInput: slope((x, w) => tf.depthwiseConv2d(x, w, 1, "same"), 0, [3, 3, 4, 1]),
  DepthwiseConv2dNativeBackpropFilter: slope((x, w) => tf.depthwiseConv2d(x, w, 1, "same"), 1, [3, 3, 4, 1]),
  MaxPool: onImage((x) => tf.maxPool(x, 2, 2, "valid")),
  MaxPoolGrad: slope((x) => tf.maxPool(x, 2, 2, "valid"), 0),
  AvgPool: onImage((x) => tf.avgPool(x, 2, 2, "valid")),
  AvgPoolGrad: slope((x) => tf.avgPool(x, 2, 2, "valid"), 0),
};

const onIntegers =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor, dtype: "int32" | "bool" = "int32"): Maker => (side) => {
    const x = hold(tf.cast(tf.abs(square(side)), dtype));
    const y = hold(tf.cast(tf.abs(square(side)), dtype));
    return () => f(x, y);
  };
const onComplex = (f: (x: tf.Tensor) => tf.Tensor): Maker => (side) => {
  const z = hold(tf.complex(square(side), square(side)));
  return () => f(z);
};
/** `f` of a matrix and of a row, a column or a number. */
const broadcast =
  (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor, shape: (side: number) => number[]): Maker => (side) => {
    const x = square(side);
    const y = hold(normal(shape(side)));
    return () => f(x, y);
  };

/** Further kernels and further forms of them. */
export const furtherKernels: Record<string, Maker> = {
  "Add row": broadcast(tf.add, (n) => [n]),
  "Add column": broadcast(tf.add, (n) => [n, 1]),
  "Add number": broadcast(tf.add, () => []),
  "Less number": broadcast(tf.less, () => []),
  "Add int32": onIntegers(tf.add),
  "Multiply int32": onIntegers(tf.mul),
  "Equal int32": onIntegers(tf.equal),
  "Sum int32": onIntegers((x) => tf.sum(x, 1)),
  "Sum bool": onIntegers((x) => tf.sum(x, 1), "bool"),
  "Sum axis 0": on1((x) => tf.sum(x, 0)),
  "Sum all": on1((x) => tf.sum(x)),
  "GatherV2 axis 1": (side) => {
    const x = square(side);
    const columns = hold(tf.range(0, side, 1, "int32"));
    return () => tf.gather(x, columns, 1);
  },
  LogicalAnd: onIntegers(tf.logicalAnd, "bool"),
  LogicalNot: onIntegers((x) => tf.logicalNot(x), "bool"),
  All: onIntegers((x) => tf.all(x, 1), "bool"),
  Any: onIntegers((x) => tf.any(x, 1), "bool"),
  Sin: on1(tf.sin),
  Cos: on1(tf.cos),
  Tan: on1(tf.tan),
  Atan: on1(tf.atan),
  Atan2: on2(tf.atan2),
  Sinh: on1(tf.sinh),
  Expm1: on1(tf.expm1),
  Log1p: on1((x) => tf.log1p(x)),
  Softplus: on1(tf.softplus),
  Selu: on1(tf.selu),
  Sign: on1(tf.sign),
  Round: on1(tf.round),
  IsNan: on1(tf.isNaN),
  IsFinite: on1(tf.isFinite),
  Mod: on2(tf.mod),
  FloorDiv: on2(tf.floorDiv),
  Pow: (side) => {
    const x = hold(tf.abs(square(side)));
    const y = square(side);
    return () => tf.pow(x, y);
  },
  "Pow square": on1((x) => tf.pow(x, 2)),
  Prod: on1((x) => tf.prod(x, 1)),
  Cumsum: on1((x) => tf.cumsum(x, 1)),
  "Cumsum axis 0": on1((x) => tf.cumsum(x, 0)),
  Cumprod: on1((x) => tf.cumprod(x, 1)),
  Reverse: on1((x) => tf.reverse(x, 1)),
  "Reverse axis 0": on1((x) => tf.reverse(x, 0)),
  OneHot: (side) => {
    const rows = hold(tf.range(0, side, 1, "int32"));
    return () => tf.oneHot(rows, side);
  },
  StridedSlice: on1((x) => tf.stridedSlice(x, [0, 0], x.shape, [1, 2])),
  MirrorPad: on1((x) => tf.mirrorPad(x, [[1, 1], [1, 1]], "reflect")),
  Pack: on2((x, y) => tf.stack([x, y])),
  Unpack: on1((x) => tf.unstack(x)),
  TopK: on1((x) => tf.topk(x, 3).values),
  Fill: (side) => () => tf.fill([side, side], 2),
  ZerosLike: on1(tf.zerosLike),
  OnesLike: on1(tf.onesLike),
  Range: (side) => () => tf.range(0, side * side),
  LinSpace: (side) => () => tf.linspace(0, 1, side * side),
  Reshape: on1((x) => tf.reshape(x, [-1])),
  GatherNd: (side) => {
    const x = square(side);
    const rows = hold(tf.reshape(tf.range(0, side, 1, "int32"), [side, 1]));
    return () => tf.gatherND(x, rows);
  },
  ScatterNd: (side) => {
    const x = square(side);
    const rows = hold(tf.reshape(tf.range(0, side, 1, "int32"), [side, 1]));
    return () => tf.scatterND(rows, x, [side, side]);
  },
  LogSoftmax: on1((x) => tf.logSoftmax(x)),
  LogSumExp: on1((x) => tf.logSumExp(x, 1)),
  FusedBatchNorm: (side) => {
    const x = hold(normal([1, side / 2, side / 2, 4])) as tf.Tensor4D;
    const one = hold(tf.ones([4])) as tf.Tensor1D;
    return () => tf.batchNorm(x, one, one, one, one);
  },
  ResizeBilinear: onImage((x) => tf.image.resizeBilinear(x, [x.shape[1], x.shape[2]])),
  ResizeNearestNeighbor: onImage((x) => tf.image.resizeNearestNeighbor(x, [x.shape[1], x.shape[2]])),
  FlipLeftRight: onImage((x) => tf.image.flipLeftRight(x)),
  DepthToSpace: onImage((x) => tf.depthToSpace(x, 2)),
  SpaceToBatchND: onImage((x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]])),
  LRN: onImage((x) => tf.localResponseNormalization(x, 2)),
  Complex: on2((x, y) => tf.complex(x, y)),
  Real: onComplex(tf.real),
  ComplexAbs: onComplex(tf.abs),
  "Add complex64": onComplex((z) => tf.add(z, z)),
  FFT: onComplex(tf.spectral.fft),
  RFFT: on1((x) => tf.spectral.rfft(x)),
};
