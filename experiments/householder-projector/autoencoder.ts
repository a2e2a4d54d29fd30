/** An autoencoder of spots whose decoder has free projections or Householder projectors; its training. */
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import type { HouseholderProjector } from "../../lib/latent_directions/mod.ts";
import { adamwUpdates, MatrixOptimizer, type Parameter, warmupCosine } from "../../lib/optimizers/mod.ts";
import { blobs, PIXELS } from "./blobs.ts";
import { backward, copyDecoder, decode, type Decoder, forward, LATENTS, newDecoder } from "./decoder.ts";

const BATCH = 64;

/** Encoder and decoder; a layer whose projector is not null has the projector's matrix. */
export class Autoencoder {
  readonly encoder: DenseNetwork;
  readonly decoder: Decoder;
  /** One for each modulated layer, or none. */
  readonly projectors: HouseholderProjector[];
  readonly #gradient: Decoder;

  constructor(encoder: DenseNetwork, decoder: Decoder, projectors: HouseholderProjector[] = []) {
    this.encoder = encoder;
    this.decoder = decoder;
    this.projectors = projectors;
    this.#gradient = copyDecoder(decoder);
    this.#project();
  }

  /** One with free projections, at its start. */
  static start(rng: Rng): Autoencoder {
    const encoder = new DenseNetwork({
      widths: [PIXELS, 64, 64, LATENTS],
      activation: "silu",
      init: "pytorch",
      rng: rng.split("encoder"),
    });
    return new Autoencoder(encoder, newDecoder(rng.split("decoder")));
  }

  /** A copy of one with free projections, with these projectors in their place. */
  with(projectors: HouseholderProjector[]): Autoencoder {
    return new Autoencoder(this.encoder.clone(), copyDecoder(this.decoder), projectors);
  }

  /** Latents of pictures: outputs of the encoder, divided by their root mean square. */
  encode(pictures: Matrix): Matrix {
    return normalized(this.encoder.forward(pictures)).w;
  }

  /** Pictures of latents. */
  decode(w: Matrix): Matrix {
    return decode(this.decoder, w);
  }

  /** Mean squared error over pixels. */
  error(pictures: Matrix): number {
    const again = this.decode(this.encode(pictures));
    let sum = 0;
    for (let k = 0; k < again.data.length; k++) sum += (again.data[k] - pictures.data[k]) ** 2;
    return sum / again.data.length;
  }

  /** All that is trained. */
  parameters(): Parameter[] {
    const { start, layers, output, outputBias } = this.decoder;
    const encoder = new Matrix(1, this.encoder.parameters.length, this.encoder.parameters);
    return [
      encoder,
      start,
      output,
      outputBias,
      ...layers.flatMap(({ bias, weights }) => [bias, weights]),
      ...this.#projectionParameters(layers.map(({ projection }) => projection)),
    ].map((weights, i) => ({ name: `parameter ${i}`, weights, outputs: "rows" }));
  }

  /** Gradients of the mean squared error, in the order of {@linkcode Autoencoder.parameters}. */
  gradients(pictures: Matrix): Matrix[] {
    const gradient = this.#gradient;
    const { start, layers, output, outputBias } = gradient;
    for (const { data } of [start, output, outputBias, ...layers.flatMap((layer) => Object.values(layer))]) {
      data.fill(0);
    }
    const { parameters } = this.encoder.vjp(pictures, (z, first) => {
      const { w, scales } = normalized(z as Matrix);
      const tape = forward(this.decoder, w);
      const difference = tape.pictures.data;
      for (let k = 0; k < difference.length; k++) {
        difference[k] = 2 / pictures.data.length * (difference[k] - pictures.data[first * PIXELS + k]);
      }
      return backThroughNorm(w, scales, backward(this.decoder, tape, tape.pictures, gradient));
    });
    return [
      new Matrix(1, parameters.length, parameters),
      start,
      output,
      outputBias,
      ...layers.flatMap(({ bias, weights }) => [bias, weights]),
      ...(this.projectors.length === 0
        ? layers.map(({ projection }) => projection)
        : this.projectors.flatMap((projector, l) => {
          // The styles of the unit latents are the columns of the matrix.
          const found = projector.gradients(Matrix.identity(LATENTS), layers[l].projection.transpose());
          return [found.outputReflectors, found.inputReflectors];
        })),
    ];
  }

  /** Steps of Adam with a rate that falls from `learningRate` to zero, on pictures that are drawn anew. */
  train(options: { steps: number; learningRate: number; rng: Rng; onStep?: (step: number) => void }): void {
    const { steps, learningRate, rng, onStep } = options;
    if (steps === 0) return;
    const rate = warmupCosine(learningRate, steps);
    const optimizer = new MatrixOptimizer(
      this.parameters(),
      adamwUpdates({ learningRate: rate, weightDecay: 0 }),
    );
    for (let step = 1; step <= steps; step++) {
      optimizer.step(this.gradients(blobs(BATCH, rng)));
      this.#project();
      onStep?.(step);
    }
  }

  #projectionParameters(free: Matrix[]): Matrix[] {
    if (this.projectors.length === 0) return free;
    return this.projectors.flatMap((
      { outputReflectors, inputReflectors },
    ) => [outputReflectors, inputReflectors]);
  }

  /** Writes the projectors' matrices into the decoder. */
  #project(): void {
    this.projectors.forEach((projector, l) =>
      this.decoder.layers[l].projection.data.set(projector.matrix().data)
    );
  }
}

/** Rows divided by their root mean square, and the factors. */
function normalized(z: Matrix): { w: Matrix; scales: Float64Array } {
  const w = Matrix.zeros(z.rows, z.columns);
  const scales = new Float64Array(z.rows);
  for (let i = 0; i < z.rows; i++) {
    let sum = 0;
    for (let j = 0; j < z.columns; j++) sum += z.data[i * z.columns + j] ** 2;
    scales[i] = 1 / Math.sqrt(sum / z.columns);
    for (let j = 0; j < z.columns; j++) w.data[i * z.columns + j] = scales[i] * z.data[i * z.columns + j];
  }
  return { w, scales };
}

/** Gradient by the rows before {@linkcode normalized}. */
function backThroughNorm(w: Matrix, scales: Float64Array, dw: Matrix): Matrix {
  for (let i = 0; i < w.rows; i++) {
    let along = 0;
    for (let j = 0; j < w.columns; j++) along += w.data[i * w.columns + j] * dw.data[i * w.columns + j];
    for (let j = 0; j < w.columns; j++) {
      const k = i * w.columns + j;
      dw.data[k] = scales[i] * (dw.data[k] - w.data[k] * along / w.columns);
    }
  }
  return dw;
}
