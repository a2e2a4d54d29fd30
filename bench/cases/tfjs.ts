import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../lib/arrays/mod.ts";
import { CharacterTransformer } from "../../lib/training/character_transformer.ts";
import { FusedAdam, gelu } from "../../lib/tfjs/mod.ts";
import type { BenchCase, Timed } from "../bench.ts";
import { floorMs, trainingStep, type Work } from "../floor.ts";
import { jaxCnn, jaxFunction, jaxMlp, jaxTransformer, type Peer } from "../jax.ts";
import { python } from "../python.ts";
import { normal, release, replacedKernels } from "../tfjs_kernels.ts";

/** Runs `body` on a backend; its tensors are freed. */
function on(backend: string, body: () => void): () => void {
  return () => {
    if (tf.getBackend() !== backend) tf.setBackend(backend);
    tf.tidy(body);
  };
}

const PEERS = ["tfjs cpu", "tfjs wasm", "pytorch", "jax-js"] as const;
type PeerName = typeof PEERS[number];

/** The same work for everybody. */
interface Description {
  /** On a backend of tfjs. */
  tfjs(backend: string): () => void;
  /** In PyTorch. */
  torch?: { setup: string; run: string };
  /** In jax-js. */
  jax?(): Promise<Peer>;
  /** What it takes at least. */
  work?: Work;
}

/** A case against a backend of tfjs, Python or jax-js. */
function against(what: string, peer: PeerName, { tfjs, torch, jax, work }: Description): BenchCase {
  return {
    what,
    peer,
    async setup() {
      let other: Timed;
      if (peer === "pytorch") other = await python("pytorch", torch!);
      else if (peer === "jax-js") other = await jax!();
      else {
        const name = peer.slice(5);
        if (name === "wasm") await import("@tensorflow/tfjs-backend-wasm");
        await tf.setBackend(name);
        await tf.ready();
        other = on(name, tfjs(name));
      }
      await tf.setBackend("native");
      return {
        ours: on("native", tfjs("native")),
        peer: other,
        floorMs: work === undefined ? undefined : floorMs(work),
      };
    },
  };
}

function mlpStep(backend: string): () => void {
  const sizes = [784, 256, 256, 256, 10];
  const batch = 256;
  const weights = sizes.slice(1).map((n, i) => tf.variable(normal([sizes[i], n], Math.sqrt(2 / sizes[i]))));
  const biases = sizes.slice(1).map((n) => tf.variable(tf.zeros([n])));
  const x = tf.keep(normal([batch, 784]));
  const y = tf.keep(tf.oneHot(tf.range(0, batch, 1, "int32").mod(10).toInt(), 10));
  const optimizer = backend === "native" ? new FusedAdam() : tf.train.adam();
  return () => {
    optimizer.minimize(
      () => {
        let h: tf.Tensor = x;
        weights.forEach((w, i) => {
          h = tf.fused.matMul({
            a: h as tf.Tensor2D,
            b: w as tf.Tensor as tf.Tensor2D,
            bias: biases[i],
            activation: i < 3 ? "relu" : "linear",
          });
        });
        return tf.losses.softmaxCrossEntropy(y, h) as tf.Scalar;
      },
      false,
      [...weights, ...biases],
    );
  };
}

const mlpTorch = {
  setup: `import torch
torch.set_num_threads(1)
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(784,256),torch.nn.ReLU(),torch.nn.Linear(256,256),torch.nn.ReLU(),torch.nn.Linear(256,256),torch.nn.ReLU(),torch.nn.Linear(256,10))
opt = torch.optim.Adam(net.parameters())
x = torch.randn(256,784); y = torch.arange(256)%10
loss = torch.nn.CrossEntropyLoss()`,
  run: `opt.zero_grad()
loss(net(x), y).backward()
opt.step()`,
};

const cnnTorch = {
  setup: `import torch
torch.set_num_threads(1)
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Conv2d(1,16,3,padding=1),torch.nn.ReLU(),torch.nn.MaxPool2d(2),torch.nn.Conv2d(16,32,3,padding=1),torch.nn.ReLU(),torch.nn.MaxPool2d(2),torch.nn.Flatten(),torch.nn.Linear(32*7*7,10))
opt = torch.optim.Adam(net.parameters())
x = torch.randn(64,1,28,28); y = torch.arange(64)%10
loss = torch.nn.CrossEntropyLoss()`,
  run: `opt.zero_grad()
loss(net(x), y).backward()
opt.step()`,
};

