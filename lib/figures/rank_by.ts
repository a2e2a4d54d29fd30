import { describeValue, requireFunction, requireNumber, requireOptions } from "../arrays/check.ts";

/**
 * Items from the smallest value to the largest, where values that are equal to within noise keep the order in
 * which they were given: a ranking that does not change from machine to machine with rounding. A value that is
 * not finite comes last.
 *
 * @param items What is ordered; it is not changed.
 * @param value The number of an item.
 * @param options `tolerance`: how much two values may differ, relative to the larger one, and still count as equal.
 * Default 0.02. Values in a chain of such neighbours count as equal, too.
 * @returns The items, smallest value first, in a new list.
 * @throws {RangeError} if `tolerance` is not in [0, 1).
 *
 * @example
 * ```ts
 * import { rankBy } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const runs = [{ name: "Muon", loss: 0.1001 }, { name: "AuON", loss: 0.3 }, { name: "NorMuon", loss: 0.1 }];
 * assertEquals(rankBy(runs, ({ loss }) => loss).map(({ name }) => name), ["Muon", "NorMuon", "AuON"]);
 * ```
 */
export function rankBy<Item>(
  items: readonly Item[],
  value: (item: Item) => number,
  options: { tolerance?: number } = {},
): Item[] {
  if (!Array.isArray(items)) throw new TypeError(`\`items\` must be a list, got ${describeValue(items)}`);
  items.forEach((item, i) => {
    if (item === null || item === undefined) {
      throw new TypeError(`\`items[${i}]\` must be an item, got ${item}`);
    }
  });
  requireFunction("value", value);
  requireOptions("options", options, ["tolerance"]);
  const { tolerance = 0.02 } = options;
  requireNumber("tolerance", tolerance, { min: 0, below: 1 });
  const finite = (x: number) => Number.isFinite(x) ? x : Infinity;
  const sorted = items.map((item, place) => ({ item, place, value: finite(value(item)) }))
    .sort((a, b) => a.value === b.value ? a.place - b.place : a.value - b.value);
  const groups: (typeof sorted)[] = [];
  let last = NaN;
  for (const entry of sorted) {
    const isEqual = entry.value === last ||
      entry.value < Infinity &&
        entry.value - last <= tolerance * Math.max(Math.abs(entry.value), Math.abs(last));
    if (isEqual) groups[groups.length - 1].push(entry);
    else groups.push([entry]);
    last = entry.value;
  }
  return groups.flatMap((group) => group.sort((a, b) => a.place - b.place).map(({ item }) => item));
}
