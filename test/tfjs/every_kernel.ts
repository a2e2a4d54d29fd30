import * as tf from "@tensorflow/tfjs";
import type { Draw } from "./draw.ts";

/** An operation that reaches a kernel. */
export type Body = (d: Draw) => tf.Tensor | tf.Tensor[];

const bodies: Record<string, Body> = {};

const three = (x: tf.Tensor) => x as tf.Tensor3D;
const four = (x: tf.Tensor) => x as tf.Tensor4D;
const five = (x: tf.Tensor) => x as tf.Tensor5D;

function kernel(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: { [name: string]: number | number[] } = {},
): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
}

/** Real and imaginary part. */
const parts = (z: tf.Tensor) => [tf.real(z), tf.imag(z)];
const complex = (d: Draw, ...shape: number[]) => tf.complex(d.floats(...shape), d.floats(...shape));
const gradients = (f: (...xs: tf.Tensor[]) => tf.Tensor, ...xs: tf.Tensor[]) =>
  tf.grads((...given) => tf.sum(tf.square(f(...given))))(xs);

/** Ones for what is not finite. */
const finite = (x: tf.Tensor) => tf.where(tf.isFinite(tf.cast(x, "float32")), x, tf.onesLike(x));

const unary: Record<string, (x: tf.Tensor, d: Draw) => tf.Tensor> = {
  Abs: tf.abs,
  Acos: tf.acos,
  Acosh: tf.acosh,
  Asin: tf.asin,
  Asinh: tf.asinh,
  Atan: tf.atan,
  Atanh: tf.atanh,
  Ceil: tf.ceil,
  Cos: tf.cos,
  Cosh: tf.cosh,
  Elu: tf.elu,
  Erf: tf.erf,
  Exp: tf.exp,
  Expm1: tf.expm1,
  Floor: tf.floor,
  Identity: tf.clone,
  IsFinite: tf.isFinite,
  IsInf: tf.isInf,
  IsNan: tf.isNaN,
  LeakyRelu: (x) => tf.leakyRelu(x, 0.3),
  Log: tf.log,
  Log1p: tf.log1p,
  Neg: tf.neg,
  OnesLike: tf.onesLike,
  Reciprocal: tf.reciprocal,
  Relu: tf.relu,
  Relu6: tf.relu6,
  Round: tf.round,
  Rsqrt: tf.rsqrt,
  Selu: tf.selu,
  Sigmoid: tf.sigmoid,
  Sign: tf.sign,
  Sin: tf.sin,
  Sinh: tf.sinh,
  Softplus: tf.softplus,
  Sqrt: tf.sqrt,
  Square: tf.square,
  Step: (x) => tf.step(x, 0.25),
  Tan: tf.tan,
  Tanh: tf.tanh,
  ZerosLike: tf.zerosLike,
  ClipByValue: (x) => tf.clipByValue(x, -1, 2),
  Cast: (x, d) => tf.cast(x, d.of(["float32", "int32", "bool"] as const)),
  Reshape: (x) => tf.reshape(x, [x.size, 1]),
  ExpandDims: (x, d) => tf.expandDims(x, d.axis(x.rank + 1)),
  Reverse: (x, d) => tf.reverse(x, d.axes(x.rank)),
  Tile: (x, d) => tf.tile(x, x.shape.map(() => d.int(1, 3))),
  Transpose: (x, d) => tf.transpose(x, d.permutation(x.rank)),
  AddN: (x) => tf.addN([x, x, x]),
  Fill: (x) => tf.fill(x.shape, 2, x.dtype),
  Diag: (x) => tf.diag(tf.reshape(x, [x.size])),
};
for (const [name, f] of Object.entries(unary)) bodies[name] = (d) => f(d.tensor(), d);

const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  Add: tf.add,
  Atan2: tf.atan2,
  Equal: tf.equal,
  FloorDiv: tf.floorDiv,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  Mod: tf.mod,
  Multiply: tf.mul,
  NotEqual: tf.notEqual,
  RealDiv: tf.div,
  SquaredDifference: tf.squaredDifference,
  Sub: tf.sub,
  // 1 to any power is 1; cpu has NaN to the power of NaN.
  Pow: (a, b) => tf.pow(a, tf.clipByValue(finite(b), -3, 3)),
};
for (const [name, f] of Object.entries(binary)) {
  bodies[name] = (d) => {
    const a = d.tensor();
    const b = d.tensor(d.broadcast());
    return d.flip() ? f(a, b) : f(b, a);
  };
}

