/** The form with a paper's knobs: what a reader has set, and whether it is the paper's. */
import type { Knob } from "../../lib/experiment/mod.ts";
import { positionOf, valueAt } from "../pages/knob_fields.ts";

/** The parameters that a reader has set. */
export interface Knobs {
  /** Those that differ from the preset. */
  changed(): Record<string, number>;
}

/** Connects each slider with its number, and shows when a value is not the paper's. */
export function knobsOf(
  form: HTMLFormElement,
  knobs: readonly Knob[],
  preset: Record<string, unknown>,
): Knobs {
  const numbers = [...form.querySelectorAll<HTMLInputElement>("input[type=number]")];
  const notice = document.getElementById("changed")!;
  const knobOf = (name: string) => knobs.find(({ parameter }) => parameter === name);

  // A third is shown with fewer digits than it has: a text that was not edited stands for the preset's value.
  const changed = () =>
    Object.fromEntries(
      numbers.filter(({ value, defaultValue, name }) =>
        value !== defaultValue && Number(value) !== preset[name]
      )
        .map(({ name, value }) => [name, Number(value)]),
    );
  const tell = () => notice.hidden = Object.keys(changed()).length === 0;

  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.type === "range") {
      const number = form.elements.namedItem(target.dataset.for!) as HTMLInputElement;
      number.value = String(valueAt(knobOf(number.name)!, Number(target.value)));
    } else {
      const knob = knobOf(target.name);
      const slider = form.querySelector<HTMLInputElement>(`input[data-for="${target.name}"]`);
      if (knob !== undefined && slider !== null && target.value !== "") {
        slider.value = String(positionOf(knob, Number(target.value)));
      }
    }
    tell();
  });
  document.getElementById("reset")!.addEventListener("click", () => {
    form.reset();
    tell();
  });
  // A browser keeps what was typed when a page is loaded again.
  addEventListener("pageshow", tell);
  return { changed };
}
