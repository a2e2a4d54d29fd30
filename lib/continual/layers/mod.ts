/**
 * Networks of tfjs as continual networks: a `tf.Sequential` over time, trained on clips, becomes modules that
 * take one frame after the other with the same weights. `refigure/continual` has the modules, without tfjs.
 *
 * @module
 */
export * from "./from_sequential.ts";
