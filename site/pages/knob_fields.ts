/** The inputs of a paper's knobs: a slider beside a number for each. */
import type { Knob } from "../../lib/experiment/mod.ts";
import { type Markup, markup } from "./markup.ts";

/** A range over more than this factor has a slider on a logarithmic scale. */
const WIDE = 500;
/** Positions of such a slider. */
export const POSITIONS = 200;

/** Whether the slider of a knob is on a logarithmic scale. */
export function isLogarithmic({ min, max }: Pick<Knob, "min" | "max">): boolean {
  return min > 0 && max / min >= WIDE;
}

/** The position of a slider for a value. */
export function positionOf(knob: Knob, value: number): number {
  if (!isLogarithmic(knob)) return value;
  const share = Math.log(value / knob.min) / Math.log(knob.max / knob.min);
  return Math.round(POSITIONS * Math.min(1, Math.max(0, share)));
}

/** The value at a position of a slider, on the steps of the knob. */
export function valueAt(knob: Knob, position: number): number {
  if (!isLogarithmic(knob)) return position;
  const { min, max, step } = knob;
  const value = min * (max / min) ** (position / POSITIONS);
  const onStep = min + Math.round((value - min) / step) * step;
  // 0.1 + 3 * 0.1 without the digits that rounding leaves; two figures are enough where a step is much smaller.
  const short = Math.abs(onStep) >= 100 * step ? Number(onStep.toPrecision(2)) : onStep;
  return Math.min(max, Math.max(min, Number(short.toPrecision(12))));
}

/** The inputs, with the values of the parameters; a seed if there is one. */
export function knobFields(knobs: readonly Knob[], params: Record<string, unknown>): Markup {
  const fields = knobs.map((knob) => {
    const { parameter, label, min, max, step } = knob;
    const value = params[parameter];
    if (typeof value !== "number") return undefined;
    const id = `knob-${parameter}`;
    const slider = isLogarithmic(knob)
      ? { min: 0, max: POSITIONS, step: 1, value: positionOf(knob, value) }
      : { min, max, step, value };
    // Values between the steps, such as a third, are allowed where they are typed.
    return markup`<div class="knob">
<label for="${id}">${label}</label>
<input type="range" id="${id}-slider" data-for="${parameter}" aria-label="${label}, slider" min="${slider.min}" max="${slider.max}" step="${slider.step}" value="${slider.value}">
<input type="number" id="${id}" name="${parameter}" min="${min}" max="${max}" step="${
      isWhole(knob, value) ? 1 : markup`any`
    }" value="${Number(value.toPrecision(4))}" required>
</div>
`;
  });
  const seed = typeof params.seed === "number"
    ? markup`<div class="knob seed">
<label for="knob-seed">Seed</label>
<input type="number" id="knob-seed" name="seed" min="0" max="4294967295" step="1" value="${params.seed}" required>
</div>
`
    : undefined;
  return markup`${fields}${seed}`;
}

/** Whether only whole numbers make sense: the value, the range and the step are whole. */
function isWhole({ min, max, step }: Knob, value: number): boolean {
  return [min, max, step, value].every(Number.isInteger);
}
