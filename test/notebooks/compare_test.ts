/** How `deno task notebooks-check` compares the outputs of a notebook with the stored ones. */
import { python } from "./notebooks.ts";

Deno.test("stored and new outputs are compared as they should", async () => {
  await python("test/notebooks/compare.py");
});
