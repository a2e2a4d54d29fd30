import { assertEquals, assertLessOrEqual } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { mobyDick } from "../../lib/datasets/mod.ts";
import { adamw } from "../../lib/optimizers/mod.ts";
import { TextTraining } from "../../lib/training/text_training.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";

setBlasThreads(1);
await useBestBackend({ verbose: false });

const sizes = { length: 16, width: 16, heads: 2, layers: 1 };

Deno.test("no window of training reaches into the text that is held out", () => {
  /** Always draws the last place there is. */
  class LastPlace extends Rng {
    places = 0;
    override integer(n: number): number {
      this.places = n;
      return n - 1;
    }
    override split(): Rng {
      return this;
    }
  }
  const rng = new LastPlace(0);
  using training = new TextTraining({ optimizer: adamw(), sizes, batch: 2, rng });
  training.step();
  const heldOut = Math.floor(0.9 * mobyDick().tokens.length);
  const lastStart = rng.places - 1;
  // A window is `length` characters and the one that follows them.
  assertLessOrEqual(lastStart + sizes.length + 1, heldOut);
});

Deno.test("equal streams give equal starts and windows, whatever the optimizer", () => {
  using a = new TextTraining({ optimizer: adamw(), sizes, rng: new Rng(1) });
  using b = new TextTraining({ optimizer: adamw({ learningRate: 0 }), sizes, rng: new Rng(1) });
  using c = new TextTraining({ optimizer: adamw(), sizes, rng: new Rng(2) });
  const first = [a, b, c].map((training) => training.step());
  assertEquals(first[0], first[1]);
  assertEquals(first[0] === first[2], false);
});

Deno.test("held-out loss: the mean over all windows, whatever the batch; texts stay in the alphabet", () => {
  using a = new TextTraining({ optimizer: adamw(), sizes, batch: 7, rng: new Rng(1) });
  using b = new TextTraining({ optimizer: adamw(), sizes, batch: 50, rng: new Rng(1) });
  assertLessOrEqual(Math.abs(a.heldOutLoss({ windows: 60 }) - b.heldOutLoss({ windows: 60 })), 1e-5);
  // At the start all characters are alike.
  assertLessOrEqual(Math.abs(a.heldOutLoss({ windows: 60 }) - Math.log(a.alphabet.length)), 0.05);
  const text = a.write(20, { rng: new Rng(0) });
  assertEquals(text.length, 20);
  assertEquals([...text].every((character) => a.alphabet.includes(character)), true);
});
