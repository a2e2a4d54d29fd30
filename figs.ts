import { figures } from "./experiments/diffusion-gauge-freedom/figures.ts";
import { trials, run, presets } from "./experiments/diffusion-gauge-freedom/trials.ts";
import { rowTable } from "./lib/experiment/mod.ts";
import { renderSvg } from "./lib/figures/mod.ts";
let { rows } = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
for (const kind of (Deno.args[2] ?? "").split(",").filter(Boolean)) {
  const fresh: any[] = [];
  for (const t of trials(presets.laptop)) if (t.kind === kind) fresh.push(...await run(t as any, () => {}));
  const kinds = new Set(fresh.map((r) => r.kind));
  rows = rows.filter((r: any) => !kinds.has(r.kind)).concat(fresh);
}
for (const r of rows) if (r.kind === "sampling" && r.field === "gauge" && r.strength === 5) console.log(r.steps, r.distance);
for (const [name, draw] of Object.entries(figures)) {
  if (Deno.args[1] && !Deno.args[1].split(",").includes(name)) continue;
  const svg = await renderSvg(draw(rowTable(rows)));
  const p = `/tmp/qg-${name}`;
  Deno.writeTextFileSync(p + ".svg", svg);
  const [, w, h] = svg.match(/ width="(\d+)[^"]*" height="(\d+)/)!;
  await new Deno.Command("chromium", { args: ["--headless", "--no-sandbox", "--disable-gpu", `--screenshot=${p}.png`, `--window-size=${w},${h}`, `file://${p}.svg`] }).output();
}
Deno.exit(0);
