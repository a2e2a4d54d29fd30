/** Links between notebooks. */
import { assertEquals } from "@std/assert";
import { notebookNames, readNotebook } from "./notebooks.ts";

Deno.test("where a notebook names another one in code font, that is a link, and links lead to notebooks", () => {
  for (const name of notebookNames) {
    for (const { cell_type: type, source } of readNotebook(name).cells) {
      if (type === "markdown") assertEquals(linkProblems([source].flat().join("")), [], name);
    }
  }
  assertEquals(linkProblems("`muon`, [`root`](root.ipynb), `sin` and [this](no-such.ipynb)"), [
    "`muon` is not a link",
    "no-such.ipynb is not there",
  ]);
});

function linkProblems(text: string): string[] {
  const plain = text.replace(/\[[^\]]*\]\([^)]*\)/g, "");
  const targets = Array.from(text.matchAll(/\]\((?!.*\/)([^)#]+)\.ipynb/g), ([, target]) => target);
  return [
    ...notebookNames.filter((name) => plain.includes(`\`${name}\``)).map((name) =>
      `\`${name}\` is not a link`
    ),
    ...targets.filter((target) => !notebookNames.includes(target)).map((target) =>
      `${target}.ipynb is not there`
    ),
  ];
}
