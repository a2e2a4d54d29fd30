/** What every experiment owes to what runs it. */
import { assert, assertEquals } from "@std/assert";
import { loadExperiment } from "../../lib/experiment/deno/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { notebookNames, readNotebook } from "../notebooks/notebooks.ts";
import { legacySlugs, quickRun } from "./quick_run.ts";

// Papers in the new shape have these tests in test/experiments/paper.ts.
for (const slug of await legacySlugs()) {
  Deno.test({
    name: `contract of ${slug}`,
    sanitizeResources: false,
    async fn(t) {
      const experiment = await loadExperiment(slug);
      const { paper, presets, trials, figures } = experiment;
      await t.step("names its paper and its figure", () => {
        for (const text of [experiment.title, paper.authors, paper.figure]) assert(text.trim() !== "");
        assert(Number.isInteger(paper.year) && paper.year > 1900, `year ${paper.year}`);
        assert(Object.keys(figures).length > 0, "it has no figure");
      });
      await t.step("has plain trials, seeded, in every preset", () => {
        for (const [name, params] of Object.entries(presets)) {
          assertPlain(params, `preset ${name}`);
          assert(Number.isInteger(params.seed), `preset ${name} has no seed`);
          const list = trials(params);
          assert(list.length > 0, `preset ${name} has no trials`);
          assertEquals(
            new Set(list.map((trial) => JSON.stringify(trial))).size,
            list.length,
            "two trials are the same",
          );
          assertPlain(list, `trials of ${name}`);
          assertEquals(trials(params), list);
        }
      });
      const run = await quickRun(slug);
      await t.step("has plain rows, without failures", () => {
        assertEquals(run.failures, []);
        assert(run.rows.length > 0, "there are no rows");
      });
      await t.step("gives the same rows for the same trial, here and in a worker", async () => {
        setBlasThreads(1);
        const [trial] = trials(presets.quick);
        const rows = await experiment.run(trial, () => {});
        assertPlain(rows, "rows");
        assertEquals(JSON.stringify(await experiment.run(trial, () => {})), JSON.stringify(rows));
        assertEquals(
          JSON.stringify(run.rows.slice(0, rows.length)),
          JSON.stringify(rows),
          "a worker gave other rows",
        );
      });
      await t.step("has five claims or more, one of them the headline", () => {
        const { claims } = run;
        assert(claims.length >= 5, `there are ${claims.length} claims`);
        assertEquals(claims.filter(({ headline }) => headline).length, 1);
        assertEquals(new Set(claims.map(({ id }) => id)).size, claims.length, "two claims have the same id");
        for (const { id, statement, reference, expected, measured, headline, holds } of claims) {
          for (const text of [id, statement, reference, expected, measured]) {
            assert(text.trim() !== "", `claim ${id}`);
          }
          assert(!headline || holds !== null, "the headline must be decided by every preset");
          assert(
            holds === null || !/undefined|NaN/.test(expected + measured),
            `claim ${id}: ${expected}; ${measured}`,
          );
        }
      });
      await t.step("has a notebook that was executed without errors", () => {
        assert(notebookNames.includes(slug), `there is no notebooks/${slug}.ipynb`);
        const code = readNotebook(slug).cells.filter(({ cell_type }) => cell_type === "code");
        const outputs = code.flatMap(({ outputs }) => outputs ?? []);
        assert(outputs.length > 0, "its outputs are not stored");
        assertEquals(outputs.filter(({ output_type }) => output_type === "error"), []);
        const shown = new Set(outputs.flatMap(({ data }) => Object.keys(data ?? {})));
        for (const kind of ["application/vnd.vegalite.v5+json", "image/svg+xml", "text/html"]) {
          assert(shown.has(kind), `no output has ${kind}`);
        }
      });
    },
  });
}

Deno.test("randomness comes from seeds only", async () => {
  for (const folder of ["lib", "experiments"]) {
    for await (const [path, text] of sources(new URL(`../../${folder}/`, import.meta.url))) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      assert(!code.includes("Math.random"), `${path} uses Math.random`);
    }
  }
});

async function* sources(folder: URL): AsyncGenerator<[string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) {
      const file = new URL(name, folder);
      yield [file.pathname, await Deno.readTextFile(file)];
    }
  }
}

/** Asserts that JSON gives back the same value: no NaN, Infinity, undefined or class instances. */
function assertPlain(value: unknown, what: string): void {
  assertEquals(JSON.parse(JSON.stringify(value)), value, `${what} must be plain JSON`);
}
