/** The order of a cell's outputs and its end, in a real kernel. */
import { python } from "./notebooks.ts";

Deno.test("outputs come before the end of their cell", async () => {
  try {
    await python("test/notebooks/order.py");
  } catch (error) {
    // On a very busy machine one of hundreds is late; without the library's wait every run has some.
    console.log(String(error));
    await python("test/notebooks/order.py");
  }
});
