import { type DType, Rng } from "refigure/arrays";
import { blasInfo, withEngine } from "refigure/blas";
import { svd } from "refigure/linalg";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { build, cases } from "./cases.ts";
import { properties, type Property, units } from "./properties.ts";
import { type AnyMatrix, diagonal, multiply, norm, subtract, widen } from "./reference.ts";

/** LAPACK's own test programs allow 30 units of epsilon times size times norm. */
const ALLOWED = 30;

const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;
const precisions: DType[] = ["float64", "float32"];

/** Everything a property finds wrong with a matrix. */
function complaints(property: Property, a: AnyMatrix): string[] {
  const found = property.check(a);
  return Object.entries(found)
    .filter(([, value]) => value === false || (typeof value === "number" && !(value <= ALLOWED)))
    .map(([what, value]) =>
      typeof value === "number" ? `${what}: off by ${value.toFixed(1)} units` : `${what}: no`
    );
}

for (const engine of engines) {
  for (const dtype of precisions) {
    for (const property of properties) {
      const name = `${property.name}, ${engine}, ${dtype}`;

      Deno.test(`${name}: every case of the table`, () => {
        const wrong: string[] = [];
        for (const item of cases) {
          if (property.square && item.rows !== item.columns) continue;
          for (const complex of property.realOnly ? [false] : [false, true]) {
            const rng = new Rng(`${item.name} ${complex}`);
            const a = build(item, dtype, complex, rng);
            const before = a.data.slice();
            const where = `${item.name}, ${complex ? "complex" : "real"}`;
            for (const line of withEngine(engine, () => complaints(property, a))) {
              wrong.push(`${where}: ${line}`);
            }
            if (!a.data.every((x, k) => Object.is(x, before[k]))) {
              wrong.push(`${where}: the input was changed`);
            }
          }
        }
        assertEquals(wrong, []);
      });

      Deno.test(`${name}: random shapes`, () => {
        const shapes = fc.record({
          rows: fc.integer({ min: 0, max: 24 }),
          columns: fc.integer({ min: 0, max: 24 }),
          seed: fc.integer(),
          complex: fc.boolean(),
        });
        fc.assert(
          fc.property(shapes, ({ rows, columns, seed, complex }) => {
            const rng = new Rng(seed);
            const m = property.square ? columns : rows;
            const item = {
              name: "",
              rows: m,
              columns,
              entry: (_i: number, _j: number, noise: () => number) => noise(),
            };
            const a = build(item, dtype, complex && !property.realOnly, rng);
            const wrong = withEngine(engine, () => complaints(property, a));
            assert(wrong.length === 0, wrong.join("; "));
          }),
          { numRuns: 25, seed: 1 },
        );
      });
    }
  }
}

Deno.test("the measure can fail: a relative change of 1e-12 in the factors is far over what is allowed", () => {
  const a = new Rng(3).normalMatrix(6, 6);
  const { u, s, vt } = svd(a);
  const residual = (factor: number) => {
    const product = multiply(multiply(widen(u.times(factor)), diagonal(s)), widen(vt));
    return units(a).of(norm(subtract(widen(a), product)), norm(a));
  };
  assertLess(residual(1), ALLOWED);
  assertGreater(residual(1 + 1e-12), 10 * ALLOWED);
});
