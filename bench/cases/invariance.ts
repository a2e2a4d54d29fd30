/** A full-batch step on ColoredMNIST, whose images have one of two colors, beside PyTorch's on all inputs. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { coloredImages, fitInvariant } from "../../lib/invariance/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";
import { relativeDistance } from "../relative_distance.ts";

const EXAMPLES = 4000;
const PIXELS = 49;
const HIDDEN = 48;
/** Steps that are timed, and after how many the parameters are compared: later ones multiply rounding errors. */
const STEPS = 100;
const COMPARED = 10;
const WIDTHS = [2 * PIXELS, HIDDEN, HIDDEN, 1];
const PENALTY_WEIGHT = 100;
const LEARNING_RATE = 0.002;
const L2 = 0.0011;

/** Two environments of images without meaning, whose colors predict their labels. */
function environments() {
  return [0.1, 0.2].map((colorFlip, e) => {
    const rng = new Rng(e);
    const images = Matrix.from(EXAMPLES / 2, PIXELS, () => rng.uniform());
    const shown = Uint8Array.from({ length: EXAMPLES / 2 }, () => rng.integer(2));
    return coloredImages(images, shown, { colorFlip, rng });
  });
}

export const cases: BenchCase[] = [
  {
    what: `ColoredMNIST, ${STEPS} full-batch steps, N=${EXAMPLES} H=${HIDDEN} f32`,
    peer: "pytorch",
    async setup() {
      const data = environments();
      const start = new DenseNetwork({
        widths: WIDTHS,
        activation: "relu",
        init: "glorot",
        dtype: "float32",
        rng: new Rng(2),
      });
      const train = (steps: number) => {
        const network = start.clone();
        fitInvariant(network, data, {
          penalty: "vrex",
          weight: PENALTY_WEIGHT,
          steps,
          learningRate: LEARNING_RATE,
          l2: L2,
        });
        return network.parameters;
      };
      const peer = await python("pytorch", {
        setup: `import copy, json, torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
torch.set_num_threads(1)
data = json.loads(${
          JSON.stringify(JSON.stringify(data.map(({ inputs, labels }) => [inputs.toRows(), [...labels]])))
        })
data = [(torch.tensor(x), torch.tensor(y, dtype=torch.float32)[:, None]) for x, y in data]
net = torch.nn.Sequential(torch.nn.Linear(${
          WIDTHS[0]
        }, ${HIDDEN}), torch.nn.ReLU(), torch.nn.Linear(${HIDDEN}, ${HIDDEN}),
                          torch.nn.ReLU(), torch.nn.Linear(${HIDDEN}, 1))
start = torch.tensor(json.loads("${JSON.stringify([...start.parameters])}"))
torch.nn.utils.vector_to_parameters(start, net.parameters())
def train(steps):
    model = copy.deepcopy(net)
    adam = torch.optim.Adam(model.parameters(), lr=${LEARNING_RATE})
    for _ in range(steps):
        adam.zero_grad()
        risks = torch.stack([bce(model(x), y) for x, y in data])
        squares = sum((p ** 2).sum() for p in model.parameters())
        ((risks.sum() + ${L2} * squares + ${PENALTY_WEIGHT} * risks.var()) / ${PENALTY_WEIGHT}).backward()
        adam.step()
    return model`,
        run: `train(${STEPS})`,
        value: `torch.nn.utils.parameters_to_vector(train(${COMPARED}).parameters())`,
      });
      return {
        ours: () => void train(STEPS),
        peer,
        error: async () => relativeDistance(train(COMPARED), await peer.value()),
      };
    },
  },
];
