import { type Experiment, rowTable, type Run } from "../../lib/experiment/mod.ts";
import { writeAside } from "../../lib/experiment/deno/write_aside.ts";
import { renderSvg } from "../../lib/figures/mod.ts";

/**
 * Writes what a run came to into `<out>/<slug>/`: `rows.json`, `claims.json`, and every figure as SVG and as
 * vega-lite JSON; figures of an earlier run that are not among them are removed. Returns what could not be drawn or
 * written, one line each; the rest is written all the same.
 */
export async function writeResults(out: string, run: Run, experiment: Experiment): Promise<string[]> {
  const folder = `${out}/${run.slug}`;
  const problems: string[] = [];
  const attempt = async (what: string, action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const { slug, preset, params, rows, claims } = run;
  await attempt(`${folder} cannot be written`, () => Deno.mkdir(folder, { recursive: true }));
  if (problems.length > 0) return problems;
  await attempt("old figures cannot be removed", () => removeFigures(folder));
  await attempt(
    "rows.json cannot be written",
    () => writeAside(`${folder}/rows.json`, json({ slug, preset, params, rows })),
  );
  await attempt(
    "claims.json cannot be written",
    () => writeAside(`${folder}/claims.json`, json({ slug, preset, params, claims })),
  );
  const table = rowTable(rows);
  for (const [name, draw] of Object.entries(experiment.figures)) {
    await attempt(`figure "${name}" could not be drawn`, async () => {
      const spec = draw(table);
      const svg = await renderSvg(spec);
      await writeAside(`${folder}/${name}.vl.json`, json(spec));
      await writeAside(`${folder}/${name}.svg`, svg);
    });
  }
  return problems;
}

async function removeFigures(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /\.(svg|vl\.json)$/.test(name)) await Deno.remove(`${folder}/${name}`);
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 1) + "\n";
}
