/** The passes of an iterative field over tiles of points, forward, backward and along a direction. Not public. */
import { allocate, type ArrayOf, type DType, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { kernelsOf, PassStorage, type Room } from "../networks/compiled.ts";
import { add, transpose } from "../networks/entries.ts";
import { sinCos } from "../networks/sin_cos.ts";

/** Sizes of a field. */
export interface FieldSizes {
  inputs: number;
  width: number;
  hiddenLayers: number;
  state: number;
  frequencies: number;
  passes: number;
}

/** Where a field's parameters are. */
export interface FieldLayout extends FieldSizes {
  /** Features of a point, and of one of its coordinates. */
  features: number;
  each: number;
  /** Place of the first l and h. */
  start: number;
  /** Places of the weights and biases of each layer, and its sizes. */
  layers: { weights: number; biases: number; inputs: number; outputs: number }[];
  /** How many parameters there are. */
  count: number;
}

/**
 * Slopes of the rectifiers for positive and for negative numbers. They are looked up by the sign bit: signs come in no
 * order, and a branch that is predicted wrongly every other time costs more than all else in a loop. Zero is taken for
 * negative, as PyTorch does (the bits of zero minus one are).
 */
const SLOPES = Float64Array.of(1, 0.01);

/** Numbers of one layer's activations in a tile: a pass of a tile stays in the second-level cache. */
const TILE = 4096;

/** The places of all parameters. */
export function layoutOf(sizes: FieldSizes): FieldLayout {
  const { inputs, width, hiddenLayers, state, frequencies } = sizes;
  const each = 1 + 2 * frequencies;
  const features = inputs * each;
  const start = 2 * frequencies;
  const widths = [features + 1 + state, ...Array.from({ length: hiddenLayers }, () => width), 1 + state];
  const layers: FieldLayout["layers"] = [];
  let count = start + 1 + state;
  for (let l = 0; l + 1 < widths.length; l++) {
    const weights = count;
    const biases = weights + widths[l] * widths[l + 1];
    count = biases + widths[l + 1];
    layers.push({ weights, biases, inputs: widths[l], outputs: widths[l + 1] });
  }
  return { ...sizes, each, features, start, layers, count };
}

/**
 * Arrays of a tile of points. Most have room for twice as many rows: activations are followed by their derivatives in
 * the direction of the hinge; derivatives of the cross-entropy (deltas) by those of the last logit. So a single product
 * sums both parts of a weight's gradient.
 */
interface PassArrays<Data> {
  /** A copy: biases are added by compiled loops. */
  parameters: Data;
  /** Transposed weights of each layer, which are faster to multiply by. */
  transposed: Data[];
  logits: Data[];
  /** sin and cos of x_a f, for the cosines' frequencies then the sines', of each coordinate. */
  angles: Data;
  sin: Data;
  cos: Data;
  /** gamma, and its derivatives by the coordinate that each feature belongs to. */
  features: Data;
  slopes: Data;
  /** What features give to the first layer, the same in all passes. */
  common: Data;
  /** l and h before each pass, h with its e(i). */
  states: Data[];
  /** `[pass][layer]`, after the rectifier. */
  activations: Data[][];
  outputs: Data;
  deltas: Data[][];
  outputDeltas: Data[];
  /** Deltas of the first layer, summed over passes. */
  deltaSum: Data;
  featureDeltas: Data;
  cotangents: Data;
  before: Data;
  ones: Data;
}

function newPassArrays<Data>(layout: FieldLayout, capacity: number, room: Room<Data>): PassArrays<Data> {
  const { inputs, width, hiddenLayers, state, frequencies, passes, features, count } = layout;
  const list = (length: number, entries: number) => Array.from({ length }, () => room(entries));
  const layers = () => Array.from({ length: passes }, () => list(hiddenLayers, 2 * capacity * width));
  const angles = capacity * inputs * 2 * frequencies;
  return {
    parameters: room(count),
    transposed: layout.layers.map((layer) => room(layer.inputs * layer.outputs)),
    logits: list(passes + 1, capacity),
    angles: room(angles),
    sin: room(angles),
    cos: room(angles),
    features: room(2 * capacity * features),
    slopes: room(capacity * features),
    common: room(2 * capacity * width),
    states: list(passes + 1, 2 * capacity * (1 + state)),
    activations: layers(),
    outputs: room(2 * capacity * (1 + state)),
    deltas: layers(),
    outputDeltas: list(passes, 2 * capacity * (1 + state)),
    deltaSum: room(2 * capacity * width),
    featureDeltas: room(2 * capacity * features),
    cotangents: room(2 * capacity * (1 + state)),
    before: room(2 * capacity * (1 + state)),
    ones: room(capacity),
  };
}

/** Forward and backward passes over tiles of points. */
export class Passes<Data extends RealArray> {
  readonly #layout: FieldLayout;
  readonly #parameters: Data;
  readonly #dtype: DType;
  #capacity = 0;
  #storage!: PassStorage<DType, PassArrays<Data>>;
  /** The arrays of the pass that runs. */
  #own!: PassArrays<Data>;
  #x!: Data;
  /** e(i), pass by pass. */
  readonly #encoding: Data;

  constructor(layout: FieldLayout, parameters: Data, dtype: DType) {
    this.#layout = layout;
    this.#parameters = parameters;
    this.#dtype = dtype;
    this.#encoding = allocate(dtype, layout.passes * layout.state) as ArrayOf<DType> as Data;
    for (let i = 0; i < layout.passes; i++) {
      for (let j = 0; j < layout.state; j++) {
        const angle = 2 ** Math.floor(j / 2) * i;
        this.#encoding[i * layout.state + j] = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
  }

  /** Logits before the first pass, and after each: `logits[i + 1]` is that of pass i. */
  get logits(): Data[] {
    return this.#own.logits;
  }

  /** Calls `after` with the number of points and the first one of each tile, after the forward passes. */
  eachTile(
    x: Data,
    after: (rows: number, from: number) => void,
    { keep = false }: { keep?: boolean } = {},
  ): void {
    const { inputs, width } = this.#layout;
    const count = x.length / inputs;
    const tile = Math.max(16, Math.floor(TILE / width));
    const capacity = Math.min(tile, count);
    if (this.#storage === undefined || capacity > this.#capacity) {
      this.#capacity = capacity;
      this.#storage = new PassStorage<DType, PassArrays<Data>>(
        this.#dtype,
        (room) => newPassArrays(this.#layout, capacity, room as unknown as Room<Data>),
      );
    }
    this.#storage.use((own) => {
      this.#own = own;
      own.ones.fill(1);
      own.parameters.set(this.#parameters);
      this.#layout.layers.forEach(({ inputs, outputs }, l) => {
        transpose(this.#weights(l), outputs, inputs, own.transposed[l]);
      });
      for (let from = 0; from < count; from += tile) {
        const rows = Math.min(tile, count - from);
        this.#x = x.subarray(from * inputs, (from + rows) * inputs) as Data;
        this.#forward(rows, keep);
        after(rows, from);
      }
    });
  }

  /** The weights of a layer from one of its inputs on, and its biases. */
  #weights(l: number, from = 0): Data {
    const { weights, biases } = this.#layout.layers[l];
    return this.#own.parameters.subarray(weights + from, biases) as Data;
  }

  /**
   * `out = a W^T + beta out` with the weights of a layer for `columns` of its inputs, `from` one on. Default: all.
   */
  #timesLayer(
    l: number,
    rows: number,
    a: Data,
    beta: number,
    out: Data,
    { from = 0, columns = this.#layout.layers[l].inputs }: { from?: number; columns?: number } = {},
  ): void {
    const { inputs, outputs } = this.#layout.layers[l];
    if (rows === 1 || outputs === 1) {
      // A product of a vector, which has other last digits with transposed weights.
      gemm(false, true, rows, outputs, columns, a, columns, this.#weights(l, from), inputs, beta, out);
      return;
    }
    const weights = this.#own.transposed[l].subarray(from * outputs) as Data;
    gemm(false, false, rows, outputs, columns, a, columns, weights, outputs, beta, out);
  }

  #biases(l: number): Data {
    const { biases, outputs } = this.#layout.layers[l];
    return this.#own.parameters.subarray(biases, biases + outputs) as Data;
  }

  #encode(rows: number): void {
    const { inputs, frequencies, each } = this.#layout;
    const x = this.#x;
    const frequency = this.#parameters;
    const count = 2 * frequencies;
    const angles = this.#own.angles;
    let at = 0;
    for (let k = 0; k < rows * inputs; k++) {
      for (let j = 0; j < count; j++) angles[at++] = x[k] * frequency[j];
    }
    sinCos(angles, at, this.#own.sin, this.#own.cos);
    const features = this.#own.features;
    const slopes = this.#own.slopes;
    const sin = this.#own.sin;
    const cos = this.#own.cos;
    for (let k = 0; k < rows * inputs; k++) {
      let out = k * each;
      let from = k * count;
      features[out] = x[k];
      slopes[out++] = 1;
      for (let j = 0; j < frequencies; j++, out++, from++) {
        features[out] = cos[from];
        slopes[out] = -frequency[j] * sin[from];
      }
      for (let j = frequencies; j < count; j++, out++, from++) {
        features[out] = sin[from];
        slopes[out] = frequency[j] * cos[from];
      }
    }
  }

  #forward(rows: number, keep: boolean): void {
    const { width, state, passes, features, start, hiddenLayers } = this.#layout;
    const columns = 1 + state;
    const common = this.#own.common;
    this.#encode(rows);
    this.#timesLayer(0, rows, this.#own.features, 0, common, { columns: features });
    const first = this.#own.states[0];
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) first[r * columns + j] = this.#parameters[start + j];
      this.logits[0][r] = this.#parameters[start];
    }
    for (let i = 0; i < passes; i++) {
      const now = this.#own.states[keep ? i : 0];
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < state; j++) now[r * columns + 1 + j] += this.#encoding[i * state + j];
      }
      const own = this.#own.activations[keep ? i : 0];
      own[0].set(common.subarray(0, rows * width));
      this.#timesLayer(0, rows, now, 1, own[0], { from: features, columns });
      rectify(own[0], this.#biases(0), rows);
      for (let l = 1; l < hiddenLayers; l++) {
        this.#timesLayer(l, rows, own[l - 1], 0, own[l]);
        rectify(own[l], this.#biases(l), rows);
      }
      const last = own[hiddenLayers - 1];
      this.#timesLayer(hiddenLayers, rows, last, 0, this.#own.outputs);
      addBiases(this.#own.outputs, this.#biases(hiddenLayers), rows);
      const next = this.#own.states[keep ? i + 1 : 0];
      const logits = this.logits[i + 1];
      const before = this.logits[i];
      for (let r = 0; r < rows; r++) {
        const row = r * columns;
        logits[r] = before[r] + this.#own.outputs[row];
        next[row] = logits[r];
        for (let j = 1; j < columns; j++) next[row + j] = this.#own.outputs[row + j];
      }
    }
  }

  /** The sum over points and passes of the binary cross-entropy. */
  crossEntropy(rows: number, labels: RealArray): number {
    let sum = 0;
    for (let i = 1; i <= this.#layout.passes; i++) {
      const logits = this.logits[i];
      for (let r = 0; r < rows; r++) {
        const l = logits[r];
        sum += (l > 0 ? l : 0) - l * labels[r] + Math.log1p(Math.exp(-Math.abs(l)));
      }
    }
    return sum;
  }

  /**
   * Derivatives by all pre-activations: of `weight` times the summed cross-entropy if `labels` are given, and after
   * them those of each point's last logit if `field` is set.
   */
  backward(
    rows: number,
    { labels, weight = 1, field = false }: { labels?: RealArray; weight?: number; field?: boolean },
  ): void {
    const { width, state, passes, features, hiddenLayers, layers } = this.#layout;
    const columns = 1 + state;
    const fieldRow = labels === undefined ? 0 : rows;
    const total = fieldRow + (field ? rows : 0);
    const cotangents = this.#own.cotangents.fill(0, 0, total * columns) as Data;
    const before = this.#own.before;
    const deltaSum = this.#own.deltaSum.fill(0, 0, total * width) as Data;
    for (let i = passes - 1; i >= 0; i--) {
      if (labels !== undefined) {
        const logits = this.logits[i + 1];
        for (let r = 0; r < rows; r++) {
          cotangents[r * columns] += weight * (1 / (1 + Math.exp(-logits[r])) - labels[r]);
        }
      }
      if (field && i === passes - 1) {
        for (let r = fieldRow; r < total; r++) cotangents[r * columns] = 1;
      }
      const own = this.#own.deltas[i];
      const activations = this.#own.activations[i];
      this.#own.outputDeltas[i].set(cotangents.subarray(0, total * columns));
      const last = hiddenLayers - 1;
      gemm(
        false,
        false,
        total,
        width,
        columns,
        cotangents,
        columns,
        this.#weights(hiddenLayers),
        width,
        0,
        own[last],
      );
      mask(own[last], activations[last], rows * width, total * width);
      for (let l = last; l > 0; l--) {
        gemm(false, false, total, width, width, own[l], width, this.#weights(l), width, 0, own[l - 1]);
        mask(own[l - 1], activations[l - 1], rows * width, total * width);
      }
      const delta = own[0];
      add(deltaSum, delta, total * width);
      const weights = this.#weights(0, features);
      gemm(false, false, total, columns, width, delta, width, weights, layers[0].inputs, 0, before);
      for (let r = 0; r < total; r++) {
        const row = r * columns;
        cotangents[row] += before[row];
        for (let j = 1; j < columns; j++) cotangents[row + j] = before[row + j];
      }
    }
    gemm(
      false,
      false,
      total,
      features,
      width,
      deltaSum,
      width,
      this.#weights(0),
      layers[0].inputs,
      0,
      this.#own.featureDeltas,
    );
  }

  /** The gradient of the last logit by the coordinates, after `backward` with `field` alone. */
  inputGradient(rows: number, out: Data): void {
    this.#inputGradient(rows, 0, out);
  }

  #inputGradient(rows: number, firstRow: number, out: Data): void {
    const { inputs, each } = this.#layout;
    const deltas = this.#own.featureDeltas;
    const slopes = this.#own.slopes;
    const shift = firstRow * inputs * each;
    for (let k = 0; k < rows * inputs; k++) {
      let sum = 0;
      for (let j = k * each; j < (k + 1) * each; j++) sum += deltas[shift + j] * slopes[j];
      out[k] = sum;
    }
  }

  /**
   * Carries `weight` times the direction of the last logit's gradient, at points where it is longer than alpha, and
   * zero elsewhere, forward through all passes. Returns the sum of what the lengths exceed alpha by; if that is 0,
   * nothing is carried. After `backward` with labels and `field`.
   */
  hingeDirections(rows: number, alpha: number, weight: number): number {
    const { inputs, width, state, passes, features, each, hiddenLayers } = this.#layout;
    const columns = 1 + state;
    // The angles are not needed any more: their room takes the gradients.
    const direction = this.#own.angles;
    this.#inputGradient(rows, rows, direction);
    let excess = 0;
    for (let r = 0; r < rows; r++) {
      let square = 0;
      for (let a = r * inputs; a < (r + 1) * inputs; a++) square += direction[a] * direction[a];
      const length = Math.sqrt(square);
      const isOver = !(length <= alpha);
      if (isOver) excess += length - alpha;
      for (let a = r * inputs; a < (r + 1) * inputs; a++) {
        direction[a] = isOver ? weight * direction[a] / length : 0;
      }
    }
    if (excess === 0) return 0;
    const moved = this.#own.features.subarray(rows * features) as Data;
    for (let k = 0; k < rows * inputs; k++) {
      for (let j = k * each; j < (k + 1) * each; j++) moved[j] = this.#own.slopes[j] * direction[k];
    }
    const second = (all: Data) => all.subarray(rows * width) as Data;
    const common = second(this.#own.common);
    this.#timesLayer(0, rows, moved, 0, common, { columns: features });
    (this.#own.states[0].subarray(rows * columns, 2 * rows * columns) as Data).fill(0);
    for (let i = 0; i < passes; i++) {
      const now = this.#own.states[i].subarray(rows * columns) as Data;
      const own = this.#own.activations[i];
      let tangents = second(own[0]);
      tangents.set(common.subarray(0, rows * width));
      if (i > 0) this.#timesLayer(0, rows, now, 1, tangents, { from: features, columns });
      mask(tangents, own[0], rows * width, rows * width);
      for (let l = 1; l < hiddenLayers; l++) {
        const next = second(own[l]);
        this.#timesLayer(l, rows, tangents, 0, next);
        mask(next, own[l], rows * width, rows * width);
        tangents = next;
      }
      if (i === passes - 1) break;
      const outputs = this.#own.outputs;
      this.#timesLayer(hiddenLayers, rows, tangents, 0, outputs);
      const next = this.#own.states[i + 1].subarray(rows * columns) as Data;
      next.set(outputs.subarray(0, rows * columns));
      for (let r = 0; r < rows; r++) next[r * columns] += now[r * columns];
    }
    return excess;
  }

  /** Adds the tile's part of the gradient by the parameters; `both`: with that of the hinge. */
  accumulate(rows: number, gradient: Data, both: boolean): void {
    const { width, state, passes, features, start, hiddenLayers, layers } = this.#layout;
    const columns = 1 + state;
    const total = both ? 2 * rows : rows;
    const of = (l: number, from = 0) => gradient.subarray(layers[l].weights + from, layers[l].biases) as Data;
    const biasesOf = (l: number) =>
      gradient.subarray(layers[l].biases, layers[l].biases + layers[l].outputs) as Data;
    for (let i = 0; i < passes; i++) {
      const deltas = this.#own.deltas[i];
      const activations = this.#own.activations[i];
      gemm(
        true,
        false,
        width,
        columns,
        total,
        deltas[0],
        width,
        this.#own.states[i],
        columns,
        1,
        of(0, features),
        layers[0].inputs,
      );
      for (let l = 1; l < hiddenLayers; l++) {
        gemm(true, false, width, width, total, deltas[l], width, activations[l - 1], width, 1, of(l));
        this.#addSums(biasesOf(l), deltas[l], rows);
      }
      const last = activations[hiddenLayers - 1];
      gemm(
        true,
        false,
        columns,
        width,
        total,
        this.#own.outputDeltas[i],
        columns,
        last,
        width,
        1,
        of(hiddenLayers),
      );
      this.#addSums(biasesOf(hiddenLayers), this.#own.outputDeltas[i], rows);
    }
    gemm(
      true,
      false,
      width,
      features,
      total,
      this.#own.deltaSum,
      width,
      this.#own.features,
      features,
      1,
      of(0),
      layers[0].inputs,
    );
    this.#addSums(biasesOf(0), this.#own.deltaSum, rows);
    this.#addSums(gradient.subarray(start, start + columns) as Data, this.#own.cotangents, rows);
    this.#frequencies(rows, gradient, both);
  }

  /** Adds the sums of columns over the first rows: a product with ones. */
  #addSums(sums: Data, values: Data, rows: number): void {
    const columns = sums.length;
    gemm(false, false, 1, columns, rows, this.#own.ones, rows, values, columns, 1, sums);
  }

  /** The part that goes through the frequencies of the features. */
  #frequencies(rows: number, gradient: Data, both: boolean): void {
    const { inputs, frequencies, each, features } = this.#layout;
    const deltas = this.#own.featureDeltas;
    const second = rows * features;
    const count = 2 * frequencies;
    for (let k = 0; k < rows * inputs; k++) {
      const x = this.#x[k];
      const direction = both ? this.#own.angles[k] : 0;
      for (let j = 0; j < count; j++) {
        const f = this.#parameters[j];
        const s = this.#own.sin[k * count + j];
        const c = this.#own.cos[k * count + j];
        const feature = k * each + 1 + j;
        const byValue = j < frequencies ? -x * s : x * c;
        gradient[j] += deltas[feature] * byValue;
        if (direction === 0) continue;
        const bySlope = j < frequencies ? -s - f * x * c : c - f * x * s;
        gradient[j] += deltas[second + feature] * direction * bySlope;
      }
    }
  }
}

/** `out = op(a) op(b) + beta out`. */
function gemm(
  transposeA: boolean,
  transposeB: boolean,
  m: number,
  n: number,
  k: number,
  a: RealArray,
  lda: number,
  b: RealArray,
  ldb: number,
  beta: number,
  out: RealArray,
  ldc = n,
): void {
  engine().gemm(transposeA, transposeB, m, n, k, 1, a, lda, b, ldb, beta, out, ldc);
}

function addBiases(values: RealArray, biases: RealArray, rows: number): void {
  const width = biases.length;
  let k = 0;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j++, k++) values[k] += biases[j];
  }
}

