/**
 * Every claim has the same verdict with other BLAS kernels. A sixth of the papers have their turn a day, each with one
 * other set; `deno task verdicts` compares all papers with all sets. It runs quick presets for minutes, so it is for CI.
 */
import { assert, assertEquals } from "@std/assert";
import { experimentSlugs } from "../../lib/experiment/deno/mod.ts";
import { differences, engines, verdicts } from "../../tools/verdicts.ts";
import { hasTurn } from "../turns.ts";

const [first, ...others] = await engines();
const slugs = experimentSlugs().filter((_, i) => hasTurn(i));

Deno.test("verdicts do not depend on the kernels of the linear algebra", {
  ignore: others.length === 0 || !Deno.env.get("CI"),
}, async (t) => {
  for (const [i, engine] of others.entries()) {
    const papers = slugs.filter((_, j) => j % others.length === i);
    await t.step(`${engine.name}: ${papers.join(", ")}`, async () => {
      const base = await verdicts(first, papers);
      assert(base.size >= 5 * papers.length, `there are ${base.size} claims`);
      assertEquals(differences(base, await verdicts(engine, papers)), []);
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
