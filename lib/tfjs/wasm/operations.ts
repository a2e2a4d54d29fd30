/**
 * The element-wise operations and reductions of the `native` backend: what becomes a loop in the compiled
 * module, and for which tfjs kernel. `x`, `a`, `b` and `alpha` are vectors of four floats.
 */

/** An element-wise function. */
export interface Operation {
  /** The tfjs kernel that it serves; `Gelu` and `GeluGrad` are our own. */
  kernel: string;
  /** Its value, in AssemblyScript. */
  expression: string;
  /** A shorter way for most numbers, to the same value. */
  usual?: Usual;
}

/** A value of numbers that need no care. */
export interface Usual {
  /** The value, in AssemblyScript. */
  expression: string;
  /** Of which numbers: those for which this, as unsigned integers, is below a bound. */
  key: string;
  /** The bound. */
  below: string;
}

/** The bits of |x|, which are in the order of the numbers; those of NaN are above all others. */
const SIZE = "v128.and(x, i32x4.splat(0x7fffffff))";

/** What needs an exponential of numbers between -87 and 87. */
const moderate = (expression: string): Usual => ({ expression, key: SIZE, below: "0x42ae0000" });

/** Functions of one tensor; `alpha` is the slope or threshold of those that have one. */
export const unary: Record<string, Operation> = {
  abs: { kernel: "Abs", expression: "f32x4.abs(x)" },
  ceil: { kernel: "Ceil", expression: "f32x4.ceil(x)" },
  cos_: { kernel: "Cos", expression: "turn(x, 1)" },
  elu: {
    kernel: "Elu",
    expression: "choose(f32x4.ge(x, splat(0)), x, f32x4.sub(exp(x), splat(1)))",
    usual: moderate("choose(f32x4.ge(x, splat(0)), x, f32x4.sub(expWithin(x), splat(1)))"),
  },
  erf_: { kernel: "Erf", expression: "erf(x)" },
  exp_: { kernel: "Exp", expression: "exp(x)", usual: moderate("expWithin(x)") },
  expm1_: { kernel: "Expm1", expression: "expm1(x)" },
  floor: { kernel: "Floor", expression: "f32x4.floor(x)" },
  gelu_: { kernel: "Gelu", expression: "gelu(x)" },
  leaky_relu: {
    kernel: "LeakyRelu",
    expression: "choose(f32x4.lt(x, splat(0)), f32x4.mul(x, alpha), x)",
  },
  log_: {
    kernel: "Log",
    expression: "log(x)",
    // From 2^-126, the least that is no denormal, to the largest.
    usual: {
      expression: "logOrdinary(x)",
      key: "i32x4.sub(x, i32x4.splat(0x00800000))",
      below: "0x7f000000",
    },
  },
  log1p_: {
    kernel: "Log1p",
    expression: "log1p(x)",
    // 1 + x is 2^-24 at least, unless x is -1 or below, and less than 2^126.
    usual: {
      expression: "log1pOrdinary(x)",
      key: "i32x4.sub(f32x4.add(x, splat(1)), i32x4.splat(0x00800000))",
      below: "0x7e000000",
    },
  },
  neg: { kernel: "Neg", expression: "f32x4.neg(x)" },
  reciprocal: { kernel: "Reciprocal", expression: "f32x4.div(splat(1), x)" },
  relu: { kernel: "Relu", expression: "atLeast(x, splat(0))" },
  relu6: { kernel: "Relu6", expression: "atMost(atLeast(x, splat(0)), splat(6))" },
  round: { kernel: "Round", expression: "f32x4.nearest(x)" },
  rsqrt: { kernel: "Rsqrt", expression: "f32x4.div(splat(1), f32x4.sqrt(x))" },
  selu: {
    kernel: "Selu",
    expression:
      "f32x4.mul(splat(1.0507009873554805), choose(f32x4.ge(x, splat(0)), x, f32x4.mul(splat(1.6732632423543772), f32x4.sub(exp(x), splat(1)))))",
  },
  sigmoid_: { kernel: "Sigmoid", expression: "sigmoid(x)", usual: moderate("sigmoidWithin(x)") },
  sign: {
    kernel: "Sign",
    // NaN has none, as in the CPU backend.
    expression:
      "f32x4.sub(v128.and(f32x4.gt(x, splat(0)), splat(1)), v128.and(f32x4.lt(x, splat(0)), splat(1)))",
  },
  sin_: { kernel: "Sin", expression: "turn(x, 0)" },
  softplus_: { kernel: "Softplus", expression: "softplus(x)" },
  sqrt_: { kernel: "Sqrt", expression: "f32x4.sqrt(x)" },
  square: { kernel: "Square", expression: "f32x4.mul(x, x)" },
  step: {
    kernel: "Step",
    // x = x fails for NaN, which stays.
    expression: "choose(f32x4.eq(x, x), choose(f32x4.gt(x, splat(0)), splat(1), alpha), x)",
  },
  tanh_: { kernel: "Tanh", expression: "tanh(x)" },
};

