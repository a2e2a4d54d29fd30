import * as tf from "@tensorflow/tfjs";
import {
  ComplexMatrix,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  Rng,
} from "../../arrays/mod.ts";
import { complexMatmul } from "../../blas/mod.ts";
import { complexSolve } from "../../linalg/mod.ts";
import { legsNormalEigenvectors, legsNormalSpectrum } from "../legs_spectrum.ts";
import { ptdSsm } from "../ptd.ts";
import { requirePairs } from "../check.ts";
import { SCAN_METHODS, type ScanMethod } from "../recurrence.ts";
import { constant, fromOwnConfig, LAYER_ARGS, type LayerArgs } from "../../tfjs/layers.ts";
import { requireInput, requireSequence } from "./common.ts";
import { scanOp } from "./scan_op.ts";

/** Options of {@linkcode S5Layer}. */
export interface S5LayerArgs extends LayerArgs {
  /** Real state size; even for `"legs"`. Default 64. */
  dState?: number;
  /** The normal part of HiPPO-LegS (default), or perturb-then-diagonalize. */
  init?: "legs" | "ptd";
  /** Size of the perturbation for `"ptd"`. Default 0.3. */
  eps?: number;
  /** Range of the steps at the start. Default 1e-3 to 0.1. */
  dtMin?: number;
  /** See `dtMin`. */
  dtMax?: number;
  /** How states are computed. Default `"loop"`, the faster one on one processor. */
  scan?: ScanMethod;
  /** Seed of the start; a number, as a saved layer holds no stream. Default 0. */
  seed?: number;
}

/**
 * S5 as a tfjs layer, `[batch, length, features]` in and out: one diagonal model with many inputs and
 * outputs, `x[k] = A x[k-1] + B u[k]`, `y = 2 Re(C x) + D u`, zero-order hold with a step for each mode, its
 * states by a scan (Smith, Warrington & Linderman 2023, "Simplified state space layers for sequence
 * modeling").
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { S5Layer } from "refigure/ssm/layers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const layer = new S5Layer({ dState: 8, init: "ptd" });
 * const u = tf.ones([2, 13, 3]);
 * const loop = layer.apply(u) as tf.Tensor;
 * layer.scan = "parallel";
 * assertAlmostEquals(tf.max(tf.abs(tf.sub(loop, layer.apply(u) as tf.Tensor))).dataSync()[0], 0, 1e-5);
 * ```
 */
export class S5Layer extends tf.layers.Layer {
  /** Name under which tfjs saves and finds the class. */
  static className = "S5Layer";
  #scan: ScanMethod;
  readonly #args: Required<Omit<S5LayerArgs, keyof LayerArgs | "scan">>;
  #weights: tf.LayerVariable[] = [];
  #features = 0;

  /**
   * A layer without weights yet.
   *
   * @param args Sizes and the start.
   * @throws {RangeError} if a size is out of range.
   * @throws {TypeError} if an option or a name is unknown.
   */
  constructor(args: S5LayerArgs = {}) {
    requireOptions("args", args, [
      ...LAYER_ARGS,
      "dState",
      "init",
      "eps",
      "dtMin",
      "dtMax",
      "scan",
      "seed",
    ]);
    super(args);
    const { dState = 64, init = "legs", eps = 0.3, dtMin = 1e-3, dtMax = 0.1, scan = "loop", seed = 0 } =
      args;
    requireOneOf("init", init, ["legs", "ptd"]);
    if (init === "legs") requirePairs("dState", dState);
    else requireInteger("dState", dState, { min: 1 });
    requireNumber("eps", eps, { min: 0 });
    requireNumber("dtMin", dtMin, { above: 0 });
    requireNumber("dtMax", dtMax, { min: dtMin });
    requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
    this.#args = { dState, init, eps, dtMin, dtMax, seed };
    this.#scan = requireOneOf("scan", scan, SCAN_METHODS);
  }

  /** How states are computed; may be changed at any time. */
  get scan(): ScanMethod {
    return this.#scan;
  }

  set scan(scan: ScanMethod) {
    this.#scan = requireOneOf("scan", scan, SCAN_METHODS);
  }

