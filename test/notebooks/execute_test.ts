/** Every notebook, executed through the real Deno kernel: its outputs must be those that are stored. */
import { notebookNames, python } from "./notebooks.ts";

for (const name of notebookNames) {
  Deno.test(`notebook ${name} gives the stored outputs`, async () => {
    await python("tools/notebooks.py", "check", name);
  });
}

Deno.test("stored and new outputs are compared as they should", async () => {
  await python("test/notebooks/compare.py");
});
