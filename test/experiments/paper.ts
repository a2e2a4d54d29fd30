/**
 * The tests that every paper gets from its parts: contract, claims, figures, notes, notebook; and, for every claim, a
 * broken method or broken rows on which it is seen to fail.
 */
import { assert, assertEquals } from "@std/assert";
import { experimentUrl } from "../../lib/experiment/deno/mod.ts";
import {
  type AnyParams,
  type AnyRow,
  type Claim,
  expectedText,
  type Experiment,
  judge,
  presetNames,
  rowTable,
  WorkerPool,
} from "../../lib/experiment/mod.ts";
import { renderSvg } from "../../lib/figures/mod.ts";
import { notebookNames, readNotebook } from "../notebooks/notebooks.ts";
import { criteriaOf, hasSection, namedCriteria, readNotes } from "./notes.ts";
import { type QuickPaper, quickPaper } from "./quick_paper.ts";
import { compareSnapshot } from "./snapshot.ts";

/** Rows on which a claim must not hold. */
export type Break<Params = any, Trial = any, Row extends AnyRow = any> = (
  paper: QuickPaper<Params, Trial, Row>,
) => readonly Row[] | Promise<readonly Row[]>;

/**
 * Registers the tests of a paper.
 *
 * @param breaks For every claim, by its id, rows on which it must fail: those of a broken method where possible.
 */
