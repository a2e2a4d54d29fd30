/** `deno task look <slug>`: draws an experiment's figures to PNG, to look at them. */
import { loadExperiment, runExperiment } from "../../lib/experiment/deno/mod.ts";
import { type PresetName, rowTable } from "../../lib/experiment/mod.ts";
import { renderSvg } from "../../lib/figures/mod.ts";
import { printHelp, readArguments, refuse } from "../command_line.ts";

const words = [...Deno.args];
const preset = option("--preset", "quick") as PresetName;
const out = option("--out", "/tmp");
const { words: [slug, only] } = readArguments("look", words, ["--preset", "--out"]);
if (slug === undefined) {
  printHelp("look");
  Deno.exit(2);
}
const experiment = await loadExperiment(slug);
if (only !== undefined && !(only in experiment.figures)) {
  refuse(`${slug} has no figure "${only}"; there are: ${Object.keys(experiment.figures).join(", ")}`);
}
const { rows, failures } = await runExperiment(slug, { preset });
for (const { error } of failures) console.error(`failed: ${error}`);
for (const [name, draw] of Object.entries(experiment.figures)) {
  if (only !== undefined && name !== only) continue;
  const svg = await renderSvg(draw(rowTable(rows)));
  const path = `${out}/${slug}-${name}`;
  await Deno.writeTextFile(`${path}.svg`, svg);
  await screenshot(`${path}.svg`, `${path}.png`, svg);
  console.log(`${path}.png`);
}
Deno.exit(0);

function option(name: string, otherwise: string): string {
  const at = words.indexOf(name);
  return at < 0 ? otherwise : words.splice(at, 2)[1] ?? otherwise;
}

async function screenshot(from: string, to: string, svg: string): Promise<void> {
  const [, width = "900", height = "700"] = svg.match(/ width="(\d+)[^"]*" height="(\d+)/) ?? [];
  const browser = Deno.env.get("CHROMIUM") ?? "chromium";
  const { success, stderr } = await new Deno.Command(browser, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--hide-scrollbars",
      `--screenshot=${to}`,
      `--window-size=${Math.max(300, Number(width) + 1)},${Number(height) + 1}`,
      `file://${from}`,
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${browser} could not draw ${from}: ${new TextDecoder().decode(stderr)}`);
}
