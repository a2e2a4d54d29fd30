/**
 * Products, factorizations and transforms, through the public functions, beside NumPy, PyTorch, tfjs and bare
 * cblas.
 */
import type { BenchCase, BenchPair } from "../bench.ts";
import { python } from "../python.ts";
import { allocateLike, type DType, Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { blasInfo, matmul, withEngine } from "../../lib/blas/mod.ts";
import { openBlasLibrary } from "../../lib/blas/native/library.ts";
import { MissingPeer } from "../bench.ts";
import { eig, svd } from "../../lib/linalg/mod.ts";
import { dct, fft, rfft } from "../../lib/transforms/mod.ts";

const short = (dtype: DType) => dtype === "float32" ? "f32" : "f64";

/** Two fixed n x n factors; the same numbers in Python, so that the products can be compared. */
function factors(n: number, dtype: DType): [Matrix<RealArray>, Matrix<RealArray>] {
  const entry = (p: number) => (i: number, j: number) => ((i * p + j * 7) % 11) / 11 - 0.5;
  return [Matrix.from(n, n, entry(3)).astype(dtype), Matrix.from(n, n, entry(5)).astype(dtype)];
}

const pythonFactors = (n: number, dtype: DType) =>
  `import numpy as np
i, j = np.indices((${n}, ${n}))
a = (((i * 3 + j * 7) % 11) / 11 - 0.5).astype("${dtype}")
b = (((i * 5 + j * 7) % 11) / 11 - 0.5).astype("${dtype}")
`;

/** Largest difference of the first entries, over the largest entry. */
function difference(ours: ArrayLike<number>, peer: ArrayLike<number>): number {
  let off = 0;
  let size = 0;
  for (let k = 0; k < peer.length; k++) {
    off = Math.max(off, Math.abs(ours[k] - peer[k]));
    size = Math.max(size, Math.abs(peer[k]));
  }
  return off / (size || 1);
}

function gemm(n: number, dtype: DType, peer: "numpy" | "pytorch"): BenchCase {
  return {
    what: `matmul ${n} ${short(dtype)}`,
    peer,
    async setup(): Promise<BenchPair> {
      const [a, b] = factors(n, dtype);
      const torch =
        `import torch\ntorch.set_num_threads(1)\na, b = torch.from_numpy(a), torch.from_numpy(b)\n`;
      const other = await python(peer, {
        setup: pythonFactors(n, dtype) + (peer === "pytorch" ? torch : ""),
        run: "c = a @ b",
        value: "c[0].tolist()",
      });
      return {
        ours: () => void matmul(a, b),
        peer: other,
        error: async () => difference(matmul(a, b).row(0), await other.value()),
      };
    },
  };
}

function gemmTfjs(n: number, backend: "cpu" | "wasm"): BenchCase {
  return {
    what: `matmul ${n} f32`,
    peer: `tfjs ${backend}`,
    async setup(): Promise<BenchPair> {
      const tf = await import("@tensorflow/tfjs");
      if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
      if (!await tf.setBackend(backend)) throw new MissingPeer(`tfjs has no backend ${backend} here`);
      const [a, b] = factors(n, "float32");
      const x = tf.tensor2d(a.data as Float32Array, [n, n]);
      const y = tf.tensor2d(b.data as Float32Array, [n, n]);
      const product = () => {
        const c = tf.matMul(x, y);
        const values = c.dataSync();
        c.dispose();
        return values;
      };
      return {
        ours: () => void matmul(a, b),
        peer: () => void product(),
        error: () => difference(matmul(a, b).data, product()),
        dispose: () => tf.dispose([x, y]),
      };
    },
  };
}

/**
 * The bare call, into memory that is there already: what the public function could be at best. Without `out`
 * ours also pays for new memory, zeroed and later collected.
 */
function gemmRaw(n: number, dtype: DType, into = false): BenchCase {
  return {
    what: `matmul ${n} ${short(dtype)}${into ? " into `out`" : ""}`,
    peer: "raw cblas",
    setup(): BenchPair {
      const { library, reason } = openBlasLibrary();
      if (library === undefined) throw new MissingPeer(reason);
      const real = dtype === "float32" ? "f32" : "f64";
      const signature = {
        parameters: [
          "i32",
          "i32",
          "i32",
          "i32",
          "i32",
          "i32",
          real,
          "buffer",
          "i32",
          "buffer",
          "i32",
          real,
          "buffer",
          "i32",
        ],
        result: "void",
      } as const;
      const call = dtype === "float32"
        ? library.open({ cblas_sgemm: signature }).cblas_sgemm
        : library.open({ cblas_dgemm: signature }).cblas_dgemm;
      const [a, b] = factors(n, dtype);
      const c = allocateLike(a.data, n * n);
      const bytes = (x: RealArray) => x as unknown as BufferSource;
      const out = into ? new Matrix(n, n, allocateLike(a.data, n * n)) : undefined;
      const raw = () => call(101, 111, 111, n, n, n, 1, bytes(a.data), n, bytes(b.data), n, 0, bytes(c), n);
      return {
        ours: () => void matmul(a, b, { out }),
        peer: raw,
        error: () => {
          raw();
          return difference(matmul(a, b).data, c);
        },
      };
    },
  };
}

function gemmPortable(n: number, dtype: DType): BenchCase {
  return {
    what: `matmul ${n} ${short(dtype)}`,
    peer: "portable",
    setup(): BenchPair {
      if (blasInfo().engine === "portable") throw new MissingPeer("ours is the portable engine here");
      const [a, b] = factors(n, dtype);
      const portable = () => withEngine("portable", () => matmul(a, b));
      return {
        ours: () => void matmul(a, b),
        peer: () => void portable(),
        error: () => difference(matmul(a, b).data, portable().data),
      };
    },
  };
}

const normals = new Rng("bench").normalMatrix(256, 256);
const numpyNormals = `import numpy as np\na = np.random.default_rng(0).standard_normal((256, 256))\n`;

/** Peers get a Gaussian matrix of their own: these times depend on the law, not on the draw. */
const factorizations: BenchCase[] = [
  {
    what: "svd 256 f64",
    peer: "numpy",
    async setup() {
      const peer = await python("numpy", {
        setup: numpyNormals,
        run: "r = np.linalg.svd(a, full_matrices=False)",
      });
      return { ours: () => void svd(normals), peer };
    },
  },
  {
    what: "eig 256 f64",
    peer: "numpy",
    async setup() {
      const peer = await python("numpy", { setup: numpyNormals, run: "r = np.linalg.eig(a)" });
      return { ours: () => void eig(normals), peer };
    },
  },
];

function transform(
  what: string,
  length: number,
  ours: (x: Float64Array) => Float64Array,
  module: string,
  run: string,
  complex = false,
): BenchCase {
  return {
    what: `${what} ${length}`,
    peer: module,
    async setup() {
      const x = Float64Array.from(
        { length: complex ? 2 * length : length },
        (_, k) => ((k * 37) % 101) / 101 - 0.5,
      );
      const peer = await python(module, {
        setup: `import numpy as np\n${
          module === "scipy" ? "import scipy.fft\n" : ""
        }k = np.arange(${x.length})
x = ((k * 37) % 101) / 101 - 0.5
${complex ? "x = x[0::2] + 1j * x[1::2]\n" : ""}`,
        run: `r = ${run}`,
        value: what === "dct" ? "r.tolist()" : "np.column_stack([r.real, r.imag]).ravel().tolist()",
      });
      return { ours: () => void ours(x), peer, error: async () => difference(ours(x), await peer.value()) };
    },
  };
}

const sizes = [64, 512, 1024];
const precisions: DType[] = ["float32", "float64"];

/** The rows of this file. */
export const cases: BenchCase[] = [
  ...sizes.flatMap((n) =>
    precisions.flatMap((dtype) => [gemm(n, dtype, "numpy"), gemm(n, dtype, "pytorch")])
  ),
  ...[64, 512].map((n) => gemmTfjs(n, "cpu")),
  ...sizes.map((n) => gemmTfjs(n, "wasm")),
  ...sizes.flatMap((n) => precisions.flatMap((dtype) => [gemmRaw(n, dtype), gemmRaw(n, dtype, true)])),
  ...[1, 2, 4, 5, 6, 8, 16, 64, 256].flatMap((n) => precisions.map((dtype) => gemmPortable(n, dtype))),
  ...factorizations,
  transform("fft", 65536, fft, "numpy", "np.fft.fft(x)", true),
  transform("fft", 10007, fft, "numpy", "np.fft.fft(x)", true),
  transform("rfft", 65536, rfft, "numpy", "np.fft.rfft(x)"),
  transform("dct", 4096, dct, "scipy", 'scipy.fft.dct(x, norm="ortho")'),
];
