/** What needs no training: fits, costs, gains, the map of second moments. */
import {
  fitRational,
  fixedActivation,
  gaussianSecondMoment,
  kanLayerCost,
  PADE_FORMS,
  presetForms,
  presetTarget,
  RATIONAL_PRESETS,
  rationalError,
  type RationalPreset,
  rationalPreset,
  rationalValue,
  variancePreservingGain,
  visionTransformerParameters,
} from "../../lib/kan/mod.ts";
import type { Row } from "./rows.ts";

/** Tables whose curves are drawn. */
const DRAWN: readonly RationalPreset[] = ["swish", "gelu", "tanh", "relu"];

/** Errors of all tables in both forms, and some curves. */
export function fitRows(): (Row<"fit"> | Row<"curve">)[] {
  const rows: (Row<"fit"> | Row<"curve">)[] = [];
  for (const preset of RATIONAL_PRESETS) {
    const target = presetTarget(preset);
    const meant = presetForms(preset);
    for (const form of PADE_FORMS) {
      const coefficients = quietly(() => rationalPreset(preset, { groups: 1, form }));
      rows.push({
        kind: "fit",
        preset,
        form,
        isMeant: meant.includes(form),
        ...rationalError(target, coefficients),
        refit: rationalError(target, fitRational(target, { form, points: 250 }).coefficients).mse,
      });
      if (!DRAWN.includes(preset)) continue;
      for (let x = -4; x <= 4; x += 0.125) {
        rows.push({ kind: "curve", preset, series: form, x, y: rationalValue(x, coefficients) });
        if (form === PADE_FORMS[0]) rows.push({ kind: "curve", preset, series: "target", x, y: target(x) });
      }
    }
  }
  return rows;
}

/** Both forms are asked for on purpose: no warnings. */
function quietly<T>(make: () => T): T {
  const warn = console.warn;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}

/** Costs of the layers, sizes of the models. */
export function costRows(): (Row<"cost"> | Row<"size">)[] {
  const rows: (Row<"cost"> | Row<"size">)[] = [];
  for (const [inputs, outputs] of [[1, 1], [64, 256], [192, 768], [384, 1536], [768, 3072]]) {
    for (const layer of ["mlp", "kan", "gr-kan"] as const) {
      for (const intervals of layer === "kan" ? [3, 5] : [3]) {
        rows.push({
          kind: "cost",
          layer,
          inputs,
          outputs,
          intervals,
          ...kanLayerCost(layer, inputs, outputs, { intervals }),
        });
      }
    }
  }
  for (const width of [192, 384, 768]) {
    for (const channelMixer of ["mlp", "gr-kan"] as const) {
      const parameters = visionTransformerParameters({ width, channelMixer });
      rows.push({ kind: "size", width, channelMixer, parameters });
    }
  }
  return rows;
}

/** The activations whose gains are compared. */
function activations(): Record<string, (x: number) => number> {
  const swish = rationalPreset("swish", { groups: 1 });
  return {
    ReLU: fixedActivation("relu"),
    GELU: fixedActivation("gelu"),
    SiLU: fixedActivation("silu"),
    "rational swish": (x) => rationalValue(x, swish),
    tanh: fixedActivation("tanh"),
  };
}

/** Gains, the map of second moments, and its slope at the fixed point. */
export function gainRows(): (Row<"gain"> | Row<"map"> | Row<"slope">)[] {
  return Object.entries(activations()).flatMap(
    ([activation, f]): (Row<"gain"> | Row<"map"> | Row<"slope">)[] => {
      const gain = variancePreservingGain(f);
      const map = (q: number) => gain * gaussianSecondMoment(f, { sigma: Math.sqrt(q) });
      const h = 1e-3;
      const slope = (Math.log(map(Math.exp(h))) - Math.log(map(Math.exp(-h)))) / (2 * h);
      const rows: (Row<"gain"> | Row<"map"> | Row<"slope">)[] = [
        { kind: "gain", activation, gain },
        { kind: "slope", activation, slope },
      ];
      for (let k = -16; k <= 16; k++) {
        const q = 10 ** (k / 8);
        rows.push({ kind: "map", activation, q, growth: map(q) / q });
      }
      return rows;
    },
  );
}

/** All of it. */
export function exactRows(): Row[] {
  return [...costRows(), ...gainRows(), ...fitRows()];
}
