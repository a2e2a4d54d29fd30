import * as tf from "@tensorflow/tfjs";
import { describeValue, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";
import { mobyDick } from "../datasets/mod.ts";
import { CharacterTransformer, type CharacterTransformerSizes } from "./character_transformer.ts";

/** Options of {@linkcode TextTraining}. */
export interface TextTrainingOptions {
  /** Optimizer of all weights. */
  optimizer: tf.Optimizer;
  /** Sizes of the model. Default: 2 blocks of width 64 with 4 heads, for 32 characters at a time. */
  sizes?: Partial<Omit<CharacterTransformerSizes, "alphabet">>;
  /** Windows of text per step. Default 16. */
  batch?: number;
  /** Stream of the start and of the windows. */
  rng: Rng;
}

/** Share of the text that is trained on; the rest, at its end, is held out. */
const TRAINING_SHARE = 0.9;

/**
 * A small character Transformer that learns Moby-Dick, one step at a time, on the current tfjs backend. Equal
 * `rng` means equal start and equal windows, whatever the optimizer.
 *
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an option is unknown, or `optimizer` is not a tfjs optimizer.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { muon } from "refigure/optimizers";
 * import { useBestBackend } from "refigure/tfjs";
 * import { TextTraining } from "refigure/training";
 * import { assertLess } from "@std/assert";
 *
 * await useBestBackend({ verbose: false });
 * const optimizer = muon({ others: { learningRate: 3e-3 } });
 * const sizes = { length: 16, layers: 1 };
 * using training = new TextTraining({ optimizer, sizes, batch: 8, rng: new Rng(0) });
 * const first = training.step();
 * for (let step = 1; step < 20; step++) training.step();
 * assertLess(training.heldOutLoss({ windows: 32 }), first - 0.5);
 * ```
 */
export class TextTraining implements Disposable {
  /** The model that learns. */
  readonly model: CharacterTransformer;
  /** The characters, in the order of the model's outputs. */
  readonly alphabet: string;
  readonly #tokens: Int32Array;
  readonly #optimizer: tf.Optimizer;
  readonly #windows: Rng;
  readonly #batch: number;
  readonly #length: number;

  /** A model at its start. */
  constructor(options: TextTrainingOptions) {
    requireOptions("options", options, ["optimizer", "sizes", "batch", "rng"]);
    const { optimizer, sizes = {}, batch = 16, rng } = options;
    requireOptions("sizes", sizes, ["length", "width", "heads", "layers"]);
    // Of null, tfjs cannot tell whether it is an optimizer.
    if (typeof optimizer !== "object" || optimizer === null || !(optimizer instanceof tf.Optimizer)) {
      throw new TypeError(`\`optimizer\` must be a tf.Optimizer, got ${describeValue(optimizer)}`);
    }
    requireRng("rng", rng);
    const { tokens, alphabet } = mobyDick();
    this.#batch = requireInteger("batch", batch, { min: 1 });
    const full = { length: 32, width: 64, heads: 4, layers: 2, ...sizes, alphabet: alphabet.length };
    this.model = new CharacterTransformer(full, { rng: rng.split("start") });
    this.alphabet = alphabet;
    this.#length = full.length;
    this.#tokens = tokens;
    this.#optimizer = optimizer;
    this.#windows = rng.split("windows");
  }

  /** One step on windows drawn anew. @returns The loss before it, in nats per character. */
  step(): number {
    const last = Math.floor(TRAINING_SHARE * this.#tokens.length) - this.#length - 1;
    const windows = this.#cut(Array.from({ length: this.#batch }, () => this.#windows.integer(last)));
    const variables = Object.values(this.model.variables);
    const loss = this.#optimizer.minimize(() => this.model.loss(windows), true, variables)!;
    const value = loss.dataSync()[0];
    tf.dispose([windows, loss]);
    return value;
  }

  /**
   * Loss on the held-out end of the text, in nats per character.
   *
   * @param options `windows`: how many windows, evenly spaced. Default: as many as fit side by side.
   */
  heldOutLoss(options: { windows?: number } = {}): number {
    requireOptions("options", options, ["windows"]);
    const start = Math.floor(TRAINING_SHARE * this.#tokens.length);
    const room = this.#tokens.length - 1 - start;
    const count = requireInteger("windows", options.windows ?? Math.floor(room / this.#length), { min: 1 });
    const starts = Array.from(
      { length: count },
      (_, k) => start + Math.floor(k * (room - this.#length) / count),
    );
    let sum = 0;
    for (let k = 0; k < count; k += this.#batch) {
      const some = starts.slice(k, k + this.#batch);
      sum += some.length * tf.tidy(() => this.model.loss(this.#cut(some)).dataSync()[0]);
    }
    return sum / count;
  }

  /**
   * A continuation of the text by the model, drawn character by character by its probabilities.
   *
   * @param characters How many characters.
   * @param options Stream of the draws.
   */
  write(characters: number, options: { rng: Rng }): string {
    requireInteger("characters", characters);
    requireOptions("options", options, ["rng"]);
    const rng = requireRng("rng", options.rng);
    const seen = [...this.#tokens.subarray(0, this.#length)];
    for (let k = 0; k < characters; k++) {
      const logits = tf.tidy(() => {
        const window = tf.tensor2d([seen.slice(-this.#length)], [1, this.#length], "int32");
        return tf.softmax(this.model.logits(window).slice([this.#length - 1, 0], [1, -1])).dataSync();
      });
      let left = rng.uniform();
      let token = 0;
      while (token < logits.length - 1 && (left -= logits[token]) > 0) token++;
      seen.push(token);
    }
    return seen.slice(this.#length).map((token) => this.alphabet[token]).join("");
  }

  /** Frees the model and the optimizer's tensors. */
  [Symbol.dispose](): void {
    this.model.dispose();
    this.#optimizer.dispose();
  }

  /** Windows with the character after them, `[count, length + 1]`. */
  #cut(starts: readonly number[]): tf.Tensor2D {
    const width = this.#length + 1;
    const out = new Int32Array(starts.length * width);
    starts.forEach((start, k) => out.set(this.#tokens.subarray(start, start + width), k * width));
    return tf.tensor2d(out, [starts.length, width], "int32");
  }
}
