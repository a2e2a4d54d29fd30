import { requireNumber, requireOptions, requireString } from "../arrays/check.ts";
import { logAxis } from "./axis.ts";
import { requireDomain, requireFields, requireRows, requireStrings, requireTexts } from "./check.ts";
import { colorBy, palette } from "./color.ts";
import { figure } from "./figure.ts";
import type { FigureSpec } from "./spec.ts";

/** Options of {@linkcode learningRateFigure}. */
export interface LearningRateFigureOptions {
  /** What the figure shows. */
  title: string;
  /** The setting, in a line below. */
  subtitle?: string;
  /** Series in the order of the legend; default the order of the runs. */
  optimizers?: readonly string[];
  /** Their colours; default {@link palette}. */
  colors?: readonly string[];
  /** Title of the vertical axis. Default "Final loss". */
  loss?: string;
  /** Losses shown; default those of the runs. */
  domain?: [number, number];
}

/**
 * The grid behind a comparison of optimizers: final loss against learning rate, each run a point, the mean
 * over seeds a line, each optimizer's best rate a ring. Runs that diverged (loss not finite) leave a gap.
 *
 * @param runs One per run; `loss` must be positive, or not finite for a run that diverged.
 * @throws {RangeError} if a learning rate or the domain is not positive, or there are more optimizers than colours.
 *
 * @example
 * ```ts
 * import { learningRateFigure, renderSvg } from "refigure/figures";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const runs = [0.1, 0.2, 0.4].map((learningRate) => ({ optimizer: "SGD", learningRate, loss: 1 + learningRate }));
 * assertStringIncludes(await renderSvg(learningRateFigure(runs, { title: "Small is best" })), "Small is best");
 * ```
 */
export function learningRateFigure(
  runs: readonly { optimizer: string; learningRate: number; loss: number }[],
  options: LearningRateFigureOptions,
): FigureSpec {
  requireRows("runs", runs);
  requireFields(runs, { optimizer: "optimizer", learningRate: "learningRate", loss: "loss" });
  requireOptions("options", options, ["title", "subtitle", "optimizers", "colors", "loss", "domain"]);
  requireString("title", options.title);
  requireStrings({ subtitle: options.subtitle, loss: options.loss });
  if (options.optimizers !== undefined) requireTexts("optimizers", options.optimizers);
  if (options.colors !== undefined) requireTexts("colors", options.colors);
  if (options.domain !== undefined) requireDomain("domain", options.domain, { above: 0 });
  runs.forEach(({ optimizer, learningRate }, i) => {
    requireString(`runs[${i}].optimizer`, optimizer);
    requireNumber(`runs[${i}].learningRate`, learningRate, { above: 0 });
  });
  const optimizers = options.optimizers ?? [...new Set(runs.map(({ optimizer }) => optimizer))];
  const finite = runs.filter(({ loss }) => Number.isFinite(loss));
  const groups = new Map<string, { optimizer: string; learningRate: number; losses: number[] }>();
  for (const { optimizer, learningRate, loss } of finite) {
    const key = `${optimizer} ${learningRate}`;
    if (!groups.has(key)) groups.set(key, { optimizer, learningRate, losses: [] });
    groups.get(key)!.losses.push(loss);
  }
  const means = [...groups.values()].map(({ losses, ...setting }) => ({
    ...setting,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  }));
  const best = optimizers.flatMap((name) => {
    const own = means.filter(({ optimizer }) => optimizer === name);
    return own.length === 0 ? [] : [own.reduce((a, b) => b.loss < a.loss ? b : a)];
  });
  const color = {
    ...colorBy("optimizer", null, optimizers, options.colors ?? palette),
    legend: { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2.5 },
  };
  return figure({
    title: { text: options.title, subtitle: options.subtitle ?? "" },
    encoding: {
      x: logAxis("learningRate", "Learning rate"),
      y: logAxis("loss", options.loss ?? "Final loss", { domain: options.domain }),
      color,
    },
    layer: [
      {
        data: {
          values: finite.map(({ optimizer, learningRate, loss }) => ({ optimizer, learningRate, loss })),
        },
        mark: { type: "point", filled: true, size: 12, opacity: 0.35, clip: true },
      },
      { data: { values: means }, mark: { type: "line", clip: true } },
      {
        data: { values: best },
        mark: { type: "point", filled: false, size: 110, strokeWidth: 2.2, clip: true },
      },
    ],
  });
}
