/** The low-rank decoder of LoGAH-Tiny, only what is used, beside the official one, which computes all. */
import type { BenchCase, BenchPair } from "../bench.ts";
import { python } from "../python.ts";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { LowRankDecoder } from "../../lib/hypernetworks/mod.ts";

const HIDDEN = 64;
const RANK = 32;
const K = 16 * 2048;

/** Sizes of the maps; weights of both sides are the same sines. */
const SIZES = [[HIDDEN, 4 * HIDDEN], [4 * HIDDEN, 8 * HIDDEN], [8 * HIDDEN, 2 * RANK ** 2], [RANK, K]];

/** The four matrices of each layer of a transformer: `[outputs, inputs]`. */
const shapesOf = (
  width: number,
) => [[3 * width, width], [width, width], [4 * width, width], [width, 4 * width]];

function decoderOfSines(): LowRankDecoder<"float32"> {
  const decoder = new LowRankDecoder(HIDDEN, { rank: RANK, maxSize: K, dtype: "float32", rng: new Rng(0) });
  decoder.maps.forEach(({ weight, bias }, m) => {
    const scale = 1 / Math.sqrt(SIZES[m][0]);
    for (let k = 0; k < weight.data.length; k++) weight.data[k] = scale * Math.sin(k + m);
    for (let k = 0; k < bias.length; k++) bias[k] = scale * Math.sin(k + m + 10);
  });
  return decoder;
}

const nodes = (layers: number) =>
  Matrix.from(layers, HIDDEN, (i, j) => Math.sin(i * HIDDEN + j)).astype("float32");

const pythonDecoder = (layers: number, width: number, whole: boolean) =>
  `import torch
torch.set_num_threads(1)
torch.set_grad_enabled(False)
def sines(count, phase, scale):
    return (scale * torch.sin(torch.arange(count, dtype=torch.float64) + phase)).float()
maps = [(sines(a * b, m, a**-0.5).reshape(b, a), sines(b, m + 10, a**-0.5))
        for m, (a, b) in enumerate(${JSON.stringify(SIZES)})]
nodes = sines(${layers} * ${HIDDEN}, 0, 1).reshape(${layers}, ${HIDDEN})
def decode(h, outputs, inputs):
    x = h
    for weight, bias in maps[:3]:
        x = torch.relu(torch.nn.functional.linear(x, weight, bias))
    array = torch.nn.functional.linear(x.reshape(2 * ${RANK}, ${RANK}), *maps[3])
    a, b = array.reshape(2 * ${K}, ${RANK}).split(${K})
    return ${whole ? "a[:outputs] @ b[:inputs].T" : "a[:outputs] + 0, b[:inputs] + 0"}
def run():
    for outputs, inputs in ${JSON.stringify(shapesOf(width))}:
        for h in nodes:
            last = decode(h, outputs, inputs)
    return ${whole ? "last" : "last[1]"}
`;

/** All matrices of a network: their factors, or the products of these too. */
function decoding(network: string, layers: number, width: number, whole: boolean): BenchCase {
  return {
    what: `${whole ? "weights" : "factors"} of all matrices of ${network}`,
    peer: "official, pytorch f32",
    async setup(): Promise<BenchPair> {
      const decoder = decoderOfSines();
      const h = nodes(layers);
      const ours = () => {
        let last = h;
        for (const shape of shapesOf(width)) {
          for (const { a, b } of decoder.batchFactors(h, shape)) {
            last = whole ? matmul(a, b, { transposeB: true }) : b;
          }
        }
        return last;
      };
      const peer = await python("official, pytorch f32", {
        setup: pythonDecoder(layers, width, whole),
        run: "last = run()",
        value: "last.flatten()[:1000]",
      });
      return {
        ours: () => void ours(),
        peer,
        error: async () => {
          const { data } = ours();
          return (await peer.value()).reduce((off, value, k) => Math.max(off, Math.abs(value - data[k])), 0);
        },
      };
    },
  };
}

export const cases: BenchCase[] = [
  decoding("ViT-S", 12, 384, false),
  decoding("ViT-S", 12, 384, true),
  decoding("GPT-2-Large", 36, 1280, false),
];
