import { renderSvg } from "../../lib/figures/mod.ts";
import { writeAside } from "../../lib/experiment/write_aside.ts";
import { loadExperiment, type Run } from "../../lib/experiment/runner.ts";

/**
 * Writes what a run came to into `<out>/<slug>/`: `rows.json`, `claims.json`, and every figure as SVG and as
 * vega-lite JSON. A figure that can't be drawn is added to the run's failures.
 */
export async function writeResults(out: string, run: Run): Promise<void> {
  const folder = `${out}/${run.slug}`;
  await Deno.mkdir(folder, { recursive: true });
  const { slug, preset, params, rows, claims } = run;
  await writeAside(`${folder}/rows.json`, json({ slug, preset, params, rows }));
  await writeAside(`${folder}/claims.json`, json({ slug, preset, params, claims }));
  const { figures } = await loadExperiment(slug);
  for (const [name, draw] of Object.entries(figures)) {
    try {
      const spec = draw(rows);
      const svg = await renderSvg(spec);
      await writeAside(`${folder}/${name}.vl.json`, json(spec));
      await writeAside(`${folder}/${name}.svg`, svg);
    } catch (error) {
      const { message, stack } = error as Error;
      run.failures.push({ trial: null, error: `figure "${name}" could not be drawn: ${message}`, stack });
    }
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 1) + "\n";
}
