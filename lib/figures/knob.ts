import { requireInteger, requireOptions, requireString } from "../arrays/check.ts";
import { requireNumberList } from "./check.ts";
import { theoryColor } from "./color.ts";
import type { Layer } from "./spec.ts";

/** Options of {@linkcode knob}. */
export interface KnobOptions {
  /** What the slider is called; default the field. */
  label?: string;
  /** Which of the values is shown first, by its place; default 0. */
  start?: number;
}

/** A slider with the parts of a figure that follow it; see {@linkcode knob}. */
export interface Knob {
  /** The slider, for the figure's `params`; a constant if there is one value only. */
  param: { name: string; value: number; bind?: object };
  /** A layer, of which only the rows with the chosen value are shown. */
  show(layer: Layer): Layer;
  /** The chosen value as a text in the upper right corner: a layer. */
  readout: Layer;
}

/**
 * A slider in the figure itself, over rows that were computed for each of its values. Give axes a `domain`, else
 * they jump with every move. In an SVG the figure stays at the value that is shown first.
 *
 * @param field The field of a row that holds the knob's value.
 * @param values The values, in the order of the slider; rows have one of them each.
 * @param options `label`: the name beside the value, default the field; `start`: place of the value shown first,
 * default 0.
 * @returns The parameter, the layer filter and the readout.
 * @throws {RangeError} if there is no value, one is not finite, or `start` is no place of one.
 *
 * @example
 * ```ts
 * import { figure, knob, linearAxis, lines, renderSvg } from "refigure/figures";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rates = [0.1, 0.2, 0.4];
 * const rows = rates.flatMap((rate) =>
 *   [0, 1, 2, 3].map((step) => ({ rate, step, loss: (1 - rate) ** step }))
 * );
 * const rate = knob("rate", rates, { label: "learning rate", start: 1 });
 * const svg = await renderSvg(figure({
 *   params: [rate.param],
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss", { domain: [0, 1] }) },
 *   layer: [rate.show(lines(rows)), rate.readout],
 * }));
 * assertStringIncludes(svg, "learning rate = 0.2");
 * ```
 */
export function knob(field: string, values: readonly number[], options: KnobOptions = {}): Knob {
  requireString("field", field);
  requireNumberList("values", values);
  requireOptions("options", options, ["label", "start"]);
  const { label = field, start = 0 } = options;
  if (values.length === 0) throw new RangeError("`values` must have at least one entry, got none");
  requireString("label", label);
  requireInteger("start", start, { max: values.length - 1 });
  const name = `knob_${field.replace(/\W/g, "_")}`;
  const list = JSON.stringify(values);
  const step = (values[values.length - 1] - values[0]) / (values.length - 1);
  // Equal steps are on the slider as they are; others are counted, and the readout tells the value.
  const isEven = step > 0 &&
    values.every((value, i) => Math.abs(value - values[0] - i * step) <= 1e-9 * Math.abs(step));
  const place = isEven ? `round((${name} - ${values[0]}) / ${step})` : `${name} - 1`;
  const range = isEven
    ? { min: values[0], max: values[values.length - 1], step }
    : { min: 1, max: values.length, step: 1 };
  const chosen = `${list}[${place}]`;
  return {
    param: {
      name,
      value: isEven ? values[start] : start + 1,
      ...(values.length > 1 ? { bind: { input: "range", ...range, name: `${label} ` } } : {}),
    },
    // Rows are rounded when the figure is made, so equality would find none.
    show: (layer) =>
      filtered(layer, `abs(datum[${JSON.stringify(field)}] - ${chosen}) <= 1e-4 * abs(${chosen})`),
    readout: {
      data: { values: [{}] },
      mark: {
        type: "text",
        align: "right",
        baseline: "top",
        fontSize: 12,
        text: { expr: `${JSON.stringify(`${label} = `)} + format(${chosen}, '.4~g')` },
      },
      encoding: { x: { value: "width" }, y: { value: 4 }, color: { value: theoryColor } },
    },
  };
}

/** The layer with a filter wherever there are rows: a layer with rows of its own does not see the filter around it. */
function filtered({ transform = [], layer, ...rest }: Layer, filter: string): Layer {
  const inner = layer?.map((child) => hasRows(child) ? filtered(child, filter) : child);
  const isInside = rest.data === undefined && layer !== undefined && layer.every(hasRows);
  return {
    ...rest,
    ...(inner === undefined ? {} : { layer: inner }),
    ...(isInside ? (transform.length > 0 ? { transform } : {}) : { transform: [{ filter }, ...transform] }),
  };
}

function hasRows({ data, layer }: Layer): boolean {
  return data !== undefined || layer !== undefined && layer.some(hasRows);
}
