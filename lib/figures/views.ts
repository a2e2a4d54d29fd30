/** Walks through the views of a figure. */
import type { Channel, FigureInput, Layer } from "./spec.ts";

/** A view with one mark, with what it inherits from the views around it. */
export interface Unit {
  /** The view itself. */
  view: Layer;
  /** Type of its mark. */
  mark: string;
  /** Its channels, inherited ones included. */
  encoding: Record<string, Channel>;
  /** The view whose `data` it has, itself or one around it; undefined without any. */
  source: Layer | undefined;
  /** Whether a transform changes the rows between there and here. */
  isTransformed: boolean;
  /** Where it is, such as `layer[1]`; empty for the figure itself. */
  place: string;
}

const composites = ["layer", "hconcat", "vconcat", "concat"];

/** All views with one mark, in the order in which they are drawn. */
export function units(figure: FigureInput | Layer): Unit[] {
  const found: Unit[] = [];
  visit(figure, {}, undefined, false, "", found);
  return found;
}

function visit(
  view: Layer,
  around: Record<string, Channel>,
  source: Layer | undefined,
  isTransformed: boolean,
  place: string,
  found: Unit[],
): void {
  const encoding = inherit(around, view.encoding ?? {});
  if (view.data !== undefined) [source, isTransformed] = [view, false];
  if (view.transform !== undefined) isTransformed = true;
  if (view.mark !== undefined) {
    const mark = typeof view.mark === "string" ? view.mark : view.mark.type;
    found.push({ view, mark, encoding, source, isTransformed, place });
  }
  const at = (name: string) => place === "" ? name : `${place}.${name}`;
  for (const name of composites) {
    if (!Array.isArray(view[name])) continue;
    (view[name] as Layer[]).forEach((child, i) => {
      visit(child, encoding, source, isTransformed, at(`${name}[${i}]`), found);
    });
  }
  if (view.spec !== undefined) visit(view.spec, encoding, source, isTransformed, at("spec"), found);
}

/** As vega-lite does: a channel with a field keeps what the view around it has, any other replaces it. */
function inherit(
  around: Record<string, Channel>,
  own: NonNullable<Layer["encoding"]>,
): Record<string, Channel> {
  const merged = { ...around };
  for (const [name, channel] of Object.entries(own)) {
    if (channel === undefined) continue;
    if (channel === null) delete merged[name];
    else if (Array.isArray(channel)) merged[name] = channel as Channel;
    else {
      const single = channel as Channel;
      const isField = single.field !== undefined || single.aggregate !== undefined || "datum" in single;
      merged[name] = isField ? { ...merged[name], ...single } : single;
    }
  }
  return merged;
}

/** The inline rows of a unit; undefined where they come from elsewhere. */
export function rowsOf({ source }: Unit): Record<string, unknown>[] | undefined {
  const values = source?.data?.values;
  return Array.isArray(values) ? values : undefined;
}
