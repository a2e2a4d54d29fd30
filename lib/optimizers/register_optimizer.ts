/** Registration with tfjs. Not public. */
import * as tf from "@tensorflow/tfjs";
import type { NamedOptimizer } from "./tf_optimizer.ts";

/** Lets `tf.loadLayersModel` find the class of an optimizer that a model was saved with. */
export function registerOptimizer<Options extends object>(
  type: (new (options: Options) => NamedOptimizer<Options>) & { className: string },
): void {
  tf.serialization.registerClass(
    type as unknown as tf.serialization.SerializableConstructor<NamedOptimizer<Options>>,
  );
}
