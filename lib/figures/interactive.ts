import { checkSpec } from "./check_spec.ts";
import { plain } from "./plain.ts";
import type { Channel, FigureInput, FigureSpec, Layer } from "./spec.ts";
import { rowsOf, type Unit, units } from "./views.ts";

/** Lines with more points than this together have no tooltips: each point is an element of the page. */
const mostPoints = 3000;
/** Views with at least this many rows in one mark can be zoomed. */
const dense = 40;

/**
 * A figure that reacts to the mouse, for JupyterLab and other pages that draw vega-lite with vega-embed:
 *
 * - a tooltip shows the numbers of the point under the mouse;
 * - a click on a name in the legend highlights its series (with Shift, several), a double click all of them;
 * - in views with many points, the wheel with Shift zooms, a drag moves, a double click goes back;
 * - marks are SVG, so that the style sheet of a page can fit the figure into the page's width.
 *
 * What the figure has itself, such as tooltips or selections, stays as it is. The picture before anybody touches
 * it is that of the figure, also in vega-lite 5.6.1, which JupyterLab 4 brings.
 *
 * @param spec A complete figure, from `figure`; it is not changed.
 *
 * @example
 * ```ts
 * import { colorBy, figure, interactive, linearAxis, lines } from "refigure/figures";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const still = figure({
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss"), color: colorBy("run", null) },
 *   layer: [lines([{ step: 0, loss: 2, run: "a" }, { step: 1, loss: 1, run: "a" }])],
 * });
 * const spec = interactive(still);
 * assertEquals(spec.usermeta, { embedOptions: { renderer: "svg" } });
 * assert(JSON.stringify(spec).includes('"bind":"legend"') && !JSON.stringify(still).includes('"bind"'));
 * ```
 */
export function interactive(spec: FigureSpec): FigureSpec {
  checkSpec(spec);
  const own = plain(spec as FigureInput);
  unstack(own);
  if (!hasSelections(own)) {
    addHighlights(own);
    addZoom(own);
  }
  addTooltips(own);
  const { embedOptions, ...usermeta } = own.usermeta ?? {};
  own.usermeta = { ...usermeta, embedOptions: { renderer: "svg", ...embedOptions } };
  return own as FigureSpec;
}

/**
 * Bands are not stacked. Where both axes are quantitative and one is logarithmic, vega-lite before 5.17 stacks
 * coloured bands along the other one, though they have two ends.
 */
function unstack(spec: FigureInput): void {
  for (const { view, mark, encoding } of units(spec)) {
    if (mark !== "area" && mark !== "bar") continue;
    if (encoding.x2 === undefined && encoding.y2 === undefined) continue;
    for (const axis of ["x", "y"] as const) {
      const channel = encoding[axis];
      if (channel?.field === undefined || channel.type !== "quantitative" || "stack" in channel) continue;
      view.encoding = {
        ...view.encoding,
        [axis]: { ...(view.encoding?.[axis] as Channel ?? { field: channel.field }), stack: null },
      };
    }
  }
}

function hasSelections(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, child]) =>
    key === "params" && Array.isArray(child)
      ? child.some((param) => param.select !== undefined)
      : key !== "values" && hasSelections(child)
  );
}

/** A click on a name in a legend makes the other series faint. */
function addHighlights(spec: FigureInput): void {
  const panels = panelsOf(spec);
  const isShared = spec.resolve?.scale?.color !== "independent" &&
    spec.resolve?.legend?.color !== "independent";
  const groups = isShared ? [panels] : panels.map((panel) => [panel]);
  let count = 0;
  for (const group of groups) {
    const all = group.flatMap((panel) => units(panel));
    const coloured = all.filter(({ encoding }) => isSeries(encoding.color));
    for (const field of new Set(coloured.map(({ encoding }) => encoding.color.field!))) {
      const those = coloured.filter(({ encoding }) => encoding.color.field === field);
      const first = those.find(({ encoding, view }) =>
        encoding.color.legend !== null && view.params === undefined
      );
      if (first === undefined) continue;
      const name = `highlight${count++ === 0 ? "" : count}`;
      first.view.params = [{ name, select: { type: "point", fields: [field] }, bind: "legend" }];
      for (const unit of those) fade(unit, name, spec);
    }
  }
}

function isSeries(color: Channel | undefined): boolean {
  return typeof color?.field === "string" && color.type === "nominal" && color.aggregate === undefined &&
    color.bin === undefined && color.timeUnit === undefined;
}

function fade({ view, mark, encoding }: Unit, param: string, spec: FigureInput): void {
  if (encoding.opacity !== undefined) return;
  const given = typeof view.mark === "object" ? view.mark.opacity : undefined;
  const value = given ?? spec.config?.[mark]?.opacity ?? spec.config?.mark?.opacity ?? 1;
  if (typeof value !== "number") return;
  view.encoding = { ...view.encoding, opacity: { condition: { param, value }, value: value * 0.12 } };
}

