/** Programs of notebooks with the imports that earlier cells have. */
import { assertEquals } from "@std/assert";
import { withImports } from "../../tools/site/imports.ts";

const notebook = `import * as tf from "@tensorflow/tfjs";
import { type Parameter, chain, momentum } from "refigure/optimizers";
import { Rng } from "refigure/arrays";
const gradient = 1;`;

Deno.test("what a program uses and does not declare is imported as the notebook imports it", () => {
  assertEquals(
    withImports("const mine = chain(momentum());\nmine.update(new Rng(0), yours);", notebook),
    `import { Rng } from "refigure/arrays";
import { chain, momentum } from "refigure/optimizers";

const mine = chain(momentum());
mine.update(new Rng(0), yours);`,
  );
  assertEquals(
    withImports(`import { Rng } from "refigure/arrays";\ntf.tensor(new Rng(0));`, notebook),
    `import * as tf from "@tensorflow/tfjs";\nimport { Rng } from "refigure/arrays";\ntf.tensor(new Rng(0));`,
  );
});

Deno.test("names in comments, in texts, after dots, of properties and of the program's own are not imported", () => {
  const program = `// chain\nconst momentum = a.chain("Rng", { chain: 1 });\nconst { Rng } = b;`;
  assertEquals(withImports(program, notebook), program);
});