  /** Creates the weights: `V^{-1} B` and `C V` for normal B and C. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = requireSequence(inputShape);
    this.#features = features;
    const { dState: n, init, eps, dtMin, dtMax, seed } = this.#args;
    const rng = new Rng(seed);
    const B = rng.split("B").normalMatrix(n, features, 1 / Math.sqrt(features));
    const C = rng.split("C").normalMatrix(features, n, 1 / Math.sqrt(n));
    const { lambda, V, input } = eigenbasis(n, init, eps, rng.split("E"), ComplexMatrix.fromReal(B));
    const modes = lambda.length / 2;
    const steps = rng.split("dt");
    const output = complexMatmul(ComplexMatrix.fromReal(C), V);
    const add = (name: string, shape: number[], values: Float64Array) =>
      this.addWeight(name, shape, "float32", constant(shape, values));
    const range = (f: (k: number) => number) => Float64Array.from({ length: modes }, (_, k) => f(k));
    this.#weights = [
      add("log_dt", [modes], range(() => steps.uniform(Math.log(dtMin), Math.log(dtMax)))),
      add("log_a_re", [modes], range((k) => Math.log(-lambda[2 * k]))),
      add("a_im", [modes], range((k) => lambda[2 * k + 1])),
      add("b", [modes, features, 2], input.data),
      add("c", [features, modes, 2], output.data),
      add("d", [features], rng.split("D").normals(features)),
    ];
    super.build(inputShape);
  }

  /** The shape that came in. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  /** Runs sequences. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const u = requireInput(inputs, this.#features);
      const [batch, length, features] = u.shape;
      const [logDt, logARe, aIm, b, c, D] = this.#weights.map((weight) => weight.read());
      const modes = logDt.shape[0]!;
      const aRe = tf.neg(tf.exp(logARe));
      const dt = tf.exp(logDt);
      const zRe = tf.mul(dt, aRe);
      const zIm = tf.mul(dt, aIm);
      const size = tf.exp(zRe);
      const half = tf.sin(tf.div(zIm, 2));
      // exp(z) - 1 = expm1(re) cos(im) - 2 sin^2(im / 2), i exp(re) sin(im)
      const eRe = tf.sub(tf.mul(tf.expm1(zRe), tf.cos(zIm)), tf.mul(2, tf.square(half)));
      const eIm = tf.mul(size, tf.sin(zIm));
      const d = tf.add(tf.square(aRe), tf.square(aIm));
      const gainRe = tf.div(tf.add(tf.mul(eRe, aRe), tf.mul(eIm, aIm)), d);
      const gainIm = tf.div(tf.sub(tf.mul(eIm, aRe), tf.mul(eRe, aIm)), d);
      const p = tf.reshape(tf.stack([tf.add(eRe, 1), eIm], 1), [2 * modes]) as tf.Tensor1D;
      const [bRe, bIm] = tf.unstack(b, 2);
      const column = (x: tf.Tensor) => tf.expandDims(x, 1);
      const wRe = tf.sub(tf.mul(column(gainRe), bRe), tf.mul(column(gainIm), bIm));
      const wIm = tf.add(tf.mul(column(gainRe), bIm), tf.mul(column(gainIm), bRe));
      const drive = tf.reshape(tf.transpose(tf.stack([wRe, wIm], 2), [1, 0, 2]), [features, 2 * modes]);
      const v = tf.matMul(tf.reshape(u, [batch * length, features]), drive as tf.Tensor2D);
      const x = scanOp(tf.reshape(v, [batch, length, 2 * modes]) as tf.Tensor3D, p, { method: this.scan });
      // Re(c x) = Re c Re x - Im c Im x; twice for pairs.
      const signs = tf.tensor1d(this.#args.init === "legs" ? [2, -2] : [1, -1]);
      const read = tf.transpose(tf.reshape(tf.mul(c, signs), [features, 2 * modes]));
      const y = tf.matMul(tf.reshape(x, [batch * length, 2 * modes]), read as tf.Tensor2D);
      return tf.add(tf.reshape(y, [batch, length, features]), tf.mul(u, D));
    });
  }

  /** A layer from what {@linkcode getConfig} returned, as tfjs calls it on loading. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    Class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return fromOwnConfig(Class, config);
  }

  /** The options that make the same layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#args, scan: this.scan };
  }
}

/** Poles, eigenvectors as columns, and `V^{-1} B`. */
function eigenbasis(n: number, init: "legs" | "ptd", eps: number, rng: Rng, B: ComplexMatrix) {
  if (init === "ptd") {
    const { lambda, V } = ptdSsm(n, { eps, rng });
    return { lambda, V, input: complexSolve(V, B) };
  }
  const { omega } = legsNormalSpectrum(n);
  const V = legsNormalEigenvectors(n);
  const lambda = Float64Array.from({ length: n }, (_, k) => k % 2 === 0 ? -0.5 : omega[k >> 1]);
  return { lambda, V, input: complexMatmul(V, B, { opA: "conjugate-transpose" }) };
}

tf.serialization.registerClass(S5Layer);
