import "@tensorflow/tfjs";
import {
  backend as currentBackend,
  cumsum,
  getGradient,
  type GradFunc,
  pad,
  registerGradient,
  type Tensor,
} from "@tensorflow/tfjs-core";
import { NativeBackend } from "../backend.ts";

/** A kernel's gradient; undefined where tfjs's own is to be taken. */
type Gradient = (...args: Parameters<GradFunc>) => ReturnType<GradFunc> | undefined;

/** Puts a gradient in the place of tfjs's, on this backend only. */
export function replaceGradient(kernel: string, gradient: Gradient): void {
  const composed = getGradient(kernel);
  registerGradient({
    ...composed,
    gradFunc(dy, saved, attrs) {
      const own = currentBackend() instanceof NativeBackend ? gradient(dy, saved, attrs) : undefined;
      return own ?? composed.gradFunc(dy, saved, attrs);
    },
  });
}

/** Replaces gradients that tfjs composes wrongly for every backend. */
export function registerGradients(): void {
  // That of tfjs exchanges axes unless the axis is the last one.
  replaceGradient("Cumsum", (dy, _, attrs) => {
    const { axis, exclusive, reverse } = attrs as unknown as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    return { x: () => cumsum(dy as Tensor, axis, exclusive, !reverse) };
  });

  // That of tfjs cannot be cropped.
  replaceGradient("PadV2", (dy, _, attrs) => {
    const paddings = (attrs.paddings as unknown as [number, number][])
      .map(([before, after]): [number, number] => [-before, -after]);
    return { x: () => pad(dy as Tensor, paddings) };
  });
}
