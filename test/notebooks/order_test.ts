/** The order of a cell's outputs and its end, in a real kernel. */
import { python } from "./notebooks.ts";

Deno.test("outputs come before the end of their cell", async () => {
  await python("test/notebooks/order.py");
});
