/**
 * A trial as a person would name it: its plain values, such as `k=5 alpha=0.3 seed=1`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { label } from "./label.ts";
 *
 * assertEquals(label({ kind: "symmetric", k: 5, sizes: [2, 3] }), "kind=symmetric k=5 sizes=2,3");
 * ```
 */
export function label(trial: unknown, length = 72): string {
  const text = typeof trial === "object" && trial !== null
    ? Object.entries(trial).map(([key, value]) => `${key}=${short(value)}`).join(" ")
    : String(trial);
  return text.length > length ? text.slice(0, length - 1) + "…" : text;
}

function short(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