const reductions: Record<string, (x: tf.Tensor, axis: number[] | undefined, keep: boolean) => tf.Tensor> = {
  Sum: tf.sum,
  Mean: tf.mean,
  Max: tf.max,
  Min: tf.min,
  Prod: tf.prod,
};
for (const [name, f] of Object.entries(reductions)) {
  bodies[name] = (d) => f(d.tensor(), d.axes(d.choice.shape.length), d.flip());
}

const along: Record<string, (x: tf.Tensor, axis: number, d: Draw) => tf.Tensor | tf.Tensor[]> = {
  ArgMax: tf.argMax,
  ArgMin: tf.argMin,
  // Negative axes are tested by themselves: cpu returns a tensor of one axis more.
  Cumsum: (x, axis, d) => tf.cumsum(x, axis < 0 ? axis + x.rank : axis, d.flip(), d.flip()),
  Cumprod: (x, axis, d) => tf.cumprod(x, axis < 0 ? axis + x.rank : axis, d.flip(), d.flip()),
  Softmax: (x) => tf.softmax(x),
  Concat: (x, axis) => tf.concat([x, x, x], axis),
  Pack: (x, axis) => tf.stack([x, x], axis),
  Unpack: (x, axis) => tf.unstack(x, axis),
  SplitV: (x, axis, d) => {
    const n = x.shape[axis < 0 ? axis + x.rank : axis];
    const first = d.int(0, n);
    return tf.split(x, [first, n - first], axis);
  },
  GatherV2: (x, axis, d) => {
    const n = x.shape[axis < 0 ? axis + x.rank : axis];
    return tf.gather(x, d.ints([n === 0 ? 0 : 3], 0, Math.max(0, n - 1)), axis);
  },
  Unique: (x) => {
    const { values, indices } = tf.unique(tf.reshape(x, [x.size]));
    return [values, indices];
  },
  TopK: (x, _, d) => {
    const { values, indices } = tf.topk(x, d.int(0, x.shape[x.rank - 1]));
    return [values, indices];
  },
  Slice: (x, _, d) => {
    const begin = x.shape.map((n) => d.int(0, n));
    return tf.slice(x, begin, x.shape.map((n, i) => d.flip() ? -1 : d.int(0, n - begin[i])));
  },
  StridedSlice: (x, _, d) => {
    const steps = x.shape.map(() => d.of([-2, -1, 1, 2]));
    const from = x.shape.map((n) => d.int(-n, n));
    const to = x.shape.map((n) => d.int(-n, n));
    return tf.stridedSlice(x, from, to, steps, d.int(0, 7), d.int(0, 7));
  },
  PadV2: (x, _, d) => tf.pad(x, x.shape.map((): [number, number] => [d.int(0, 2), d.int(0, 2)]), 7),
  MirrorPad: (x, _, d) => {
    const paddings = x.shape.map((n): [number, number] => n > 2 ? [d.int(0, 1), d.int(0, 2)] : [0, 0]);
    return tf.mirrorPad(x, paddings, d.of(["reflect", "symmetric"] as const));
  },
  // cpu multiplies every entry by 0 for the segments that it is not in.
  UnsortedSegmentSum: (x, _, d) =>
    tf.unsortedSegmentSum(finite(x), d.ints([x.shape[0]], -1, 3) as tf.Tensor1D, d.int(1, 3)),
  GatherNd: (x, _, d) =>
    tf.gatherND(x, d.ints([x.shape[0] === 0 ? 0 : 4, 1], 0, Math.max(0, x.shape[0] - 1))),
  TensorScatterUpdate: (x, _, d) =>
    tf.tensorScatterUpdate(
      x,
      d.ints([2, 1], 0, Math.max(0, x.shape[0] - 1)),
      d.tensor([2, ...x.shape.slice(1)]),
    ),
};
for (const [name, f] of Object.entries(along)) {
  bodies[name] = (d) => {
    const shape = d.shapeOf(1);
    return f(d.tensor(shape), d.axis(shape.length), d);
  };
}

const image = (d: Draw) => d.tensor([2, 5, 6, d.int(1, 5)], "float32");
const pool = (d: Draw) =>
  [[d.int(1, 3), d.int(1, 3)], [d.int(1, 2), d.int(1, 3)], d.of(["valid", "same"] as const)] as [
    [number, number],
    [number, number],
    "valid" | "same",
  ];
