/** The form and the size of the stored notebooks. */
import { python } from "./notebooks.ts";

Deno.test("stored notebooks have the stored form and are small", async () => {
  await python("test/notebooks/form.py");
});
