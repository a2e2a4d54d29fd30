import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { BigramModel, IntegerBigramModel, wordTokens } from "../../lib/language_models/mod.ts";

/** Documents of tokens of a skewed distribution, in which each depends on the one before. */
function documents(count: number, rng: Rng): string[][] {
  return Array.from({ length: count }, () => {
    let state = rng.integer(40);
    return Array.from({ length: 50 }, () => {
      state = rng.uniform() < 0.5 ? (3 * state + 1) % 40 : Math.floor(40 * rng.uniform() ** 3);
      return `w${state}`;
    });
  });
}

Deno.test("probabilities sum to one over the vocabulary, after any token", () => {
  const model = new BigramModel({ vocabularySize: 20_000 });
  model.train(documents(20, new Rng(0)));
  const words = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
  for (const before of ["w1", "w39", "w500", undefined]) {
    let sum = 0;
    for (const word of words) sum += model.probability(word, before);
    assertAlmostEquals(sum, 1, 1e-11, before);
  }
});

Deno.test("an empty model is uniform: log2 of 20000 bits per token", () => {
  const model = new BigramModel();
  assertAlmostEquals(model.bitsPerToken([["a", "b"], ["c"]]), Math.log2(20_000), 1e-12);
  assertAlmostEquals(model.bitsPerToken([["a"]]), 14.2877, 5e-5);
  model.train([]);
  assertAlmostEquals(model.bitsPerToken([["a"]]), Math.log2(20_000), 1e-12);
});

Deno.test("counts worked out by hand", () => {
  // "a b a c": n = 4, U = 3; after a: b, c; after b: a; nothing after c.
  const model = new BigramModel({ vocabularySize: 10 });
  model.train([["a", "b", "a", "c"]]);
  const p1 = (count: number) => (count + 0.3) / 7;
  assertAlmostEquals(model.probability("a"), p1(2), 1e-15);
  assertAlmostEquals(model.probability("d"), p1(0), 1e-15);
  assertAlmostEquals(model.probability("b", "a"), (1 + 2 * p1(1)) / 4, 1e-15);
  assertAlmostEquals(model.probability("a", "a"), (0 + 2 * p1(2)) / 4, 1e-15);
  assertAlmostEquals(model.probability("a", "b"), (1 + p1(2)) / 2, 1e-15);
  assertAlmostEquals(model.probability("a", "c"), p1(2), 1e-15);
  assertAlmostEquals(model.probability("a", "never"), p1(2), 1e-15);
  const bits = -Math.log2(p1(2)) - Math.log2((1 + 2 * p1(1)) / 4);
  assertAlmostEquals(model.bitsPerToken([["a", "b"]]), bits / 2, 1e-14);
  // The next document starts afresh.
  assertAlmostEquals(model.bitsPerToken([["a"], ["b"]]), -(Math.log2(p1(2)) + Math.log2(p1(1))) / 2, 1e-14);
});

Deno.test("training in parts is training at once, and more text of the same kind costs fewer bits", () => {
  const all = documents(200, new Rng(1));
  const held = documents(40, new Rng(2));
  const once = new BigramModel();
  once.train(all);
  const parts = new BigramModel();
  const bits = [parts.bitsPerToken(held)];
  for (const [from, to] of [[0, 10], [10, 50], [50, 200]]) {
    parts.train(all.slice(from, to));
    bits.push(parts.bitsPerToken(held));
  }
  assertAlmostEquals(bits[3], once.bitsPerToken(held), 1e-12);
  for (let k = 1; k < bits.length; k++) assert(bits[k] < bits[k - 1], bits.join());
});

Deno.test("wordTokens: words with apostrophes, runs of digits, single characters", () => {
  assertEquals(wordTokens("f(x) = 10.5; Élan's 😀"), [
    "f",
    "(",
    "x",
    ")",
    "=",
    "10",
    ".",
    "5",
    ";",
    "é",
    "lan's",
    "😀",
  ]);
  assertEquals(wordTokens(" \n"), []);
});

Deno.test("integers give the numbers of strings, through all sizes of the table of pairs", () => {
  const rng = new Rng(3);
  const trained = Array.from({ length: 40 }, () => Int32Array.from({ length: 500 }, () => rng.integer(3000)));
  const held = trained.map((document) => document.toReversed());
  const words = (documents: Int32Array[]) => documents.map((document) => Array.from(document, String));
  const strings = new BigramModel({ vocabularySize: 5000 });
  const integers = new IntegerBigramModel({ vocabularySize: 5000 });
  for (const part of [trained.slice(0, 2), trained.slice(2)]) {
    strings.train(words(part));
    integers.train(part);
    assertEquals(integers.bitsPerToken(held), strings.bitsPerToken(words(held)));
  }
  // By a count of its own.
  const pairs = new Map<string, number>();
  for (const document of trained) {
    document.forEach((token, i) => {
      const key = `${document[i - 1]} ${token}`;
      if (i > 0) pairs.set(key, (pairs.get(key) ?? 0) + 1);
    });
  }
  const [before, token] = [trained[7][100], trained[7][101]];
  const followed = [...pairs].filter(([key]) => key.startsWith(`${before} `));
  const total = followed.reduce((sum, [, count]) => sum + count, 0);
  const expected = (pairs.get(`${before} ${token}`)! + followed.length * integers.probability(token)) /
    (total + followed.length);
  assertAlmostEquals(integers.probability(token, before), expected, 1e-15);
  assertEquals(integers.probability(-1, before), integers.probability(4999, before));
  assertThrows(() => integers.train([[1, 5000]]), RangeError, "`documents[0][1]`");
  assertThrows(() => integers.train([[-1]]), RangeError, "`documents[0][0]`");
  assertThrows(() => integers.train([[1.5]]), RangeError, "`documents[0][0]`");
  assertThrows(() => integers.train(3 as never), TypeError, "`documents`");
  assertThrows(() => integers.bitsPerToken([]), RangeError, "at least one token");
});

Deno.test("bad input is refused by name, and leaves the model as it was", () => {
  const model = new BigramModel({ vocabularySize: 2 });
  assertThrows(
    () => model.train([["a", "b", "c"]]),
    RangeError,
    "`documents` must have at most 2 distinct tokens",
  );
  assertAlmostEquals(model.bitsPerToken([["a"]]), 1, 1e-15);
  assertThrows(() => model.train("ab" as never), TypeError, "`documents`");
  assertThrows(() => model.train(["ab"] as never), TypeError, "`documents[0]`");
  assertThrows(() => model.train([["a", 3]] as never), TypeError, "`documents[0][1]`");
  assertThrows(() => model.bitsPerToken([[]]), RangeError, "at least one token");
  assertThrows(() => new BigramModel({ vocabularySize: 0 }), RangeError, "`vocabularySize`");
  assertThrows(() => new BigramModel({ size: 3 } as never), TypeError, "size");
});
