import {
  Matrix,
  requireFinite,
  requireFunction,
  requireInstance,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { engine } from "../blas/choice.ts";
import { frobeniusNorm, type Svd } from "../linalg/mod.ts";
import { type OdeOptions, type OdeSolution, solveOde } from "../numerics/ode.ts";
import { orthogonalWeights, type WeightInitializer } from "./weight_initialization.ts";

/** Options of {@linkcode DeepLinearNetwork}. */
export interface DeepLinearOptions {
  /** How each weight matrix is drawn. */
  init: WeightInitializer;
  /** Stream of the weights, split by layer. */
  rng: Rng;
}

/** Options of {@linkcode DeepLinearNetwork.decoupled}. */
export interface DecoupledOptions {
  /** End-to-end strength of every mode. */
  u0: number;
  /** Stream of the bases of the hidden layers. */
  rng: Rng;
}

/** What the inputs are like, where they are not white. */
export interface InputOptions {
  /** Input correlation, inputs x inputs. Default: the identity. */
  sigma11?: Matrix;
}

/**
 * A chain of weight matrices without activations or biases, trained on the sum of squared errors (Saxe,
 * McClelland & Ganguli 2014), all layers at once:
 * `W^l <- W^l + stepSize (prod_{i>l} W^i)^T [S31 - (prod W^i) S11] (prod_{i<l} W^i)^T`. Products of several
 * layers are never formed as square matrices: only N1 columns travel up and down the chain.
 *
 * @throws {RangeError} if there are fewer than two sizes or one is below 1; by the methods if a correlation
 * does not fit the network or is not finite.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { svd } from "refigure/linalg";
 * import { DeepLinearNetwork, linearModeStrength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sigma31 = Matrix.diagonal([3, 2]);
 * const task = svd(sigma31);
 * const net = DeepLinearNetwork.decoupled([2, 4, 2], task, { u0: 0.01, rng: new Rng(0) });
 * for (let step = 0; step < 1000; step++) net.step(sigma31, { stepSize: 1e-3 });
 * assertAlmostEquals(net.modeStrengths(task)[0], linearModeStrength({ s: 3, u0: 0.01 }, 1), 1e-2);
 * ```
 */
export class DeepLinearNetwork {
  /** Number of units per layer, inputs first. */
  readonly dims: readonly number[];
  /** All weights, layer after layer, each row by row. Writing to it changes the network. */
  readonly parameters: Float64Array;
  /** `weights[l]` is `dims[l + 1]` x `dims[l]`, a view of the parameters. */
  readonly weights: readonly Matrix[];
  /** `up[l]`: the product of the first l + 1 layers, their outputs at the unit inputs. */
  readonly #up: Matrix[];
  /** `down[l]`: the error seen at the output of layer l. */
  readonly #down: Matrix[];

  /**
   * A network with weights drawn layer by layer.
   *
   * @param dims Units per layer, inputs first.
   * @param options How the weights are drawn.
   */
  constructor(dims: readonly number[], options: DeepLinearOptions) {
    requireNumbers("dims", dims);
    requireOptions("options", options, ["init", "rng"]);
    const { init, rng } = options;
    requireFunction("init", init);
    requireRng("rng", rng);
    if (dims.length < 2) throw new RangeError(`\`dims\` must have at least two sizes, got ${dims.length}`);
    dims.forEach((size, i) => requireInteger(`dims[${i}]`, size, { min: 1 }));
    this.dims = [...dims];
    const sizes = dims.slice(1).map((rows, l) => rows * dims[l]);
    this.parameters = new Float64Array(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    this.weights = sizes.map((size, l) =>
      new Matrix(dims[l + 1], dims[l], this.parameters.subarray(at, at += size))
    );
    this.weights.forEach((w, l) => {
      const drawn = requireMatrix("init()", init(w.rows, w.columns, { rng: rng.split(l) }));
      requireSameShape("init()", drawn, w);
      w.data.set(drawn.data);
    });
    this.#up = dims.slice(1).map((rows) => Matrix.zeros(rows, dims[0]));
    this.#down = dims.slice(1).map((rows) => Matrix.zeros(rows, dims[0]));
  }

  /**
   * A network that starts aligned with the task: W^l = u0^(1/n) R_(l+1) R_l^T with orthonormal columns R, of
   * which the first are the right and the last the left singular vectors. The modes then learn independently
   * of each other.
   *
   * @param dims Units per layer, inputs first.
   * @param task Singular value decomposition of the input-output correlation.
   * @param options Strength of the start, and the stream of its bases.
   * @returns The network.
   * @throws {RangeError} if a hidden layer is narrower than the number of modes.
   */
  static decoupled(dims: readonly number[], task: Svd, options: DecoupledOptions): DeepLinearNetwork {
    requireNumbers("dims", dims);
    requireInteger("dims.length", dims.length, { min: 2 });
    requireOptions("options", options, ["u0", "rng"]);
    const { u0, rng } = options;
    requireNumber("u0", u0, { min: 0 });
    requireRng("rng", rng);
    requireTask(task);
    const modes = task.s.length;
    const n = dims.length - 1;
    const haar = orthogonalWeights();
    if (dims[0] !== task.vt.columns || dims[n] !== task.u.rows) {
      throw new RangeError(
        `\`dims\` must begin with ${task.vt.columns} and end with ${task.u.rows}, the sizes of \`task\`, ` +
          `got ${dims[0]} and ${dims[n]}`,
      );
    }
    const bases = dims.map((size, l) => {
      if (l === 0) return task.vt.transpose();
      if (l === n) return task.u;
      return haar(requireInteger(`dims[${l}]`, size, { min: modes }), modes, {
        rng: rng.split(`basis ${l}`),
      });
    });
    const strength = u0 ** (1 / n);
    let layer = 0;
    const aligned: WeightInitializer = () => {
      const from = bases[layer++];
      return matmul(bases[layer], from, { transposeB: true }).times(strength);
    };
    return new DeepLinearNetwork(dims, { init: aligned, rng });
  }

  /**
   * One step of gradient descent on the sum of squared errors.
   *
   * @param sigma31 Input-output correlation, outputs x inputs: the sum of y x^T over examples.
   * @param options The step size; the input correlation, where inputs are not white.
   * @returns The loss before the step: 1/2 |S31 - W|^2 for white inputs, else 1/2 |S31|^2 + 1/2 tr(W S11 W^T)
   * - tr(W S31^T), which differs from the squared error by a constant of the data.
   */
  step(sigma31: Matrix, options: InputOptions & { stepSize: number }): number {
    requireOptions("options", options, ["stepSize", "sigma11"]);
    const { stepSize, sigma11 } = options;
    requireNumber("stepSize", stepSize, { above: 0 });
    const loss = this.#propagate(sigma31, sigma11);
    this.#accumulate(stepSize, 1, this.parameters);
    return loss;
  }

  /**
   * The direction of steepest descent, -dL/dW.
   *
   * @param sigma31 Input-output correlation, outputs x inputs.
   * @param options The input correlation, where inputs are not white; `out`: where to write the direction, as
   * long as the parameters. Default a new array.
   * @returns The direction, layer after layer as the parameters, and the loss.
   */
  descentDirection(
    sigma31: Matrix,
    options: InputOptions & { out?: Float64Array } = {},
  ): { direction: Float64Array; loss: number } {
    requireOptions("options", options, ["sigma11", "out"]);
    const { sigma11, out = new Float64Array(this.parameters.length) } = options;
    requireLength("out", requireRealArray("out", out, "float64"), this.parameters.length);
    const loss = this.#propagate(sigma31, sigma11);
    this.#accumulate(1, 0, out);
    return { direction: out, loss };
  }

  /** The map of the whole chain, outputs x inputs. */
  endToEnd(): Matrix {
    this.#forward();
    return this.#up[this.#up.length - 1].clone();
  }

  /** Strength of every mode of a task in the network: u_a^T W v_a. */
  modeStrengths(task: Svd): Float64Array {
    requireTask(task);
    const { u, vt } = task;
    const last = this.dims.length - 1;
    if (vt.columns !== this.dims[0] || u.rows !== this.dims[last]) {
      throw new RangeError(
        `\`task\` must be ${this.dims[last]} x ${this.dims[0]} as the network, got ${u.rows} x ${vt.columns}`,
      );
    }
    const right = matmul(this.endToEnd(), task.vt, { transposeB: true });
    return task.s.map((_, mode) => {
      let sum = 0;
      for (let i = 0; i < right.rows; i++) sum += task.u.get(i, mode) * right.get(i, mode);
      return sum;
    });
  }

  /** A conserved quantity of gradient flow: |W^(l+1)T W^(l+1) - W^l W^lT| for each pair of neighbours. */
  balance(): number[] {
    return this.weights.slice(1).map((w, l) =>
      frobeniusNorm(gram(w).minus(gram(this.weights[l], { side: "right" })))
    );
  }

  #forward(): void {
    this.#up[0].data.set(this.weights[0].data);
    for (let l = 1; l < this.weights.length; l++) {
      matmul(this.weights[l], this.#up[l - 1], { out: this.#up[l] });
    }
  }

  /**
   * Unit inputs up, errors down. Every error comes from the old weights, so layers can be updated in any
   * order.
   */
  #propagate(sigma31: Matrix, sigma11: Matrix | undefined): number {
    const inputs = this.dims[0];
    const last = this.weights.length - 1;
    const outputs = this.dims[last + 1];
    requireFit("sigma31", sigma31, outputs, inputs);
    this.#forward();
    const map = this.#up[last];
    const error = this.#down[last];
    let loss = 0;
    if (sigma11 === undefined) {
      for (let k = 0; k < error.data.length; k++) {
        error.data[k] = sigma31.data[k] - map.data[k];
        loss += error.data[k] ** 2 / 2;
      }
    } else {
      requireFit("sigma11", sigma11, inputs, inputs);
      matmul(map, sigma11, { out: error });
      for (let k = 0; k < error.data.length; k++) {
        const s = sigma31.data[k];
        const w = map.data[k];
        loss += s * s / 2 + w * (error.data[k] / 2 - s);
        error.data[k] = s - error.data[k];
      }
    }
    for (let l = last; l > 0; l--) {
      matmul(this.weights[l], this.#down[l], { transposeA: true, out: this.#down[l - 1] });
    }
    return loss;
  }

  /** `out = beta out + factor * descent direction`. */
  #accumulate(factor: number, beta: number, out: Float64Array): void {
    const inputs = this.dims[0];
    const blas = engine();
    const first = this.#down[0].data;
    for (let k = 0; k < first.length; k++) out[k] = (beta === 0 ? 0 : beta * out[k]) + factor * first[k];
    let at = first.length;
    for (let l = 1; l < this.weights.length; l++) {
      const { rows, columns } = this.weights[l];
      const end = at + rows * columns;
      const down = this.#down[l].data;
      const up = this.#up[l - 1].data;
      const part = out.subarray(at, end);
      blas.gemm(false, true, rows, columns, inputs, factor, down, inputs, up, inputs, beta, part, columns);
      at = end;
    }
  }
}

/** Options of {@linkcode gradientFlow}. */
export interface GradientFlowOptions extends OdeOptions, InputOptions {
  /** Time constant. Default 1. */
  tau?: number;
  /** Called at every time with its number and the network at that time. */
  visit?: (index: number, net: DeepLinearNetwork) => void;
}

/**
 * Gradient flow of a network, the limit of small steps: tau dW/dt = -dL/dW, by {@linkcode solveOde}. The
 * network ends at the last time reached.
 *
 * @param net The network at the first time; it is changed.
 * @param sigma31 Input-output correlation, outputs x inputs.
 * @param times Ascending or descending; the first is the present.
 * @param options Input correlation, time constant, a visitor, and the options of {@linkcode solveOde}.
 * @returns The parameters at all times, with status and advice.
 * @throws {RangeError} if `tau` is not positive, or as {@linkcode solveOde} does.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { svd } from "refigure/linalg";
 * import { DeepLinearNetwork, gradientFlow, linearModeStrength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sigma31 = Matrix.diagonal([3, 2]);
 * const task = svd(sigma31);
 * const net = DeepLinearNetwork.decoupled([2, 4, 2], task, { u0: 0.01, rng: new Rng(0) });
 * gradientFlow(net, sigma31, [0, 1]);
 * assertAlmostEquals(net.modeStrengths(task)[0], linearModeStrength({ s: 3, u0: 0.01 }, 1), 1e-6);
 * ```
 */
export function gradientFlow(
  net: DeepLinearNetwork,
  sigma31: Matrix,
  times: ArrayLike<number>,
  options: GradientFlowOptions = {},
): OdeSolution {
  requireInstance("net", net, DeepLinearNetwork);
  requireOptions("options", options, ["sigma11", "tau", "visit", "rtol", "atol", "maxSteps"]);
  const { sigma11, tau = 1, visit, ...ode } = options;
  requireNumber("tau", tau, { above: 0 });
  if (visit !== undefined) requireFunction("visit", visit);
  const solution = solveOde(
    (_t, y, dy) => {
      net.parameters.set(y);
      net.descentDirection(sigma31, { sigma11, out: dy });
      if (tau !== 1) { for (let k = 0; k < dy.length; k++) dy[k] /= tau; }
    },
    net.parameters.slice(),
    times,
    ode,
  );
  for (let i = 0; i < solution.times.length; i++) {
    net.parameters.set(solution.states.row(i));
    visit?.(i, net);
  }
  return solution;
}

/** Throws unless `task` is a singular value decomposition. @throws {TypeError | RangeError} */
function requireTask(task: Svd): void {
  requireOptions("task", task, ["u", "s", "vt"]);
  const { u, s, vt } = task;
  requireMatrix("task.u", u);
  requireMatrix("task.vt", vt);
  requireRealArray("task.s", s, "float64");
  if (u.columns !== s.length || vt.rows !== s.length) {
    throw new RangeError(
      `\`task.u\` must have ${s.length} columns and \`task.vt\` ${s.length} rows, one per entry of ` +
        `\`task.s\`, got ${u.columns} and ${vt.rows}`,
    );
  }
  requireFinite("Cannot use `task.u`", u.data, u.columns);
  requireFinite("Cannot use `task.vt`", vt.data, vt.columns);
  requireFinite("Cannot use `task.s`", s);
}

/**
 * Throws unless a correlation has the shape that is needed and is finite.
 *
 * @throws {TypeError | RangeError}
 */
function requireFit(name: string, matrix: Matrix, rows: number, columns: number): void {
  requireMatrix(name, matrix);
  requireSameShape(name, matrix, { rows, columns });
  requireFinite(`Cannot learn \`${name}\``, matrix.data, columns);
}