/** Functions of two tensors. */
export const binary: Record<string, Operation> = {
  add: { kernel: "Add", expression: "f32x4.add(a, b)" },
  sub: { kernel: "Sub", expression: "f32x4.sub(a, b)" },
  mul: { kernel: "Multiply", expression: "f32x4.mul(a, b)" },
  div: { kernel: "RealDiv", expression: "f32x4.div(a, b)" },
  maximum: { kernel: "Maximum", expression: "f32x4.max(a, b)" },
  minimum: { kernel: "Minimum", expression: "f32x4.min(a, b)" },
  squared_difference: {
    kernel: "SquaredDifference",
    expression: "f32x4.mul(f32x4.sub(a, b), f32x4.sub(a, b))",
  },
  prelu: { kernel: "Prelu", expression: "choose(f32x4.lt(a, splat(0)), f32x4.mul(a, b), a)" },
  gelu_grad: { kernel: "GeluGrad", expression: "f32x4.mul(a, geluSlope(b))" },
  elu_grad: {
    kernel: "EluGrad",
    expression: "choose(f32x4.ge(b, splat(0)), a, f32x4.mul(a, f32x4.add(b, splat(1))))",
  },
};

/** Comparisons of two tensors: masks, which become the bytes of a bool tensor. */
export const comparisons: Record<string, Operation> = {
  equal: { kernel: "Equal", expression: "f32x4.eq(a, b)" },
  not_equal: { kernel: "NotEqual", expression: "f32x4.ne(a, b)" },
  greater: { kernel: "Greater", expression: "f32x4.gt(a, b)" },
  greater_equal: { kernel: "GreaterEqual", expression: "f32x4.ge(a, b)" },
  less: { kernel: "Less", expression: "f32x4.lt(a, b)" },
  less_equal: { kernel: "LessEqual", expression: "f32x4.le(a, b)" },
};

/** How numbers are gathered into one. */
export interface Reduction {
  /** The tfjs kernel that it serves. */
  kernel: string;
  /** Value of nothing. */
  start: string;
  /** Four at once. */
  vector(total: string, next: string): string;
  /** One at a time. */
  scalar(total: string, next: string): string;
}

/** Reductions of one axis to one of its entries. Sums, which round, are in kernels/sums.as. */
export const reductions: Record<string, Reduction> = {
  max_: {
    kernel: "Max",
    start: "-Infinity",
    vector: (total, next) => `f32x4.max(${total}, ${next})`,
    scalar: (total, next) => `max<f32>(${total}, ${next})`,
  },
  min_: {
    kernel: "Min",
    start: "Infinity",
    vector: (total, next) => `f32x4.min(${total}, ${next})`,
    scalar: (total, next) => `min<f32>(${total}, ${next})`,
  },
};

/**
 * Running reductions of one axis: the value of nothing, and how the next number `b` is joined to those
 * before, `a`.
 */
export const scans: Record<string, Operation & { start: string }> = {
  cumsum: { kernel: "Cumsum", start: "0", expression: "a + b" },
  cumprod: { kernel: "Cumprod", start: "1", expression: "a * b" },
};
