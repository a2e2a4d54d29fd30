/** Selection by principal directions beside scikit-learn and NumPy, and a bigram model beside one on string keys. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { odisSelect } from "../../lib/data_selection/mod.ts";
import { IntegerBigramModel } from "../../lib/language_models/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

const DOCUMENTS = 1_000_000;
const SCORES = 11;
const BUDGET = 50_000;
const DIRECTIONS = 4;

/** Scores with a common part, so that directions have variances that differ; the same numbers in Python. */
function scores(): Matrix {
  const x = new Matrix(DOCUMENTS, SCORES, new Float64Array(DOCUMENTS * SCORES));
  let k = 0;
  for (let i = 0; i < DOCUMENTS; i++) {
    const common = i * 0.5698402909980532 % 1;
    for (let j = 0; j < SCORES; j++, k++) x.data[k] = k * 0.7548776662466927 % 1 + common * j / SCORES;
  }
  return x;
}

const TOKENS = 1_000_000;
const VOCABULARY = 20_000;

/** Documents of 500 tokens; token t has a share of about 1 / (t + 1), as words of a language. */
function corpus(rng: Rng): Int32Array[] {
  return Array.from(
    { length: TOKENS / 500 },
    () => Int32Array.from({ length: 500 }, () => Math.floor((VOCABULARY + 1) ** rng.uniform()) - 1),
  );
}

/** Witten-Bell as it is first written down: pairs as strings in a map. Returns bits per token of `held`. */
function bitsWithStrings(trained: readonly Int32Array[], held: readonly Int32Array[]): number {
  const pairs = new Map<string, number>();
  const [counts, followed, successors] = [0, 1, 2].map(() => new Map<number, number>());
  const addTo = <Key>(map: Map<Key, number>, key: Key) => {
    const count = (map.get(key) ?? 0) + 1;
    map.set(key, count);
    return count;
  };
  for (const document of trained) {
    document.forEach((token, i) => {
      addTo(counts, token);
      if (i === 0) return;
      const before = document[i - 1];
      addTo(followed, before);
      if (addTo(pairs, `${before} ${token}`) === 1) addTo(successors, before);
    });
  }
  let bits = 0;
  for (const document of held) {
    document.forEach((token, i) => {
      const before = i === 0 ? -1 : document[i - 1];
      const alone = ((counts.get(token) ?? 0) + counts.size / VOCABULARY) / (TOKENS + counts.size);
      const n = followed.get(before) ?? 0;
      const types = successors.get(before) ?? 0;
      const pair = pairs.get(`${before} ${token}`) ?? 0;
      bits -= Math.log2(n === 0 ? alone : (pair + types * alone) / (n + types));
    });
  }
  return bits / TOKENS;
}

export const cases: BenchCase[] = [
  {
    what: `bigram model, ${TOKENS} tokens counted and as many scored`,
    peer: "pairs as strings",
    setup() {
      const [trained, held] = [0, 1].map((seed) => corpus(new Rng(seed)));
      const score = () => {
        const model = new IntegerBigramModel({ vocabularySize: VOCABULARY });
        model.train(trained);
        return model.bitsPerToken(held);
      };
      return {
        ours: () => void score(),
        peer: () => void bitsWithStrings(trained, held),
        error: () => Math.abs(score() / bitsWithStrings(trained, held) - 1),
      };
    },
  },
  {
    what: `ODiS of ${DOCUMENTS} x ${SCORES}, ${BUDGET} in ${DIRECTIONS} directions`,
    peer: "scikit-learn, numpy",
    async setup() {
      const x = scores();
      const select = () => odisSelect(x, BUDGET, { directions: DIRECTIONS, clip: 0 }).indices;
      const peer = await python("scikit-learn, numpy", {
        // Of every list the first documents that no earlier turn has taken, as ours.
        setup: `import numpy as np
from sklearn.decomposition import PCA
x = (np.arange(${DOCUMENTS * SCORES}) * 0.7548776662466927 % 1).reshape(${DOCUMENTS}, ${SCORES})
x += (np.arange(${DOCUMENTS}) * 0.5698402909980532 % 1)[:, None] * np.arange(${SCORES}) / ${SCORES}
def select():
    pca = PCA()
    along = pca.fit_transform((x - x.mean(axis=0)) / x.std(axis=0))[:, :${DIRECTIONS}]
    along *= np.where(pca.components_[:${DIRECTIONS}].sum(axis=1) < 0, -1, 1)
    lists = []
    for k in range(${DIRECTIONS}):
        top = np.argpartition(-along[:, k], ${BUDGET})[:${BUDGET}]
        lists.append(top[np.argsort(-along[top, k])].tolist())
    taken, selected, next = set(), [], [0] * ${DIRECTIONS}
    for turn in range(${BUDGET}):
        k = turn % ${DIRECTIONS}
        while lists[k][next[k]] in taken:
            next[k] += 1
        selected.append(lists[k][next[k]])
        taken.add(selected[-1])
    return selected`,
        run: "selected = select()",
        value: "selected",
      });
      return {
        ours: () => void select(),
        peer,
        // The share of documents that the other side does not select.
        error: async () => {
          const theirs = new Set(await peer.value());
          return select().filter((i) => !theirs.has(i)).length / BUDGET;
        },
      };
    },
  },
];
