/** Links between notebooks. */
import { assertEquals } from "@std/assert";
import { notebookNames, readNotebook } from "./notebooks.ts";

Deno.test("where a notebook names another one in code font, that is a link, and links lead to notebooks", () => {
  for (const name of notebookNames) {
    for (const { cell_type: type, source } of readNotebook(name).cells) {
      if (type === "markdown") assertEquals(linkProblems([source].flat().join(""), name), [], name);
    }
  }
  assertEquals(linkProblems("`auon`, `muon`, [`root`](root.ipynb), `sin`, [no](no-such.ipynb)", "auon"), [
    "`muon` is not a link",
    "no-such.ipynb is not there",
  ]);
});

function linkProblems(text: string, own: string): string[] {
  const plain = text.replace(/\[[^\]]*\]\([^)]*\)/g, "");
  const targets = Array.from(text.matchAll(/\]\(([^)#/]+)\.ipynb/g), ([, target]) => target);
  return [
    ...notebookNames.filter((name) => name !== own && plain.includes(`\`${name}\``)).map((name) =>
      `\`${name}\` is not a link`
    ),
    ...targets.filter((target) => !notebookNames.includes(target)).map((target) =>
      `${target}.ipynb is not there`
    ),
  ];
}
