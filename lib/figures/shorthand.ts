/** What a figure or panel may be written with, as vega-lite has it. Not public. */
import { describeValue } from "../arrays/check.ts";
import { requireLines, requireStrings } from "./check.ts";
import type { Channel, FigureInput, Layer } from "./spec.ts";

const POSITIONS_AND_COLOR = ["x", "y", "color"];
const LISTS = ["hconcat", "vconcat", "concat"];

/**
 * Puts `x`, `y` and `color` of a view, and of the views inside it that are beside each other, into `encoding`. What is
 * not a view is returned as it is.
 *
 * @throws {TypeError} if a channel is given twice, or is not one.
 */
export function channelsInEncoding<View extends Layer>(view: View, place: string): View {
  if (typeof view !== "object" || view === null || Array.isArray(view)) return view;
  const out: Layer = {};
  for (const [key, value] of Object.entries(view)) {
    if (POSITIONS_AND_COLOR.includes(key)) {
      if (view.encoding?.[key] !== undefined) {
        throw new TypeError(`\`${place}.${key}\` must not be given beside \`${place}.encoding.${key}\``);
      }
      requireChannel(`${place}.${key}`, value);
      out.encoding = { ...(out.encoding ?? view.encoding), [key]: value };
    } else if (LISTS.includes(key) && Array.isArray(value)) {
      out[key] = value.map((one, i) => channelsInEncoding(one, `${place}.${key}[${i}]`));
    } else if (key !== "encoding" || out.encoding === undefined) {
      out[key] = value;
    }
  }
  return out as View;
}

function requireChannel(name: string, channel: Channel | undefined): void {
  if (channel === undefined) return;
  if (
    typeof channel !== "object" || channel === null ||
    ![Object.prototype, null].includes(Object.getPrototypeOf(channel))
  ) {
    throw new TypeError(
      `\`${name}\` must be an object such as { field: "loss" }, got ${describeValue(channel)}`,
    );
  }
  const { field, title } = channel;
  requireStrings({ [`${name}.field`]: field });
  if (title !== undefined && title !== null) requireLines(`${name}.title`, title);
}

/**
 * Puts the `subtitle` of a figure into its `title`.
 *
 * @throws {TypeError} if there is no title.
 */
export function subtitleInTitle(spec: FigureInput): FigureInput {
  if (typeof spec !== "object" || spec === null || spec.subtitle === undefined) return spec;
  const { subtitle, ...rest } = spec;
  const { title } = rest;
  if (title === undefined) throw new TypeError("`spec.subtitle` must not be given without `spec.title`");
  const text = typeof title === "string" || Array.isArray(title) ? { text: title } : title;
  return { ...rest, title: { ...text as { text: string }, subtitle } };
}
