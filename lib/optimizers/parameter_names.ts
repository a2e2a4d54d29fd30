/** What can be inferred from the name of a parameter. Not public. */

/** Tables that are looked up, not multiplied by. */
const EMBEDDING = new Set([
  ..."emb embs embed embeds embedding embeddings embedder unembed unembedding wte wpe".split(" "),
]);
/** The scores of an output. */
const LOGITS = new Set(["logit", "logits"]);
/** Beside "head" these say that it is one of several in an attention, and no output. */
const ATTENTION = new Set([
  ..."attention attentions attn multi multihead mha mhsa mqa gqa talking".split(" "),
]);
/** What is applied entry by entry: vectors side by side, though there may be as many as make a matrix. */
const ENTRYWISE = new Set([
  ..."bias biases alpha beta gamma gain scale scales shift mean variance std".split(" "),
  // Of state space models: logarithms of positive numbers, parts of complex ones, steps.
  ..."log re im real imag dt".split(" "),
]);

/** The words of one part of a name: `lm_head_2`, `lmHead2` and `LM-head` have "lm" and "head". */
function wordsOf(part: string): string[] {
  const words = part.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}

const has = (words: readonly string[], set: ReadonlySet<string>) => words.some((word) => set.has(word));

/** Whether a name is that of an embedding, or of an output head that is not a head of an attention. */
export function isEmbeddingOrHead(name: string): boolean {
  const parts = name.split("/").map(wordsOf);
  return parts.some((words, i) => {
    if (has(words, EMBEDDING) || has(words, LOGITS)) return true;
    // A part that is only "head" is qualified by the part before it.
    const around = words.length === 1 && i > 0 ? [...words, ...parts[i - 1]] : words;
    return words.includes("head") && !has(around, ATTENTION);
  });
}

/** Whether the weight itself, the last part of the name, is something that is applied entry by entry. */
export function isEntrywise(name: string): boolean {
  return has(wordsOf(name.slice(name.lastIndexOf("/") + 1)), ENTRYWISE);
}

/** What a kernel of rank 4 does, as far as the names that tfjs gives to layers and weights say. */
export function kernelOf(name: string): "convolution" | "transposed" | "depthwise" {
  const parts = name.split("/").map(wordsOf);
  const weight = parts[parts.length - 1];
  if (weight.includes("depthwise")) return "depthwise";
  return parts.slice(0, -1).some((words) => words.includes("conv") && words.includes("transpose"))
    ? "transposed"
    : "convolution";
}