/** Adds the biases to all rows and rectifies. */
function rectify(values: RealArray, biases: RealArray, rows: number): void {
  const width = biases.length;
  const run = kernelsOf(values);
  if (run !== null) {
    const compiled = values instanceof Float32Array ? run.rectify32 : run.rectify64;
    compiled(values.byteOffset, biases.byteOffset, rows, width, SLOPES[1]);
    return;
  }
  const signs = wordsOf(values);
  // The word with the sign of a double is its second one.
  const wide = values instanceof Float32Array ? 0 : 1;
  for (let row = 0; row < rows * width; row += width) {
    for (let j = 0; j < width; j++) {
      const k = row + j;
      values[k] += biases[j];
      values[k] *= SLOPES[(signs[(k << wide) + wide] - 1) >>> 31];
    }
  }
}

/** Multiplies by the rectifiers' slopes, which the signs of `period` activations tell, again and again. */
function mask(values: RealArray, activations: RealArray, period: number, count: number): void {
  const run = kernelsOf(values);
  if (run !== null) {
    const compiled = values instanceof Float32Array ? run.mask32 : run.mask64;
    for (let from = 0; from < count; from += period) {
      const at = values.byteOffset + from * values.BYTES_PER_ELEMENT;
      compiled(at, activations.byteOffset, period, SLOPES[1]);
    }
    return;
  }
  const signs = wordsOf(activations);
  const wide = values instanceof Float32Array ? 0 : 1;
  for (let from = 0; from < count; from += period) {
    for (let k = 0; k < period; k++) {
      values[from + k] *= SLOPES[(signs[(k << wide) + wide] - 1) >>> 31];
    }
  }
}

/** The same memory in words of 32 bits. */
function wordsOf({ buffer, byteOffset, byteLength }: RealArray): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