/** Wheel and drag, where there is something to see. */
function addZoom(spec: FigureInput): void {
  let count = 0;
  for (const panel of panelsOf(spec)) {
    const all = units(panel);
    const isNumeric = (channel: Channel | undefined) =>
      channel?.type === "quantitative" && channel.bin === undefined && channel.aggregate === undefined &&
      channel.axis !== null;
    const withBoth = all.filter(({ encoding }) =>
      encoding.x?.field !== undefined && encoding.y?.field !== undefined
    );
    const canBe = withBoth.length > 0 && withBoth.every(({ encoding }) =>
      isNumeric(encoding.x) && isNumeric(encoding.y)
    ) &&
      all.every(({ mark }) =>
        ["line", "point", "circle", "square", "area", "rule", "text", "trail"].includes(mark)
      );
    if (!canBe || !all.some((unit) => (rowsOf(unit)?.length ?? 0) >= dense)) continue;
    const [{ view }] = withBoth;
    const name = `zoom${count++ === 0 ? "" : count}`;
    // The wheel alone scrolls the page.
    const select = { type: "interval", zoom: "wheel![event.shiftKey]" };
    view.params = [...view.params ?? [], { name, select, bind: "scales" }];
    for (const unit of all) {
      // A text at the edge would be cut, zoomed or not.
      if (unit.mark === "text") continue;
      const mark = unit.view.mark!;
      unit.view.mark = typeof mark === "string" ? { type: mark, clip: true } : { clip: true, ...mark };
    }
  }
}

/** The views that have axes of their own; those that a facet repeats are left alone. */
function panelsOf(spec: FigureInput): Layer[] {
  if (spec.mark !== undefined || spec.layer !== undefined) {
    const isFaceted = ["row", "column", "facet"].some((name) => spec.encoding?.[name] !== undefined);
    return isFaceted ? [] : [spec];
  }
  return [spec.hconcat, spec.vconcat, spec.concat].flatMap((list) => list ?? []).flatMap(panelsOf);
}

/** The numbers of the mark under the mouse. */
function addTooltips(spec: FigureInput): void {
  const all = units(spec);
  const titles = new Map<string, string>();
  for (const { encoding } of all) {
    for (const { field, title } of Object.values(encoding)) {
      if (typeof field === "string" && typeof title === "string" && title !== "") titles.set(field, title);
    }
  }
  const lineRows = all.filter(({ mark }) => mark === "line").reduce(
    (sum, unit) => sum + (rowsOf(unit)?.length ?? 0),
    0,
  );
  for (const unit of all) {
    const { view, mark, encoding } = unit;
    const isDefinition = typeof view.mark === "object";
    if (encoding.tooltip !== undefined && mark !== "line") continue;
    if (isDefinition && (view.mark as { tooltip?: unknown }).tooltip !== undefined) continue;
    const tooltip = encoding.tooltip ?? tooltipOf(encoding, titles, bandOf(unit, all));
    if (tooltip === undefined) continue;
    if (["point", "circle", "square", "bar", "rect", "tick"].includes(mark)) {
      view.encoding = { ...view.encoding, tooltip };
    } else if (mark === "line" && rowsOf(unit) !== undefined && lineRows <= mostPoints) hover(view, tooltip);
  }
}

/**
 * A tooltip on a line shows its first row, whatever is under the mouse: invisible points on top of it show each
 * their own.
 */
function hover(view: Layer, tooltip: Channel | readonly Channel[]): void {
  const { mark, params, ...rest } = view;
  const { tooltip: _, ...encoding } = rest.encoding ?? {};
  const points = { type: "point", filled: true, clip: true, tooltip: true };
  for (const key of Object.keys(view)) delete view[key];
  Object.assign(view, rest, {
    encoding,
    layer: [
      { ...(params === undefined ? {} : { params }), mark },
      {
        mark: points,
        // Without the channels that would be seen, also in the legend.
        encoding: {
          color: null,
          fill: null,
          stroke: null,
          opacity: { value: 0 },
          size: { value: 110 },
          shape: { value: "circle" },
          strokeDash: null,
          strokeWidth: null,
          order: null,
          tooltip,
        },
      },
    ],
  });
}

/** Series as the heading, then what is along the axes; undefined where the shown is not a field of a row. */
function tooltipOf(
  encoding: Record<string, Channel>,
  titles: ReadonlyMap<string, string>,
  band: readonly Channel[],
): Channel[] | undefined {
  const shown = ["color", "fill", "stroke", "shape", "x", "y", "x2", "y2", "size", "text"].flatMap((name) => {
    const channel = encoding[name];
    if (channel === undefined || Array.isArray(channel)) return [];
    return [channel, (channel.condition ?? {}) as Channel].filter(({ field }) => field !== undefined)
      .map((one) => ({ name, channel: one }));
  });
  if (
    shown.some(({ channel: { field, aggregate, bin, timeUnit } }) =>
      typeof field !== "string" || aggregate !== undefined || bin !== undefined || timeUnit !== undefined
    )
  ) return undefined;
  const fields = new Map<string, Channel>();
  for (const { name, channel: { field, type } } of shown) {
    if (fields.has(field!)) continue;
    // vega-tooltip shows what is called "title" as a heading.
    const isSeries = type === "nominal" && (name === "color" || name === "fill" || name === "stroke");
    const title = isSeries ? "title" : titles.get(field!) ?? field!;
    fields.set(field!, { field, title, ...(type === undefined ? {} : { type }) });
  }
  return fields.size === 0 ? undefined : [...fields.values(), ...band];
}

/** The ends of the band around a line, which are fields of the same rows. */
function bandOf(unit: Unit, all: readonly Unit[]): Channel[] {
  if (unit.mark !== "line" && unit.mark !== "point") return [];
  const band = all.find(({ source, encoding: { y, y2 } }) =>
    source === unit.source && y?.field !== undefined && y2?.field !== undefined
  );
  if (band === undefined) return [];
  const { y, y2 } = band.encoding;
  return [{ field: y.field, title: "from" }, { field: y2.field, title: "to" }]
    .map((channel) => ({ ...channel, type: "quantitative" }));
}
