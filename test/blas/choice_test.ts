/** The engine is chosen once in a process, so that every choice needs a process of its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type BlasInfo, blasInfo } from "refigure/blas";

const root = new URL("../../", import.meta.url);
const script = `
  import { blasInfo, matmul } from ${JSON.stringify(new URL("lib/blas/mod.ts", root).href)};
  import { Matrix } from ${JSON.stringify(new URL("lib/arrays/mod.ts", root).href)};
  import { svd } from ${JSON.stringify(new URL("lib/linalg/mod.ts", root).href)};
  const a = Matrix.from(9, 9, (i, j) => 1 / (i + j + 1));
  matmul(a, a); svd(a);
  console.log(JSON.stringify({ info: blasInfo(), product: matmul(a, a).get(1, 2), norm: svd(a).s[0] }));
`;

async function run(permissions: string[], env: Record<string, string> = {}) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      ...permissions,
      "--config",
      new URL("deno.json", root).pathname,
      "-",
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    cwd: root,
    env: { REFIGURE_BLAS: "", NO_COLOR: "1", ...env },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr, success } = await child.output();
  const error = new TextDecoder().decode(stderr);
  assert(success, error);
  return {
    error,
    ...JSON.parse(new TextDecoder().decode(stdout)) as { info: BlasInfo; product: number; norm: number },
  };
}

/** 9 x 9 Hilbert matrix: its norm, by NumPy. */
const HILBERT_NORM = 1.7258826609018467;

Deno.test("with all permissions: the library that this process found too, and its results", async () => {
  const { info, norm, error } = await run(["-A"], { REFIGURE_BLAS: Deno.env.get("REFIGURE_BLAS") ?? "" });
  assertEquals([info.engine, info.library], [blasInfo().engine, blasInfo().library]);
  assert(Math.abs(norm - HILBERT_NORM) < 1e-14);
  if (info.engine === "native") {
    assertStringIncludes(info.reason, "found as");
    assert(info.threads >= 1);
    assertEquals(error, "");
  }
});

Deno.test("REFIGURE_BLAS=portable: asked for, so nothing is said on stderr", async () => {
  const { info, norm, error } = await run(["-A"], { REFIGURE_BLAS: "portable" });
  const { engine, reason, reproducible, threads, lapack } = info;
  assertEquals([engine, reason, reproducible], ["portable", "REFIGURE_BLAS=portable", false]);
  assertEquals([threads, lapack], [1, false]);
  assert(Math.abs(norm - HILBERT_NORM) < 1e-14);
  assertEquals(error, "");
});

Deno.test("REFIGURE_BLAS with a bad path: portable, and one line names the path", async () => {
  const { info, error } = await run(["-A"], { REFIGURE_BLAS: "/nowhere/libblas.so" });
  assertEquals(info.engine, "portable");
  assertStringIncludes(info.reason, "REFIGURE_BLAS=/nowhere/libblas.so cannot be used");
  assertEquals(error.trim().split("\n").length, 1);
  assertStringIncludes(error, "/nowhere/libblas.so");
});

Deno.test("REFIGURE_BLAS naming a library without cblas names the missing symbol", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { info } = await run(["-A"], { REFIGURE_BLAS: "libm.so.6" });
  assertEquals(info.engine, "portable");
  assertStringIncludes(info.reason, "no symbol cblas_sgemm");
});

Deno.test("without permission for foreign functions: portable, one line, no prompt", async () => {
  const { info, norm, error } = await run(["--allow-read", "--allow-env"]);
  assertEquals([info.engine, info.lapack], ["portable", false]);
  assertStringIncludes(info.reason, "--allow-ffi");
  assert(Math.abs(norm - HILBERT_NORM) < 1e-14);
  assertEquals(error.trim().split("\n").length, 1);
  assertStringIncludes(error, "slower");
});

Deno.test("without any permission at all it still runs", async () => {
  const { info } = await run([]);
  assertEquals(info.engine, "portable");
});
