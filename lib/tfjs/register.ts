import { getKernelsForBackend, registerBackend, registerKernel } from "@tensorflow/tfjs-core";
import { NativeBackend } from "./backend.ts";
import { registerArgs } from "./kernels/arg.ts";
import { registerCast } from "./kernels/cast.ts";
import { registerConvolutions } from "./kernels/conv.ts";
import { registerDepthwise } from "./kernels/depthwise.ts";
import { registerEinsum } from "./kernels/einsum.ts";
import { registerElementwise } from "./kernels/elementwise.ts";
import { registerFourier } from "./kernels/fourier.ts";
import { registerLayerNorm } from "./kernels/layer_norm.ts";
import { registerMatMul } from "./kernels/matmul.ts";
import { registerMoves } from "./kernels/move.ts";
import { registerPooling } from "./kernels/pool.ts";
import { registerReductions } from "./kernels/reduce.ts";
import { registerScans } from "./kernels/scan.ts";
import { registerSoftmax } from "./kernels/softmax.ts";
import { registerTile } from "./kernels/tile.ts";
import { replaced } from "./kernels/replace.ts";

let registered = false;

/** Makes the backend known to tfjs: all kernels of the CPU backend, the hot ones replaced. */
export function register(): void {
  if (registered) return;
  registered = true;
  registerElementwise();
  registerCast();
  registerReductions();
  registerSoftmax();
  registerMatMul();
  registerConvolutions();
  registerDepthwise();
  registerPooling();
  registerMoves();
  registerTile();
  registerScans();
  registerFourier();
  registerEinsum();
  registerArgs();
  registerLayerNorm();
  const own = new Set(replaced);
  for (const kernel of getKernelsForBackend("cpu")) {
    if (!own.has(kernel.kernelName)) registerKernel({ ...kernel, backendName: "native" });
  }
  // Between cpu (1) and webgl (2): never chosen by itself over a GPU.
  registerBackend("native", () => new NativeBackend(), 1);
}
