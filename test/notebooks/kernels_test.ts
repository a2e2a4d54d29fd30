/** Which BLAS kernels a real Jupyter kernel computes with. */
import { blasInfo } from "refigure/blas";
import { kernelsRunHere } from "../../lib/blas/native/kernels.ts";
import { python } from "./notebooks.ts";

const named = ["OPENBLAS_CORETYPE", "REFIGURE_BLAS"].some((name) => Deno.env.get(name));

Deno.test("a notebook has the reproducible kernels, whatever it imports first", {
  ignore: named || blasInfo().engine !== "native" || kernelsRunHere(Deno, "Haswell") !== true,
}, async () => {
  await python("test/notebooks/kernels.py");
});
