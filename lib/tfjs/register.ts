import { registerBackend } from "@tensorflow/tfjs-core";
import { NativeBackend } from "./backend.ts";
import { registerArgs } from "./kernels/arg.ts";
import { registerAttention } from "./kernels/attention.ts";
import { registerBoxes } from "./kernels/box.ts";
import { registerCast } from "./kernels/cast.ts";
import { convolution } from "./kernels/conv.ts";
import { registerConvolution } from "./kernels/convolution.ts";
import { registerCounts } from "./kernels/count.ts";
import { depthwiseConvolution } from "./kernels/depthwise.ts";
import { registerEinsum } from "./kernels/einsum.ts";
import { registerElementwise } from "./kernels/elementwise.ts";
import { registerFourier } from "./kernels/fourier.ts";
import { registerGather } from "./kernels/gather.ts";
import { registerGradients } from "./kernels/gradients.ts";
import { registerLayerNorm } from "./kernels/layer_norm.ts";
import { registerMatMul } from "./kernels/matmul.ts";
import { registerPooling } from "./kernels/pool.ts";
import { registerPooling3D } from "./kernels/pool3d.ts";
import { registerRational } from "./kernels/rational.ts";
import { registerReductions } from "./kernels/reduce.ts";
import { registerResizing } from "./kernels/resize.ts";
import { registerScans } from "./kernels/scan.ts";
import { registerSequences } from "./kernels/sequence.ts";
import { registerSoftmax } from "./kernels/softmax.ts";
import { registerTile } from "./kernels/tile.ts";
import { registerTranspose } from "./kernels/transpose.ts";
import { keepOthers } from "./kernels/replace.ts";

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
  registerConvolution(convolution);
  registerConvolution(depthwiseConvolution);
  registerPooling();
  registerPooling3D();
  registerResizing();
  registerBoxes();
  registerTranspose();
  registerGather();
  registerTile();
  registerCounts();
  registerSequences();
  registerScans();
  registerFourier();
  registerEinsum();
  registerArgs();
  registerLayerNorm();
  registerAttention();
  registerRational();
  registerGradients();
  keepOthers();
  // Between cpu (1) and webgl (2): never chosen by itself over a GPU.
  registerBackend("native", () => new NativeBackend(), 1);
}
