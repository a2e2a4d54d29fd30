/** What is done for logarithmic axes once their rows are known: places for all values, and labels of one style. */
import { autoLabels, labelStyle } from "./log_labels.ts";
import type { Channel, FigureInput, TitleInput } from "./spec.ts";
import { rowsOf, type Unit, units } from "./views.ts";

/**
 * Leaves out, with a word below the title, values that have no place on a logarithmic axis: vega draws them at
 * the end of the axis where the largest value is. Changes the spec, which is a copy.
 *
 * @throws {RangeError} if the domain of a logarithmic scale is not positive.
 */
export function leaveOutNotPositive(spec: FigureInput): void {
  const all = units(spec);
  const left = new Map<string, number>();
  for (const unit of all) {
    if (unit.isTransformed) continue;
    for (const [axis, names] of [["x", ["x", "x2"]], ["y", ["y", "y2"]]] as const) {
      const channel = unit.encoding[axis];
      if (!isLog(channel)) continue;
      checkDomain(channel, unit, axis);
      for (const name of names) {
        const field = unit.encoding[name]?.field;
        if (typeof field !== "string" || unit.encoding[name].aggregate !== undefined) continue;
        const count = leaveOut(unit, field, all);
        if (count > 0) left.set(title(channel), (left.get(title(channel)) ?? 0) + count);
      }
    }
  }
  for (const [axis, count] of left) {
    const values = count === 1 ? "1 value is" : `${count} values are`;
    addWord(spec, `Left out: ${values} not positive, which a logarithmic axis cannot show (${axis})`);
  }
}

function isLog(channel: Channel | undefined): channel is Channel {
  return channel?.scale?.type === "log";
}

function title({ title, field }: Channel): string {
  return [title].flat().join(" ") || field || "no title";
}

function checkDomain({ scale }: Channel, { place }: Unit, axis: string): void {
  const { domain } = scale;
  if (Array.isArray(domain) && domain.some((end) => typeof end === "number" && !(end > 0))) {
    const where = `spec.${place === "" ? "" : `${place}.`}encoding.${axis}`;
    throw new RangeError(`\`${where}.scale.domain\` of a log axis must be positive, got [${domain}]`);
  }
}

/** Makes values that are not positive null, and counts them. */
function leaveOut(unit: Unit, field: string, all: readonly Unit[]): number {
  const rows = rowsOf(unit);
  if (rows === undefined) return 0;
  const isOff = (row: Record<string, unknown>) =>
    typeof row?.[field] === "number" && !((row[field] as number) > 0);
  const count = rows.filter(isOff).length;
  if (count === 0) return 0;
  if (!rows.some((row) => (row?.[field] as number) > 0)) {
    throw new RangeError(
      `A logarithmic axis cannot show \`${field}\`: none of its ${rows.length} values is positive`,
    );
  }
  const values = rows.map((row) => isOff(row) ? { ...row, [field]: null } : row);
  // Rows that another view shows on a linear axis stay as they are for that view.
  const isAlone = all.every((other) =>
    other.source !== unit.source || other === unit ||
    ["x", "y"].every((axis) =>
      ![axis, `${axis}2`].some((name) => other.encoding[name]?.field === field) || isLog(other.encoding[axis])
    )
  );
  if (isAlone) unit.source!.data = { ...unit.source!.data, values };
  else {
    unit.view.data = { ...unit.source!.data, values };
    unit.source = unit.view;
  }
  return count;
}

/** A line below the title. */
function addWord(spec: FigureInput, word: string): void {
  const { title } = spec;
  const isPlain = title === undefined || typeof title === "string" || Array.isArray(title);
  const whole = (isPlain ? { text: title ?? "" } : title) as TitleInput;
  // Vega shows no subtitle without a title.
  if ([whole.text].flat().join("") === "") {
    spec.title = { ...whole, text: word, fontSize: 12, fontWeight: "normal" };
    return;
  }
  const lines = [whole.subtitle ?? []].flat().filter((line) => line !== "");
  spec.title = { ...whole, subtitle: [...lines, word] };
}

/**
 * Gives each logarithmic axis labels of one style, by the values it has: plain numbers, or powers of ten. Axes
 * of the same title agree.
 */
export function labelLogAxes(spec: FigureInput): void {
  const extents = new Map<string, [number, number]>();
  const all = units(spec);
  const axes = all.flatMap((unit) =>
    (["x", "y"] as const).flatMap((axis) => {
      const channel = unit.encoding[axis];
      return isLog(channel) && channel.axis?.labelExpr === autoLabels
        ? [{ key: `${axis} ${title(channel)}`, channel, values: valuesOn(unit, axis) }]
        : [];
    })
  );
  for (const { key, values } of axes) {
    const [low, high] = extents.get(key) ?? [Infinity, -Infinity];
    extents.set(
      key,
      values.reduce<[number, number]>(
        ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
        [low, high],
      ),
    );
  }
  relabel(spec, "", extents);
}

/** The positive values of a unit on an axis. */
function valuesOn(unit: Unit, axis: "x" | "y"): number[] {
  const rows = rowsOf(unit) ?? [];
  return [axis, `${axis}2`].flatMap((name) => {
    const { field, datum } = unit.encoding[name] ?? {};
    const values = field === undefined ? [datum] : rows.map((row) => row?.[field]);
    return values.filter((value): value is number => typeof value === "number" && value > 0);
  });
}

/** Replaces the labels of axes that are still to be decided, wherever in the spec they stand. */
function relabel(value: unknown, axis: string, extents: ReadonlyMap<string, [number, number]>): void {
  if (typeof value !== "object" || value === null) return;
  const channel = value as Channel;
  if ((axis === "x" || axis === "y") && channel.axis?.labelExpr === autoLabels) {
    const extent = extents.get(`${axis} ${title(channel)}`);
    channel.axis = { ...channel.axis, labelExpr: labelStyle(extent ?? [1, 1]) };
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (key !== "values") relabel(child, key, extents);
  }
}
