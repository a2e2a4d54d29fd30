/**
 * Every claim has the same verdict with every set of BLAS kernels and with the portable engine. It runs all quick
 * presets several times, so it is for CI (and `deno task verdicts`).
 */
import { assert, assertEquals } from "@std/assert";
import { differences, engines, verdicts } from "../../tools/verdicts.ts";

const [first, ...others] = await engines();

Deno.test("verdicts do not depend on the kernels of the linear algebra", {
  ignore: others.length === 0 || !Deno.env.get("CI"),
}, async (t) => {
  const base = await verdicts(first);
  assert(base.size > 0, "there are no claims");
  for (const engine of others) {
    await t.step(engine.name, async () => {
      assertEquals(differences(base, await verdicts(engine)), []);
    });
  }
});

Deno.test("a verdict that differs, and a claim that is missing, are found", () => {
  const verdict = (holds: boolean | null) => ({ holds, measured: "1" });
  const base = new Map([["a/one", verdict(true)], ["a/two", verdict(null)], ["a/three", verdict(false)]]);
  const other = new Map([["a/one", verdict(false)], ["a/two", verdict(null)]]);
  assertEquals(differences(base, base), []);
  assertEquals(differences(base, other), [
    "a/one: true (1), now false (1)",
    "a/three: false (1), now no claim",
  ]);
});