const activation = (d: Draw) => d.of(["linear", "relu", "relu6", "elu", "sigmoid"] as const);
const product = (d: Draw): [tf.Tensor, tf.Tensor, boolean, boolean] => {
  const [m, k, n] = [d.int(0, 4), d.int(0, 5), d.int(1, 4)];
  const ta = d.flip();
  const tb = d.flip();
  // Of no matrices cpu makes one.
  const batch = d.choice.shape.slice(0, 2).filter((n) => n > 0);
  const type = d.of(["float32", "float32", "int32"] as const);
  return [
    d.tensor([...batch, ...(ta ? [k, m] : [m, k])], type),
    d.tensor([...(d.flip() ? batch : []), ...(tb ? [n, k] : [k, n])], type),
    ta,
    tb,
  ];
};
const conv = (d: Draw) => {
  const x = image(d);
  const [size, strides, pad] = pool(d);
  const [h, w] = size;
  return { x, size: [h, w] as [number, number], strides, pad, channels: x.shape[3]! };
};
const conv2dGradients = (d: Draw) => {
  const { x, size, strides, pad, channels } = conv(d);
  return gradients((a, b) => tf.conv2d(four(a), four(b), strides, pad), x, d.floats(...size, channels, 3));
};
const depthwiseGradients = (d: Draw) => {
  const { x, size, pad, channels } = conv(d);
  const stride = d.int(1, 2);
  const w = d.floats(...size, channels, d.int(1, 3));
  return gradients((a, b) => tf.depthwiseConv2d(four(a), four(b), stride, pad), x, w);
};
const conv3dGradients = (d: Draw) =>
  gradients(
    (a, b) => tf.conv3d(five(a), five(b), d.choice.seed % 2 === 0 ? 1 : 2, "same"),
    d.floats(1, 3, 4, 3, 2),
    d.floats(2, 2, 2, 2, 3),
  );
const dilationGradients = (d: Draw) =>
  gradients((a, b) => tf.dilation2d(four(a), three(b), 1, "valid"), d.floats(2, 5, 5, 2), d.floats(2, 2, 2));
const boxes = (d: Draw) => tf.add(tf.abs(d.floats(6, 4)), tf.tensor2d([[0, 0, 1, 1]])) as tf.Tensor2D;
const scores = (d: Draw) => tf.abs(d.floats(6)) as tf.Tensor1D;
// Of one square image: the gradient of cpu exchanges height and width, and mixes images.
const resizeGradient =
  (f: (x: tf.Tensor4D, size: [number, number], corners: boolean) => tf.Tensor): Body => (d) => {
    const corners = d.flip();
    const size: [number, number] = [d.int(1, 7), d.int(1, 7)];
    return gradients((x) => f(four(x), size, corners), d.floats(1, 4, 4, 2));
  };
const segments = (d: Draw): [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D] => [
  d.floats(4, 3) as tf.Tensor2D,
  d.ints([3], 0, 3) as tf.Tensor1D,
  tf.tensor1d([0, 0, d.int(0, 1)], "int32"),
];

