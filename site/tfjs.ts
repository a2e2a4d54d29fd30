/**
 * TensorFlow.js as experiments use it in a page: the operations, the layers and the CPU backend, which is what the
 * `native` backend is built on. The package `@tensorflow/tfjs` has WebGL kernels, a converter and readers of data
 * besides, which take more than all the rest of a page. The bundle of the website has this in its place.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
