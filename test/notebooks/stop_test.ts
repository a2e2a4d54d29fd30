/** The Stop button, in a real kernel. */
import { python } from "./notebooks.ts";

Deno.test("Stop ends the run and keeps the kernel, its variables and the rows so far", async () => {
  await python("test/notebooks/stop.py");
});
