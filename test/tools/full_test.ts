/** docs/full.md is made from records, notebooks and what GNU time writes. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Claim, scorecardText } from "../../lib/experiment/mod.ts";
import {
  fullPage,
  type PaperAtFullSize,
  resourcesOf,
  scorecardOf,
  verdictsOf,
} from "../../tools/papers/full.ts";

const claims: Claim[] = [
  claim("rate", "Loss falls | as 1/t.", true, "slope -1.01", true),
  claim("order", "Muon is before Adam.", true, "0.9"),
  claim("rare", "Spikes are rare.", null, "too little was run to decide"),
  claim("wrong", "One is two (✓ expected, ✗ found).", false, "1"),
];
const run = {
  slug: "example",
  preset: "laptop" as const,
  params: {},
  rows: [],
  claims,
  failures: [],
  seconds: 1,
  interrupted: false,
};

Deno.test("verdicts and measurements are read from a scorecard, and the scorecard from a notebook", () => {
  const text = scorecardText(run, "An Example");
  const notebook = JSON.stringify({
    cells: [
      { outputs: [{ data: { "text/plain": ["42"] } }] },
      { outputs: [{ data: { "text/plain": text.split(/(?<=\n)/) } }] },
      { source: "no outputs" },
    ],
  });
  assertEquals(scorecardOf(notebook), text);
  const verdicts = verdictsOf(text);
  assertEquals(verdicts.size, claims.length);
  for (const { statement, holds, measured } of claims) {
    assertEquals(verdicts.get(statement), { holds, measured });
  }
  assertEquals(scorecardOf('{"cells":[]}'), "");
});

Deno.test("the stored notebooks have a verdict for each claim that is shown", () => {
  const text = Deno.readTextFileSync(new URL("../../notebooks/ptd.ipynb", import.meta.url));
  const verdicts = verdictsOf(scorecardOf(text));
  assert(verdicts.size >= 5);
  assert([...verdicts.values()].every(({ holds, measured }) => holds !== null && measured !== ""));
});

Deno.test("processor time of a resumed run is added up, memory is the largest", () => {
  const one = (user: string, system: string, kilobytes: number) =>
    `\tCommand being timed: "deno"\n\tUser time (seconds): ${user}\n\tSystem time (seconds): ${system}\n` +
    `\tElapsed (wall clock) time (h:mm:ss or m:ss): 8:45.45\n\tMaximum resident set size (kbytes): ${kilobytes}\n` +
    "\tExit status: 130\n";
  assertEquals(resourcesOf(one("236.24", "3.02", 485_476)), { coreSeconds: 239, megabytes: 474 });
  assertEquals(resourcesOf(one("236.24", "3.02", 485_476) + one("100.00", "0.50", 512_000)), {
    coreSeconds: 340,
    megabytes: 500,
  });
  assertThrows(() => resourcesOf("real 0m1.0s\n"), Error, "/usr/bin/time -v");
});

Deno.test("the page counts claims, names what changed, and demands a paragraph for it", () => {
  const laptop = verdictsOf(scorecardText(run, "An Example"));
  const paper: PaperAtFullSize = {
    slug: "example",
    title: "An | Example",
    trials: 12,
    claims: claims.map(({ id, statement }) => ({ id, statement, laptop: laptop.get(statement) })),
    record: {
      date: "2026-11-30",
      machine: "a machine, 2 cores",
      trials: 12,
      coreSeconds: 5400,
      megabytes: 512,
      ownScale: "100 hours.",
      claims: {
        rate: { holds: true, measured: "slope -1.00" },
        order: { holds: false, measured: "1.1", difference: "Twenty seeds have one that ends last." },
        rare: { holds: true },
        wrong: { holds: false },
      },
    },
  };
  const missing: PaperAtFullSize = { ...paper, slug: "other", title: "Another", record: undefined };
  const page = fullPage([paper, missing]);
  const rows = page.split("\n").filter((line) => line.startsWith("| ["));
  assertEquals(rows, [
    "| [An \\| Example](../experiments/example/README.md) | 12 | 90.0 min | 0.51 GB | 2 of 4, 1 undecided | 2 of 4 " +
    "| `order` ✓ → ✗; `rare` is decided: ✓ |",
    "| [Another](../experiments/other/README.md) | 12 | not run to its end | | 2 of 4, 1 undecided | | |",
  ]);
  assert(page.includes("1 of 2 papers, 90.0 min of one core in all."));
  assert(page.includes(
    "**An | Example: Muon is before Adam.** ✓ at laptop size, ✗ at full. Twenty seeds have one that ends last.\n\n" +
      "Measured at laptop size: 0.9. Full: 1.1.",
  ));
  assert(page.includes("- An | Example: 100 hours."));
  delete paper.record!.claims.order.difference;
  assertThrows(() => fullPage([paper]), Error, 'example: the verdict on "order" differs');
});

function claim(
  id: string,
  statement: string,
  holds: boolean | null,
  measured: string,
  headline?: true,
): Claim {
  return {
    id,
    statement,
    holds,
    measured,
    source: "derived",
    reference: "notes 1",
    expected: "something",
    headline,
  };
}
