import { assertEquals, assertStringIncludes } from "@std/assert";
import { sideBySide } from "../../tools/side_by_side.ts";

const SOURCE = `
// Twice and a half.
@inline function more(x: v128): v128 {
  const twice = f32x4.add(x, x), half = f32x4.mul(x, splat(0.5));
  return f32x4.add(twice, half);
}
@inline function branching(x: v128): v128 { return v128.any_true(x) ? x : splat(1); }
@inline function storing(x: v128): v128 { v128.store(PLACE, x); return v128.load(PLACE); }
@inline function constant(at: usize): v128 { return v128.load32_splat(at); }
`;
const lines = (expression: string) =>
  sideBySide(SOURCE, 2, expression, { x: (v) => `v128.load(x, ${16 * v})` }, (v) => `y${v}`).split("\n");

Deno.test("each operation is written for all vectors before the next one", () => {
  assertEquals(lines("more(x)"), [
    "const step0_0 = v128.load(x, 0);",
    "const step0_1 = v128.load(x, 16);",
    "const step1_0 = f32x4.add(step0_0, step0_0);",
    "const step1_1 = f32x4.add(step0_1, step0_1);",
    "const step2_0 = f32x4.mul(step0_0, splat(0.5));",
    "const step2_1 = f32x4.mul(step0_1, splat(0.5));",
    "const step3_0 = f32x4.add(step1_0, step2_0);",
    "const step3_1 = f32x4.add(step1_1, step2_1);",
    "const y0 = step3_0;",
    "const y1 = step3_1;",
  ]);
});

Deno.test("what is computed twice is written once, and a function with branches or stores is called", () => {
  assertEquals(lines("f32x4.mul(more(x), more(x))").length, lines("f32x4.neg(more(x))").length);
  assertStringIncludes(lines("branching(more(x))").join("\n"), "const step4_1 = branching(step3_1);");
  assertStringIncludes(lines("storing(x)").join("\n"), "const step1_1 = storing(step0_1);");
});

Deno.test("a constant is read from the address that the function was given", () => {
  assertStringIncludes(lines("constant(HALF)").join("\n"), "const y1 = v128.load32_splat(HALF);");
});
