/** docs/findings.md: what the generator writes, and that what is stored leads somewhere. */
import { assert, assertEquals } from "@std/assert";
import { type Claim, notesSections } from "../../lib/experiment/mod.ts";
import { findingsMarkdown, type FindingsPaper, headingAnchor } from "../../tools/papers/findings.ts";

const project = new URL("../../", import.meta.url);

function claim(id: string, holds: boolean | null, more: Partial<Claim> = {}): Claim {
  return {
    id,
    statement: `Claim ${id}.`,
    source: "derived",
    reference: "notes 3.2",
    notes: "3.2",
    expected: "error at most 1",
    measured: "error 2",
    holds,
    ...more,
  };
}

const papers: FindingsPaper[] = [
  {
    slug: "first",
    title: "First: a_paper | of *stars*",
    year: 2024,
    claims: [
      claim("holds", true, { headline: true }),
      claim("fails", false, { statement: "The error |a_b| is small.", expected: "error in [0, 1]" }),
      claim("open", null, {
        notes: undefined,
        reference: "Table 1",
        measured: "too little was run to decide",
      }),
    ],
    notReproduced: "The rest.",
    notes:
      "# First\n\n## 3 Method\n\n### 3.2 `rate` of $x_1$\n\n```sh\n## 9 Results of a script\n```\n\n## 10 Results\n",
  },
  { slug: "second", title: "Second", year: 2025, claims: [claim("a", true)], notReproduced: "B.", notes: "" },
];

Deno.test("the findings of two papers, word for word", async () => {
  const file = new URL("fixtures/findings.md", import.meta.url);
  const written = findingsMarkdown(papers);
  if (Deno.env.get("UPDATE_SNAPSHOTS")) await Deno.writeTextFile(file, written);
  assertEquals(written, await Deno.readTextFile(file));
});

Deno.test("a claim that fails is listed, one that holds is not", () => {
  const changed = findingsMarkdown(papers.map((paper) => ({
    ...paper,
    claims: paper.claims.map((one) => ({ ...one, holds: !one.holds })),
  })));
  assert(changed.includes("- **✗ does not hold**: Claim holds."), changed);
  assert(changed.includes("### Second"));
  assert(!changed.includes("The error \\|a\\_b\\| is small."));
});

Deno.test("docs/findings.md has a row for every paper, and its links lead to headings that are there", async () => {
  const page = await Deno.readTextFile(new URL("docs/findings.md", project));
  const slugs = Array.from(Deno.readDirSync(new URL("experiments/", project)), ({ name }) => name).sort();
  const rows = Array.from(
    page.matchAll(/^\| \[.*?\]\(\.\.\/experiments\/([\w-]+)\/README\.md\)/gm),
    ([, slug]) => slug,
  );
  assertEquals(rows, slugs);
  const anchors = new Map<string, Set<string>>();
  for (const slug of slugs) {
    const notes = await Deno.readTextFile(new URL(`experiments/${slug}/README.md`, project));
    anchors.set(
      slug,
      new Set(notesSections(notes).map(({ number, title }) => headingAnchor(`${number} ${title}`))),
    );
  }
  const links = [...page.matchAll(/\]\(\.\.\/experiments\/([\w-]+)\/README\.md#([^)]*)\)/g)];
  assert(links.length > 0);
  assertEquals(links.filter(([, slug, anchor]) => !anchors.get(slug)!.has(anchor)).map(([link]) => link), []);
  const own = new Set(Array.from(page.matchAll(/^#+ (.*)$/gm), ([, heading]) => headingAnchor(heading)));
  const inside = Array.from(page.matchAll(/\]\(#([^)]*)\)/g), ([, anchor]) => anchor);
  assertEquals(inside.filter((anchor) => !own.has(anchor)), []);
});