export function testPaper<Params extends AnyParams, Trial, Row extends AnyRow>(
  experiment: Experiment<Params, Trial, Row>,
  breaks: Record<string, Break<Params, Trial, Row>>,
): void {
  const { slug, paper, presets, trials, figures, claims } = experiment;
  Deno.test({
    name: slug,
    // The BLAS and the workers stay loaded for the next test.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn(t) {
      const quick = await quickPaper(experiment);
      const { rows } = quick;
      const judged = (of: readonly Row[]): Claim[] => {
        const table = rowTable(of);
        return claims.map((claim) => judge(claim, table));
      };
      const verdicts = judged(rows);

      await t.step("describes the paper", () => {
        const texts = [experiment.title, paper.authors, paper.figure, experiment.family, experiment.summary];
        for (const text of [...texts, experiment.notReproduced]) assert(text.trim() !== "");
        assert(Number.isInteger(paper.year) && paper.year > 1900, `year ${paper.year}`);
        for (const { parameter, min, max, step } of experiment.knobs ?? []) {
          assert(parameter in presets.laptop, `there is no parameter "${parameter}"`);
          assert(min < max && step > 0 && step <= max - min, `knob "${parameter}"`);
          // The website's form starts with it, and a browser sends no form with a value out of range.
          const value = Number((presets.quick as Record<string, unknown>)[parameter]);
          assert(value >= min && value <= max, `knob "${parameter}" starts at ${value}`);
        }
      });
      await t.step("has plain, different, seeded trials in every preset", () => {
        for (const name of presetNames) {
          assertPlain(presets[name], `preset ${name}`);
          assert(Number.isInteger(presets[name].seed), `preset ${name} has no seed`);
          const list = trials(presets[name]);
          assert(list.length > 0, `preset ${name} has no trials`);
          assertPlain(list, `trials of ${name}`);
          assertEquals(new Set(list.map((trial) => JSON.stringify(trial))).size, list.length, "equal trials");
          assertEquals(trials(presets[name]), list);
          experiment.check?.(presets[name]);
        }
      });
      await t.step("gives the same rows for the same trial, here and in a worker", async () => {
        const [trial] = quick.trials;
        const here = JSON.stringify(await quick.run([trial]));
        assertEquals(JSON.stringify(rows).slice(0, here.length - 1), here.slice(0, -1));
        assertEquals(await inWorker(slug, trial), here);
      });

      await t.step("has five claims or more with different ids, one of them the headline", () => {
        assert(claims.length >= 5, `there are ${claims.length} claims`);
        assertEquals(claims.filter(({ headline }) => headline).length, 1);
        assertEquals(new Set(claims.map(({ id }) => id)).size, claims.length, "two claims have the same id");
        for (const { id, holds, headline, expected, measured } of verdicts) {
          assert(!headline || holds !== null, "the headline must be decided by every preset");
          assert(!/could not be measured|NaN|undefined|no values/.test(measured), `${id}: ${measured}`);
          assert(expected !== "", `${id} expects nothing`);
        }
      });
      await t.step("says of every claim which figure shows it, or that none does", () => {
        for (const { id, figure } of claims) {
          assert(figure === null || figure! in figures, `${id}: there is no figure "${figure}"`);
        }
      });
      await t.step("keeps its statements and thresholds", async () => {
        const text = claims.map((claim) => ({
          id: claim.id,
          ...(claim.criterion === undefined ? {} : { criterion: claim.criterion }),
          ...(claim.headline ? { headline: true } : {}),
          statement: claim.statement,
          expected: expectedText(claim),
          source: `${claim.source.kind}: ${claim.source.reference}`,
        }));
        await compareSnapshot(slug, "claims", text);
      });
      await t.step("holds no claim without rows", () => {
        assertEquals(holding(judged([])), []);
        const held = holding(verdicts);
        for (const kind of new Set(rows.map((row) => row.kind))) {
          const fewer = holding(judged(rows.filter((row) => row.kind !== kind)));
          assertEquals(fewer.filter((id) => !held.includes(id)), [], `without rows of kind "${kind}"`);
        }
      });
      await t.step("holds no claim on NaN", () => {
        const nan = judged(rows.map(withoutFractions) as Row[]);
        const same = verdicts.map(({ measured }, i) => measured === nan[i].measured);
        // Claims about counts and names are the same; any other must not hold.
        assertEquals(nan.filter(({ holds }, i) => holds && !same[i]).map(({ id }) => id), []);
      });
      await t.step("gives each claim rows on which it fails", () => {
        assertEquals(Object.keys(breaks).sort(), claims.map(({ id }) => id).sort());
      });
      for (const claim of claims) {
        if (!(claim.id in breaks)) continue;
        await t.step(`sees ${claim.id} fail`, async () => {
          const broken = await breaks[claim.id](quick);
          assert(JSON.stringify(broken) !== JSON.stringify(rows), "the rows are not changed");
          const { holds, measured } = judge(claim, rowTable(broken));
          assert(holds === false, `it ${holds === null ? "is undecided" : "holds"}: ${measured}`);
        });
      }

      const table = rowTable(rows);
      assert(Object.keys(figures).length > 0, "it has no figure");
      for (const [name, draw] of Object.entries(figures)) {
        await t.step(`draws ${name}`, async () => {
          const spec = draw(table);
          await renderSvg(spec);
          await compareSnapshot(slug, name, spec);
        });
      }

      await t.step("has notes with its criteria, each with a claim or a named test", async () => {
        const notes = await readNotes(slug);
        assert(!/\bthe sheet\b/i.test(notes), "the notes cite a document that readers do not have");
        const wanted = criteriaOf(notes);
        assert(wanted.length > 0, "the notes have no numbered acceptance criteria");
        const claimed = claims.flatMap(({ criterion }) => criterion ?? []);
        const covered = new Set([...claimed, ...await namedCriteria(slug)]);
        assertEquals(wanted.filter((number) => !covered.has(number)), [], "criteria without claim or test");
        assertEquals(claimed.filter((number) => !wanted.includes(number)), [], "claims of no criterion");
        for (const { id, source } of claims) {
          if (source.notes === undefined) continue;
          assert(hasSection(notes, source.notes), `${id}: the notes have no section ${source.notes}`);
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

function holding(claims: readonly Claim[]): string[] {
  return claims.filter(({ holds }) => holds).map(({ id }) => id);
}

/** The row with every number that is no integer replaced by NaN. */
function withoutFractions(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : NaN;
  if (Array.isArray(value)) return value.map(withoutFractions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutFractions(item)]));
}

/** The rows of a trial as JSON, computed in a worker. */
async function inWorker(slug: string, trial: unknown): Promise<string> {
  const makeWorker = () =>
    new Worker(new URL("../../lib/experiment/deno/worker.ts", import.meta.url), { type: "module" });
  const pool = new WorkerPool(experimentUrl(slug).href, { workers: 1, makeWorker });
  let result = "";
  await pool.runAll([trial], {
    start() {},
    report() {},
    rows: (_, json) => void (result = json),
    error: (_, error) => void (result = error.message),
  });
  pool.end();
  return result;
}

/** Asserts that JSON gives back the same value: no NaN, Infinity, undefined or class instances. */
function assertPlain(value: unknown, what: string): void {
  assertEquals(JSON.parse(JSON.stringify(value)), value, `${what} must be plain JSON`);
}
