/**
 * `deno task new-paper <slug>`: writes a paper's six files, its notebook and its test, which pass as they are and say
 * what to fill in.
 */
import { printHelp, readArguments, refuse } from "../command_line.ts";

const { words: [slug, ...more] } = readArguments("new-paper", Deno.args, []);
if (slug === undefined) {
  printHelp("new-paper");
  Deno.exit(2);
}
if (more.length > 0 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug)) {
  refuse(`A slug is lower-case words joined by hyphens, got "${Deno.args.join(" ")}"`);
}
const root = new URL("../../", import.meta.url);
const files: Record<string, string> = {
  [`experiments/${slug}/README.md`]: `# ${title(slug)}: notes

Notes on *The Paper's Title*, authors, year, [arXiv 0000.00000](https://arxiv.org/abs/0000.00000).
The notebook is [${slug}.ipynb](../../notebooks/${slug}.ipynb); the method is in \`refigure/...\`.

## 1 What the paper claims

Here: the throw of a fair coin is heads half of the time.

## 3 Method

Every constant, every equation; what is unclear in the paper or its code.

## 6 Protocol

What is run, over which parameters and seeds.

## 7 Acceptance criteria

1. The share of heads is within 0.05 of 1/2 for every seed.
2. It scatters as $1/(2\\sqrt{n})$.

## 9 Results

## 10 Not reproduced
`,
  [`experiments/${slug}/mod.ts`]: `/**
 * One sentence: what the paper shows.
 *
 * @module
 */
import { requireInteger } from "../../lib/arrays/mod.ts";
import { defineExperiment } from "../../lib/experiment/mod.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { presets, run, trials } from "./trials.ts";

/** The experiment. */
export const experiment = defineExperiment({
  slug: "${slug}",
  title: "The Paper's Title",
  paper: { authors: "First Author, Second Author", year: 2026, arxiv: "0000.00000", figure: "Figure 1: ..." },
  family: "Learning dynamics",
  summary: "What the paper found, in two or three plain sentences for somebody who does not know the field.",
  notReproduced: "What of the paper this does not show.",
  presets,
  knobs: [{ parameter: "throws", label: "Throws per seed", min: 100, max: 100_000, step: 100 }],
  check: ({ throws }) => void requireInteger("throws", throws, { min: 1 }),
  trials,
  run,
  figures,
  claims,
});
`,
  [`experiments/${slug}/trials.ts`]: `/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { shareOfHeads } from "./rows.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Throws per seed. */
  throws: number;
  /** Probability of heads. */
  probability: number;
}

const laptop: Params = { seed: 0, seeds: 8, throws: 10_000, probability: 0.5 };

/** Parameters per preset. */
export const presets = { quick: { ...laptop, throws: 2000 }, laptop, full: { ...laptop, throws: 1_000_000 } };

export const { trials, run } = defineTrials<Params>()((kind) => ({
  coin: kind({
    over: (p) => grid({ throws: [p.throws], probability: [p.probability], seed: seedsOf(p) }),
    run: (trial) => [shareOfHeads(trial)],
  }),
}));
`,
  [`experiments/${slug}/rows.ts`]: `/** What trials return, and how it is computed. */
import { Rng } from "../../lib/arrays/mod.ts";
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** The share of heads among the throws of one seed. */
  coin: { seed: number; throws: number; share: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Throws a coin. */
export function shareOfHeads(
  { throws, probability, seed }: { throws: number; probability: number; seed: number },
): Row<"coin"> {
  const rng = new Rng(seed);
  let heads = 0;
  for (let k = 0; k < throws; k++) if (rng.uniform() < probability) heads++;
  return { kind: "coin", seed, throws, share: heads / throws };
}
`,
  [`experiments/${slug}/claims.ts`]: `/** What must be seen, as data: notes 7 numbers the criteria. */
import { sampleStandardDeviation } from "simple-statistics";
import { atLeastSeeds, defineClaims, derived, near, theorem, within } from "../../lib/experiment/mod.ts";
import type { Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  fair: claim({
    figure: "shares",
    criterion: 1,
    headline: true,
    statement: "A fair coin shows heads half of the time.",
    source: theorem("The law of large numbers", { notes: "7" }),
    measure: ({ coin }) => ({ "share of heads": coin.map(({ share }) => share) }),
    expect: { "share of heads": near(0.5, { absolute: 0.05 }) },
  }),
  scatter: claim({
    figure: "shares",
    criterion: 2,
    statement: "The share scatters as 1/(2√n).",
    source: derived("7"),
    decidedBy: ({ coin }) => atLeastSeeds(coin, 8),
    measure: ({ coin }) => ({
      "standard deviation over 1/(2√n)": sampleStandardDeviation(coin.map(({ share }) => share)) * 2 *
        Math.sqrt(coin[0].throws),
    }),
    expect: { "standard deviation over 1/(2√n)": within(0.4, 1.8) },
  }),
  // A paper needs five claims or more; the test fails until then.
  ...Object.fromEntries(["a", "b", "c"].map((name) => [
    \`to-do-\${name}\`,
    claim({
      figure: null, // or the name of one that shows it
      statement: "To be replaced by a claim of the paper.",
      source: derived("7"),
      measure: ({ coin }) => ({ "share of heads": coin.map(({ share }) => share) }),
      expect: { "share of heads": within(0.4, 0.6) },
    }),
  ])),
}));
`,
  [`experiments/${slug}/figures.ts`]: `/** Figures, the key one first. */
import type { Figure, RowTable } from "../../lib/experiment/mod.ts";
import { figure, linearAxis, points, theoryRule } from "../../lib/figures/mod.ts";
import type { Row } from "./rows.ts";

function shares({ coin }: RowTable<Row>): Figure {
  return figure({
    title: "The point of the figure",
    subtitle: "The setting; dashed: theory",
    x: linearAxis("seed", "Seed"),
    y: linearAxis("share", "Share of heads"),
    layer: [points(coin, { x: "seed", y: "share" }), theoryRule({ y: 0.5 })],
  });
}

export const figures = { shares };
`,
  [`test/experiments/${slug}_test.ts`]: `import { experiment } from "../../experiments/${slug}/mod.ts";
import { testPaper } from "./paper.ts";

testPaper(experiment, {
  // For every claim a broken method, or broken rows, on which it is seen to fail.
  "fair": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.6 })),
  // One seed for all.
  "scatter": async ({ trials, run }) =>
    (await run(trials.map((trial) => ({ ...trial, seed: 0 })))).map((row, seed) => ({ ...row, seed })),
  "to-do-a": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
  "to-do-b": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
  "to-do-c": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
});
`,
  [`notebooks/${slug}.ipynb`]: notebook(),
};