function cnnStep(backend: string): () => void {
  const w1 = tf.variable(normal([3, 3, 1, 16], 0.3));
  const w2 = tf.variable(normal([3, 3, 16, 32], 0.1));
  const w3 = tf.variable(normal([32 * 49, 10], 0.02));
  const b1 = tf.variable(tf.zeros([16]));
  const b2 = tf.variable(tf.zeros([32]));
  const b3 = tf.variable(tf.zeros([10]));
  const x = tf.keep(normal([64, 28, 28, 1]));
  const y = tf.keep(tf.oneHot(tf.range(0, 64, 1, "int32").mod(10).toInt(), 10));
  const optimizer = backend === "native" ? new FusedAdam() : tf.train.adam();
  const layer = (h: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
    tf.maxPool(
      tf.relu(tf.add(tf.conv2d(h as tf.Tensor4D, w as tf.Tensor4D, 1, "same"), b)) as tf.Tensor4D,
      2,
      2,
      "valid",
    );
  return () => {
    optimizer.minimize(
      () => {
        const h = layer(layer(x, w1, b1), w2, b2);
        const logits = tf.add(
          tf.matMul(h.reshape([64, 32 * 49]) as tf.Tensor2D, w3 as tf.Tensor as tf.Tensor2D),
          b3,
        );
        return tf.losses.softmaxCrossEntropy(y, logits) as tf.Scalar;
      },
      false,
      [w1, w2, w3, b1, b2, b3],
    );
  };
}

/** 4 layers, width 128, 4 heads, 128 characters, batch 8. */
function transformerStep(backend: string): () => void {
  const sizes = { alphabet: 73, length: 128, width: 128, heads: 4, layers: 4 };
  const model = new CharacterTransformer(sizes, { rng: new Rng(1) });
  const optimizer = backend === "native" ? new FusedAdam() : tf.train.adam();
  const text = tf.keep(tf.randomUniform([8, 129], 0, 73, "int32", 1)) as tf.Tensor2D;
  return () => {
    optimizer.minimize(() => model.loss(text), false, Object.values(model.variables));
  };
}

const transformerTorch = {
  setup: `import torch
torch.set_num_threads(1)
torch.manual_seed(0)
nn = torch.nn
class Block(nn.Module):
  def __init__(self):
    super().__init__()
    self.n1=nn.LayerNorm(128); self.n2=nn.LayerNorm(128); self.qkv=nn.Linear(128,384,bias=False); self.o=nn.Linear(128,128,bias=False)
    self.up=nn.Linear(128,512); self.down=nn.Linear(512,128)
  def forward(self,x):
    B,T,C=x.shape
    q,k,v=[t.view(B,T,4,32).transpose(1,2) for t in self.qkv(self.n1(x)).split(128,2)]
    y=nn.functional.scaled_dot_product_attention(q,k,v,is_causal=True).transpose(1,2).reshape(B,T,C)
    x=x+self.o(y)
    return x+self.down(nn.functional.gelu(self.up(self.n2(x))))
class Net(nn.Module):
  def __init__(self):
    super().__init__()
    self.e=nn.Embedding(73,128); self.p=nn.Parameter(torch.zeros(128,128)); self.b=nn.Sequential(*[Block() for _ in range(4)]); self.n=nn.LayerNorm(128); self.h=nn.Linear(128,73,bias=False)
  def forward(self,t): return self.h(self.n(self.b(self.e(t)+self.p)))
net=Net(); opt=torch.optim.Adam(net.parameters())
t=torch.randint(0,73,(8,129))`,
  run: `opt.zero_grad()
torch.nn.functional.cross_entropy(net(t[:,:-1]).reshape(-1,73),t[:,1:].reshape(-1)).backward()
opt.step()`,
};

const million = 1 << 20;
type Function = [
  f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor,
  torch: string,
  jax?: Parameters<typeof jaxFunction>[0],
];
const functions: Record<string, Function> = {
  add: [tf.add, "torch.add(x, y)", ({ numpy }, x, y) => numpy.add(x, y)],
  mul: [tf.mul, "torch.mul(x, y)", ({ numpy }, x, y) => numpy.multiply(x, y)],
  exp: [tf.exp, "torch.exp(x)", ({ numpy }, x) => numpy.exp(x)],
  tanh: [tf.tanh, "torch.tanh(x)", ({ numpy }, x) => numpy.tanh(x)],
  sigmoid: [tf.sigmoid, "torch.sigmoid(x)", ({ nn }, x) => nn.sigmoid(x)],
  gelu: [
    (x) => gelu(x),
    "torch.nn.functional.gelu(x)",
    ({ nn }, x) => nn.gelu(x, { approximate: false }),
  ],
  erf: [tf.erf, "torch.erf(x)"],
  log1p: [(x) => tf.log1p(tf.relu(x)), "torch.log1p(torch.relu(x))"],
  sin: [tf.sin, "torch.sin(x)"],
  softplus: [tf.softplus, "torch.nn.functional.softplus(x)"],
  "gelu gradient": [
    (x, dy) => tf.engine().runKernel("GeluGrad", { a: dy, b: x }),
    "torch.ops.aten.gelu_backward(y, x)",
  ],
  sum: [(x) => tf.sum(x), "x.sum()", ({ numpy }, x) => numpy.sum(x)],
  mean: [(x) => tf.mean(x, 1), "x.mean(1)", ({ numpy }, x) => numpy.mean(x, 1)],
  softmax: [(x) => tf.softmax(x), "torch.softmax(x, 1)", ({ nn }, x) => nn.softmax(x, 1)],
  "softmax gradient": [
    (x, dy) => tf.engine().runKernel("SoftmaxGrad", { y: x, dy }),
    "torch.ops.aten._softmax_backward_data(y, x, 1, torch.float32)",
  ],
};

/** One function on a million floats. */
function functionCases(name: string): BenchCase[] {
  const [f, torch, jax] = functions[name];
  const make = (backend: string) => {
    const x = tf.keep(normal([1024, million / 1024]));
    const y = tf.keep(normal([1024, million / 1024]));
    // Only `native` has these kernels.
    if (name.endsWith("gradient") && backend !== "native") throw new Error(`no ${name} on ${backend}`);
    return () => void f(x, y);
  };
  const setup =
    "import torch\ntorch.set_num_threads(1)\nx = torch.randn(1024, 1024); y = torch.randn(1024, 1024)";
  const description = {
    tfjs: make,
    torch: { setup, run: torch },
    jax: jax && (() => jaxFunction(jax, 1024)),
  };
  const peers = jax ? PEERS : ["pytorch"] as const;
  return peers.map((peer) => against(`${name} 1M`, peer, description));
}

/** A matrix product. */
function matmulCases(n: number): BenchCase[] {
  const description = {
    tfjs: () => {
      const x = tf.keep(normal([n, n])) as tf.Tensor2D;
      return () => void tf.matMul(x, x);
    },
    torch: {
      setup: `import torch\ntorch.set_num_threads(1)\nx = torch.randn(${n}, ${n})`,
      run: "x @ x",
    },
    jax: () => jaxFunction(({ numpy }, x, y) => numpy.matmul(x, y), n),
    work: { flops: 2 * n ** 3 },
  };
  // The CPU backend takes seconds for 1024.
  const peers = PEERS.filter((peer) => n < 1024 || peer !== "tfjs cpu");
  return peers.map((peer) => against(`tf.matMul ${n}`, peer, description));
}

const kernelCases = Object.entries(replacedKernels).flatMap(([name, maker]) =>
  ["small", "large"].map((size): BenchCase => {
    const side = size === "small" ? 8 : /MatMul|Einsum/.test(name) ? 128 : 512;
    const make = () => {
      const run = maker(side);
      return () => void run();
    };
    const { setup, ...row } = against(`${name} ${size}`, "tfjs cpu", { tfjs: make });
    return { ...row, setup: async () => ({ ...await setup(), dispose: release }) };
  })
);

const mlpSize = 784 * 256 + 2 * 256 * 256 + 256 * 10;
const mlp: Description = {
  tfjs: mlpStep,
  torch: mlpTorch,
  jax: jaxMlp,
  work: trainingStep({
    forwardFlops: 2 * 256 * mlpSize,
    firstLayerFlops: 2 * 256 * 784 * 256,
    parameters: mlpSize + 3 * 256 + 10,
    activations: 256 * (784 + 3 * 256 + 10),
  }),
};
/** Numbers of a layer's matrices, and of its products of scores and values for one row. */
const layerSize = 128 * (3 * 128 + 128 + 2 * 512);
const attention = 2 * 4 * 128 * 32;
const rows = 8 * 128;
const transformer: Description = {
  tfjs: transformerStep,
  torch: transformerTorch,
  jax: jaxTransformer,
  work: trainingStep({
    forwardFlops: 2 * rows * (4 * (layerSize + attention) + 128 * 73),
    firstLayerFlops: 0,
    parameters: 4 * (layerSize + 4 * 128 + 512 + 128) + 128 * (2 * 73 + 128 + 2),
    // Two norms, queries to values, scores and weights, mixed, two sums, up, gelu.
    activations: rows * (4 * (5 * 128 + 3 * 128 + 2 * 4 * 128 + 2 * 512) + 128 + 2 * 73),
  }),
};
const cnn: Description = {
  tfjs: cnnStep,
  torch: cnnTorch,
  jax: jaxCnn,
  work: trainingStep({
    forwardFlops: 2 * 64 * (784 * 9 * 16 + 196 * 144 * 32 + 1568 * 10),
    firstLayerFlops: 2 * 64 * 784 * 9 * 16,
    parameters: 9 * 16 + 144 * 32 + 1568 * 10 + 58,
    activations: 64 * (784 * (1 + 2 * 16) + 196 * (16 + 2 * 32) + 1568),
  }),
};

export const cases: BenchCase[] = [
  ...kernelCases,
  ...PEERS.map((peer) => against("mlp step", peer, mlp)),
  // tfjs wasm has no gradients of look-ups and of convolution filters.
  ...PEERS.filter((peer) => peer !== "tfjs wasm").flatMap((peer) => [
    against("transformer step", peer, transformer),
    against("cnn step", peer, cnn),
  ]),
  ...Object.keys(functions).flatMap(functionCases),
  ...[64, 128, 256, 512, 1024].flatMap(matmulCases),
];