Object.assign(
  bodies,
  {
    LogicalNot: (d) => tf.logicalNot(d.tensor(undefined, "bool")),
    LogicalAnd: (d) => tf.logicalAnd(d.tensor(undefined, "bool"), d.tensor(d.broadcast(), "bool")),
    LogicalOr: (d) => tf.logicalOr(d.tensor(undefined, "bool"), d.tensor(d.broadcast(), "bool")),
    BitwiseAnd: (d) => tf.bitwiseAnd(d.tensor(undefined, "int32"), d.tensor(undefined, "int32")),
    All: (d) => tf.all(d.tensor(undefined, "bool"), d.axes(d.choice.shape.length), d.flip()),
    Any: (d) => tf.any(d.tensor(undefined, "bool"), d.axes(d.choice.shape.length), d.flip()),
    Prelu: (d) => tf.prelu(d.tensor(undefined, "float32"), d.tensor(undefined, "float32")),
    EluGrad: (d) =>
      kernel("EluGrad", { dy: d.tensor(undefined, "float32"), y: d.tensor(undefined, "float32") }),
    Select: (d) => {
      const shape = d.shapeOf(1);
      return tf.where(d.tensor(shape, "bool"), d.tensor(shape), d.tensor(shape));
    },
    BatchMatMul: (d) => tf.matMul(...product(d)),
    _FusedMatMul: (d) => {
      const [a, b, transposeA, transposeB] = product(d);
      const bias = d.floats(b.shape[b.rank - (transposeB ? 2 : 1)]);
      return tf.fused.matMul({
        a: a.toFloat(),
        b: b.toFloat(),
        transposeA,
        transposeB,
        bias,
        activation: activation(d),
      });
    },
    Conv2D: (d) => {
      const { x, size, strides, pad, channels } = conv(d);
      return tf.conv2d(four(x), four(d.floats(...size, channels, d.int(1, 5))), strides, pad);
    },
    FusedConv2D: (d) => {
      const { x, size, strides, pad, channels } = conv(d);
      const out = d.int(1, 5);
      const bias = d.floats(out) as tf.Tensor1D;
      const filter = four(d.floats(...size, channels, out));
      return tf.fused.conv2d({ x: four(x), filter, strides, pad, bias, activation: activation(d) });
    },
    Conv2DBackpropFilter: conv2dGradients,
    Conv2DBackpropInput: conv2dGradients,
    DepthwiseConv2dNative: (d) => {
      const { x, size, pad, channels } = conv(d);
      return tf.depthwiseConv2d(four(x), four(d.floats(...size, channels, d.int(1, 3))), d.int(1, 2), pad);
    },
    FusedDepthwiseConv2D: (d) => {
      const { x, size, pad, channels } = conv(d);
      const out = d.int(1, 3);
      const strides = d.int(1, 2);
      const bias = d.floats(channels * out) as tf.Tensor1D;
      const filter = four(d.floats(...size, channels, out));
      return tf.fused.depthwiseConv2d({ x: four(x), filter, strides, pad, bias, activation: activation(d) });
    },
    DepthwiseConv2dNativeBackpropFilter: depthwiseGradients,
    DepthwiseConv2dNativeBackpropInput: depthwiseGradients,
    Conv3D: (d) =>
      tf.conv3d(five(d.floats(1, 3, 4, 3, 2)), five(d.floats(2, 2, 2, 2, 3)), d.int(1, 2), "same"),
    Conv3DBackpropFilterV2: conv3dGradients,
    Conv3DBackpropInputV2: conv3dGradients,
    MaxPool: (d) => tf.maxPool(four(image(d)), ...pool(d)),
    AvgPool: (d) => tf.avgPool(four(image(d)), ...pool(d)),
    MaxPoolGrad: (d) => {
      const options = pool(d);
      return gradients((x) => tf.maxPool(four(x), ...options), d.floats(2, 5, 6, d.int(1, 5)));
    },
    // Inside the image: where a window reaches out, cpu is wrong.
    AvgPoolGrad: (d) => {
      const [size, strides] = pool(d);
      return gradients((x) => tf.avgPool(four(x), size, strides, "valid"), d.floats(2, 5, 6, d.int(1, 5)));
    },
    MaxPool3D: (d) => tf.maxPool3d(five(d.floats(1, 4, 5, 4, 2)), d.int(1, 3), d.int(1, 2), "same"),
    AvgPool3D: (d) => tf.avgPool3d(five(d.floats(1, 4, 5, 4, 2)), d.int(1, 3), d.int(1, 2), "same"),
    MaxPool3DGrad: (d) => gradients((x) => tf.maxPool3d(five(x), 2, 2, "same"), d.floats(1, 4, 5, 4, 2)),
    AvgPool3DGrad: (d) => gradients((x) => tf.avgPool3d(five(x), 2, 2, "valid"), d.floats(1, 4, 5, 4, 2)),
    MaxPoolWithArgmax: (d) => {
      const { result, indexes } = tf.maxPoolWithArgmax(four(d.floats(2, 4, 4, 3)), 2, d.int(1, 2), "same");
      return [result, indexes];
    },
    Dilation2D: (d) =>
      tf.dilation2d(four(d.floats(2, 5, 5, 2)), three(d.floats(2, 2, 2)), d.int(1, 2), "same"),
    Dilation2DBackpropFilter: dilationGradients,
    Dilation2DBackpropInput: dilationGradients,
    DepthToSpace: (d) => tf.depthToSpace(four(d.tensor([2, 3, 2, 8], "float32")), 2),
    SpaceToBatchND: (d) => tf.spaceToBatchND(d.tensor([2, 4, 6, 3]), [2, 3], [[0, 0], [0, 0]]),
    BatchToSpaceND: (d) => tf.batchToSpaceND(d.tensor([8, 2, 3, 3]), [2, 2], [[0, 1], [1, 0]]),
    CropAndResize: (d) =>
      tf.image.cropAndResize(
        four(d.floats(2, 5, 6, 3)),
        tf.abs(d.floats(3, 4)) as tf.Tensor2D,
        d.ints([3], 0, 1) as tf.Tensor1D,
        [d.int(1, 4), d.int(1, 4)],
        d.of(["bilinear", "nearest"] as const),
      ),
    ResizeBilinear: (d) => tf.image.resizeBilinear(four(image(d)), [d.int(1, 8), d.int(1, 8)], d.flip()),
    ResizeNearestNeighbor: (d) =>
      tf.image.resizeNearestNeighbor(four(image(d)), [d.int(1, 8), d.int(1, 8)], d.flip()),
    ResizeBilinearGrad: resizeGradient(tf.image.resizeBilinear),
    ResizeNearestNeighborGrad: resizeGradient(tf.image.resizeNearestNeighbor),
    FlipLeftRight: (d) => tf.image.flipLeftRight(four(image(d))),
    RotateWithOffset: (d) => tf.image.rotateWithOffset(four(image(d)), 0.1 * d.int(-9, 9), 0.5, 0.5),
    Transform: (d) =>
      tf.image.transform(
        four(d.floats(1, 5, 6, 2)),
        tf.tensor2d([[1, 0.1 * d.int(-3, 3), 1, 0, 1, -0.5, 0, 0]]),
        d.of(["nearest", "bilinear"] as const),
        d.of(["constant", "reflect", "wrap", "nearest"] as const),
      ),
    NonMaxSuppressionV3: (d) => tf.image.nonMaxSuppression(boxes(d), scores(d), 4),
    NonMaxSuppressionV4: (d) => {
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(boxes(d), scores(d), 4);
      return [selectedIndices, validOutputs];
    },
    NonMaxSuppressionV5: (d) => {
      const chosen = tf.image.nonMaxSuppressionWithScore(boxes(d), scores(d), 4, 0.5, 0.1, 0.2);
      return [chosen.selectedIndices, chosen.selectedScores];
    },
    FusedBatchNorm: (d) => {
      const x = image(d);
      const c = x.shape[3]!;
      return tf.batchNorm(x, d.floats(c), tf.abs(d.floats(c)), d.floats(c), d.floats(c), 1e-3);
    },
    LRN: (d) => tf.localResponseNormalization(four(d.floats(2, 3, 3, 5)), d.int(1, 3)),
    LRNGrad: (d) => gradients((x) => tf.localResponseNormalization(four(x), 2), d.floats(2, 3, 3, 5)),
    Complex: (d) => parts(complex(d, ...d.choice.shape)),
    Real: (d) => tf.real(complex(d, ...d.choice.shape)),
    Imag: (d) => tf.imag(complex(d, ...d.choice.shape)),
    ComplexAbs: (d) => tf.abs(complex(d, ...d.choice.shape)),
    FFT: (d) => parts(tf.spectral.fft(complex(d, 2, d.int(1, 9)))),
    IFFT: (d) => parts(tf.spectral.ifft(complex(d, 2, d.int(1, 9)))),
    Einsum: (d) => {
      const [a, b, c, e] = [d.int(1, 4), d.int(1, 4), d.int(1, 4), d.int(1, 4)];
      const of = (...shape: number[]) => d.tensor(shape, d.of(["float32", "float32", "int32"] as const));
      return [
        tf.einsum("abc,acd->abd", d.tensor([a, b, c], "float32"), d.floats(a, c, e)),
        tf.einsum("ab,bc->ca", d.floats(a, b), d.floats(b, c)),
        tf.einsum("abcd,aecd->acbe", d.floats(a, b, c, e), d.floats(a, 3, c, e)),
        tf.einsum("ab,ab->", d.floats(a, b), d.floats(a, b)),
        tf.einsum("i,j->ij", d.floats(a), d.floats(b)),
        tf.einsum("abc->cb", d.floats(a, b, c)),
        tf.einsum("ba->ab", of(a, b)),
        tf.einsum("ab,cd->dcba", d.floats(a, b), d.floats(c, e)),
        tf.einsum("a,a->a", d.floats(a), d.floats(a)),
      ];
    },
    BroadcastArgs: (d) =>
      kernel("BroadcastArgs", {
        s0: tf.tensor1d([3, 1, 2], "int32"),
        s1: tf.tensor1d(d.of([[1, 5, 1], [5, 2], [2]]), "int32"),
      }),
    LinSpace: (d) => tf.linspace(d.int(-3, 0), d.int(1, 3), d.int(1, 7)),
    Range: (d) => tf.range(d.int(-3, 3), d.int(-3, 5), d.of([1, 2, 3]), d.of(["int32", "float32"] as const)),
    OneHot: (d) => tf.oneHot(d.ints(d.choice.shape, -1, 5), d.int(1, 5), d.int(1, 3), d.int(-1, 0)),
    Bincount: (d) =>
      tf.bincount(d.ints([7], 0, 4) as tf.Tensor1D, d.tensor([7], "float32") as tf.Tensor1D, 4),
    DenseBincount: (d) =>
      tf.denseBincount(d.ints([3, 4], 0, 4) as tf.Tensor2D, d.floats(3, 4) as tf.Tensor2D, 5, d.flip()),
    Multinomial: (d) => tf.multinomial(d.floats(3, 4) as tf.Tensor2D, 5, d.int(1, 99)),
    ScatterNd: (d) => tf.scatterND(d.ints([4, 1], 0, 4), d.tensor([4, 2]), [5, 2]),
    SearchSorted: (d) =>
      tf.searchSorted(tf.tensor2d([[-1, 0, 0.5, 2]]), d.floats(1, 5), d.of(["left", "right"] as const)),
    SparseToDense: (d) =>
      tf.sparseToDense(tf.tensor1d([0, 2, 3], "int32"), d.tensor([3]), [5], tf.scalar(0, d.choice.dtype)),
    SparseFillEmptyRows: (d) => {
      const filled = tf.sparse.sparseFillEmptyRows(
        tf.tensor2d([[0, 1], [d.int(0, 2), 3], [3, 0]], undefined, "int32"),
        d.floats(3) as tf.Tensor1D,
        tf.tensor1d([5, 6], "int32"),
        tf.scalar(-1),
      );
      return Object.values(filled);
    },
    SparseReshape: () =>
      Object.values(
        tf.sparse.sparseReshape(
          tf.tensor2d([[0, 0, 0], [0, 1, 1], [1, 0, 2]], undefined, "int32"),
          tf.tensor1d([2, 3, 6], "int32"),
          tf.tensor1d([9, -1], "int32"),
        ),
      ),
    SparseSegmentMean: (d) => tf.sparse.sparseSegmentMean(...segments(d)),
    SparseSegmentSum: (d) => tf.sparse.sparseSegmentSum(...segments(d)),
    RaggedGather: (d) => {
      const got = tf.raggedGather(
        [tf.tensor1d([0, 2, 3, 6], "int32")],
        d.floats(6),
        d.ints([3], 0, 2),
        1,
      );
      return [...got.outputNestedSplits, got.outputDenseValues];
    },
    RaggedRange: (d) => {
      const got = tf.raggedRange(
        d.ints([3], 0, 2) as tf.Tensor1D,
        d.ints([3], 2, 6) as tf.Tensor1D,
        tf.tensor1d([1, 2, 1], "int32"),
      );
      return [got.rtNestedSplits, got.rtDenseValues];
    },
    RaggedTensorToTensor: (d) =>
      tf.raggedTensorToTensor(
        tf.tensor1d([4, 4], "int32"),
        d.floats(6),
        tf.scalar(-1),
        [tf.scalar(6, "int32"), tf.tensor1d([0, 0, 0, 2, 2, 3], "int32")],
        ["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
      ),
    StaticRegexReplace: () => tf.string.staticRegexReplace(tf.tensor1d(["a1", "22", ""]), "[0-9]", "x", true),
    StringNGrams: () => {
      const made = tf.string.stringNGrams(
        tf.tensor1d(["a", "b", "c", "d"]),
        tf.tensor1d([0, 3, 4], "int32"),
        "|",
        [1, 2],
        "l",
        "r",
        -1,
        false,
      );
      return [made.nGrams, made.nGramsSplits];
    },
    StringSplit: () =>
      Object.values(tf.string.stringSplit(tf.tensor1d(["a b", " c  d "]), tf.scalar(" "), true)),
    StringToHashBucketFast: () => tf.string.stringToHashBucketFast(tf.tensor1d(["a", "bc", ""]), 10),
  } satisfies Record<string, Body>,
);

/** By kernel, an operation that runs it. `Draw` is missing: it paints on a browser's canvas. */
export const everyKernel: Readonly<Record<string, Body>> = bodies;