const existing = Object.keys(files).filter(exists);
if (existing.length > 0) {
  console.error(`Nothing was written, because there is already: ${existing.join(", ")}`);
  Deno.exit(2);
}
for (const [path, text] of Object.entries(files)) {
  const file = new URL(path, root);
  Deno.mkdirSync(new URL("./", file), { recursive: true });
  Deno.writeTextFileSync(file, text);
  console.log(path);
}
console.log(`
Next: deno task paper ${slug}   runs the notebook and stores figures, snapshots and the README's row
      docs/adding-a-paper.md    tells what goes where`);

function title(name: string): string {
  const words = name.replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, root));
    return true;
  } catch {
    return false;
  }
}

function notebook(): string {
  const markdown = (id: string, ...lines: string[]) => ({
    cell_type: "markdown",
    id,
    metadata: {},
    source: text(lines),
  });
  const code = (id: string, ...lines: string[]) => ({
    cell_type: "code",
    execution_count: null,
    id,
    metadata: {},
    outputs: [],
    source: text(lines),
  });
  const text = (lines: string[]) => lines.map((line, i) => i === lines.length - 1 ? line : line + "\n");
  const cells = [
    markdown("intro", `# ${title(slug)}`, "", "The paper's problem, its trick, its result, in plain words."),
    markdown("method-text", "## The method", "", "Small cells that call `refigure/...`."),
    code("method", 'import { Rng } from "refigure/arrays";', "new Rng(0).normals(5)"),
    markdown("run-text", "## The key figure"),
    code(
      "run",
      'import { reproduce, scorecard } from "refigure/notebook";',
      `const run = await reproduce("${slug}");`,
    ),
    markdown("knob-text", "## Turn the knob"),
    code("knob", `await reproduce("${slug}", { params: { throws: 500 } });`),
    markdown("score-text", "## Scorecard"),
    code("score", "scorecard(run)"),
    markdown(
      "outro",
      "## What is not reproduced",
      "",
      "## Use it in your own code",
      "",
      "## Where to go next",
      "",
      `[Notes](../experiments/${slug}/README.md)`,
    ),
  ];
  const metadata = {
    kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
    language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
  };
  return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1) + "\n";
}
