/** Which kernels a process computes with; every case needs a process of its own, as the library is loaded once. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type BlasInfo, blasInfo } from "refigure/blas";
import { fromCLibrary, fromProc, kernelsRunHere, prepareKernels } from "../../lib/blas/native/kernels.ts";

const root = new URL("../../", import.meta.url);
const blasUrl = JSON.stringify(new URL("lib/blas/mod.ts", root).href);
const imports = `import { blasInfo, requireReproducibleKernels, useReproducibleKernels }
  from ${blasUrl};\n`;
const print = "console.log(JSON.stringify(blasInfo()));";
/** What a user's shell has by default: an empty name counts as none. */
const none = { OPENBLAS_CORETYPE: "", OPENBLAS_NUM_THREADS: "", REFIGURE_BLAS: "" };
const here = blasInfo();

/** Without the library, or on another processor, there are no kernels to choose. */
const ignore = blasInfo().library === undefined && Deno.env.get("REFIGURE_BLAS") !== "portable" ||
  kernelsRunHere(Deno, "Haswell") !== true;

async function deno(args: string[], env: Record<string, string>, script = "") {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { ...none, NO_COLOR: "1", ...env },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr, success } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: text(stdout), stderr: text(stderr), success };
}

/** Runs a script with all permissions, or those given; it fails if the script does. */
async function run(script: string, env: Record<string, string> = {}, permissions = ["-A"]) {
  const args = [
    "run",
    "--no-check",
    "--no-prompt",
    ...permissions,
    "--config",
    `${root.pathname}deno.json`,
    "-",
  ];
  return await deno(args, env, imports + script);
}

async function info(script: string, env: Record<string, string> = {}, permissions?: string[]) {
  const { stdout, stderr, success } = await run(script + print, env, permissions);
  assert(success, stderr);
  return JSON.parse(stdout) as BlasInfo;
}

/** OpenBLAS's own choice, with as many threads as there are cores. */
const fastest = ignore ? undefined : await info("");
const differs = fastest !== undefined && !fastest.reproducible;

Deno.test("this test has the reproducible kernels, unless the environment names others", { ignore }, () => {
  const named = Deno.env.get("OPENBLAS_CORETYPE") ?? "";
  const wanted = (named === "" || named === "Haswell") && (Deno.env.get("REFIGURE_BLAS") ?? "") === "";
  assertEquals(here.reproducible, wanted, here.reason);
  if (wanted) assertEquals([here.kernels, here.threads], ["Haswell", 1]);
});

Deno.test(
  "a user's program has what OpenBLAS chooses, and its environment is left alone",
  { ignore },
  async () => {
    assertEquals(fastest!.threads, navigator.hardwareConcurrency);
    const { stdout } = await run(`blasInfo(); console.log(Deno.env.get("OPENBLAS_CORETYPE") === "");`);
    assertEquals(stdout.trim(), "true");
  },
);

Deno.test(
  "a program that asks, or whose worker asks first, has the reproducible kernels",
  { ignore },
  async () => {
    const asked = await info("useReproducibleKernels();");
    assertEquals([asked.kernels, asked.threads, asked.reproducible], ["Haswell", 1, true]);
    assertStringIncludes(asked.arithmetic, "Haswell");
    const worker = `import { blasInfo, useReproducibleKernels } from ${blasUrl};
    useReproducibleKernels(); blasInfo(); postMessage(0);`;
    const later = await info(`
    const url = "data:application/typescript," + encodeURIComponent(${JSON.stringify(worker)});
    const worker = new Worker(url, { type: "module" });
    await new Promise((resolve) => worker.onmessage = resolve);
    setTimeout(() => Deno.exit(), 0);
  `);
    assertEquals([later.kernels, later.threads], ["Haswell", 1]);
  },
);

Deno.test("a name in the environment comes first, and is told", { ignore }, async () => {
  const other = await info("useReproducibleKernels();", { OPENBLAS_CORETYPE: "Prescott" });
  assert(other.kernels !== "Haswell" && !other.reproducible);
  assertEquals(other.threads, 1);
  assertStringIncludes(other.reason, "OPENBLAS_CORETYPE=Prescott is set");
  assert(other.arithmetic !== here.arithmetic || !here.reproducible);
  const portable = await info("useReproducibleKernels();", { REFIGURE_BLAS: "portable" });
  assertEquals([portable.engine, portable.reproducible, portable.kernels], ["portable", false, undefined]);
});

Deno.test("who requires them has them whatever the environment names", { ignore }, async () => {
  for (
    const env of [
      { OPENBLAS_CORETYPE: "Prescott" },
      { OPENBLAS_NUM_THREADS: "2" },
      { REFIGURE_BLAS: "portable" },
      { REFIGURE_BLAS: "/nowhere/libblas.so" },
    ] as Record<string, string>[]
  ) {
    assertEquals((await info("requireReproducibleKernels();", env)).reproducible, true, JSON.stringify(env));
  }
});

Deno.test("where they cannot be had, who requires them gets one line that tells why", {
  ignore: ignore || !differs,
}, async () => {
  for (
    const [script, env, permissions, why] of [
      ["blasInfo(); requireReproducibleKernels();", {}, ["-A"], /loaded before|on \d+ threads/],
      ["blasInfo(); requireReproducibleKernels();", { REFIGURE_BLAS: "portable" }, ["-A"], /portable engine/],
      ["requireReproducibleKernels();", {}, ["--allow-read"], /--allow-ffi/],
      ["requireReproducibleKernels();", {}, ["--allow-read", "--allow-ffi"], /--allow-env|on \d+ threads/],
    ] as [string, Record<string, string>, string[], RegExp][]
  ) {
    const { stderr, success } = await run(script, env, permissions);
    assert(!success, script);
    const line = stderr.split("\n").find((text) => text.includes("Error: "));
    assertMatch(line ?? "", /Error: The reproducible kernels \(.*\) cannot be had: /);
    assertMatch(line!, why);
  }
});

Deno.test("`deno test` and examples in documentation have them without asking", { ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const code = `import { blasInfo } from ${blasUrl};\n`;
    const check = `if (!blasInfo().reproducible) throw new Error(blasInfo().reason);`;
    await Deno.writeTextFile(`${folder}/some_test.ts`, `${code}Deno.test("plain", () => { ${check} });`);
    await Deno.writeTextFile(
      `${folder}/documented.ts`,
      `/**\n * @example\n * \`\`\`ts\n * ${code.trim()}\n * ${check}\n * \`\`\`\n */\nexport const a = 1;\n`,
    );
    const args = ["test", "-A", "--no-check", "--config", `${root.pathname}deno.json`];
    for (const rest of [[`${folder}/some_test.ts`], ["--doc", `${folder}/documented.ts`]]) {
      const { stdout, stderr, success } = await deno([...args, ...rest], {});
      assert(success, stdout + stderr);
      assertStringIncludes(stdout, "1 passed");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what the processor can run is known in two ways that agree", {
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
}, () => {
  const known = [fromCLibrary(Deno), fromProc(Deno)].filter((kernels) => kernels !== undefined);
  assert(known.length > 0, "neither glibc nor /proc/cpuinfo tells");
  for (const kernels of known) assertEquals(kernels, known[0]);
});

Deno.test("kernels that the processor cannot run are refused before the library is loaded", () => {
  /** A processor of another kind, whose environment names kernels. */
  const arm = (name: string) =>
    ({
      build: { arch: "aarch64", os: "linux" },
      env: { get: () => name },
      mainModule: "file:///some_test.ts",
      permissions: { querySync: () => ({ state: "granted" }) },
    }) as unknown as typeof Deno;
  assertStringIncludes(
    prepareKernels(arm("SkylakeX")).refused!,
    "cannot run the kernels of OPENBLAS_CORETYPE=SkylakeX",
  );
  assertStringIncludes(prepareKernels(arm("haswell")).refused!, "cannot run");
  // Names of its own are OpenBLAS's business.
  assertEquals(prepareKernels(arm("NEOVERSEN1")).refused, undefined);
  assertEquals(prepareKernels(arm("")), { missed: "this processor has no AVX2 and FMA" });
});

// Here, and not in the process of other tests: the number of threads is that of the whole process.
Deno.test("sums do not depend on the number of threads, and small products leave it as it was set", {
  ignore,
}, async () => {
  const { stdout, stderr, success } = await run(`
    import { ComplexMatrix, Matrix, Rng } from ${JSON.stringify(new URL("lib/arrays/mod.ts", root).href)};
    import { complexMatmul, gram, matmul, setBlasThreads, sumOfSquares } from ${blasUrl};
    const long = new Rng(1).normals(100_003);
    const arrays = [long, Float32Array.from(long)];
    setBlasThreads(1);
    const alone = arrays.map(sumOfSquares);
    setBlasThreads(2);
    const x = Matrix.from(20, 20, (i, j) => i - j);
    matmul(x, x);
    gram(x);
    complexMatmul(ComplexMatrix.fromReal(x), ComplexMatrix.fromReal(x));
    console.log(JSON.stringify({ alone, two: arrays.map(sumOfSquares), threads: blasInfo().threads }));
  `);
  assert(success, stderr);
  const { alone, two, threads } = JSON.parse(stdout);
  assertEquals([two, threads], [alone, 2]);
});

/** A digest of many products and factorizations, both precisions, real and complex. */
const digestScript = `
  import { ComplexMatrix, Matrix, Rng } from ${JSON.stringify(new URL("lib/arrays/mod.ts", root).href)};
  import * as blas from ${blasUrl};
  import * as la from ${JSON.stringify(new URL("lib/linalg/mod.ts", root).href)};
  requireReproducibleKernels();
  const arrays = [];
  const put = (...parts) => {
    for (const x of parts) arrays.push(x.data ?? x);
  };
  for (const n of [7, 33, 120]) {
    for (const dtype of ["float64", "float32"]) {
      const rng = new Rng(n);
      const draw = (rows, columns) => rng.normalMatrix(rows, columns).astype(dtype);
      const complex = (rows, columns) => new ComplexMatrix(rows, columns, draw(rows, 2 * columns).data);
      const [a, tall, z] = [draw(n, n), draw(40 * n, 30), complex(n, n)];
      const definite = blas.gram(draw(2 * n, n));
      put(blas.matmul(a, draw(n, 2 * n)), blas.gram(tall), blas.symmetricMatmul(definite, definite));
      put(blas.matvec(tall, draw(1, 30).data), blas.matvec(tall, draw(1, 40 * n).data, { transpose: true }));
      put(blas.complexMatmul(z, z), blas.complexGram(z), blas.complexMatvec(z, draw(1, 2 * n).data));
      put(Float64Array.of(blas.sumOfSquares(tall.data)));
      put(la.cholesky(definite), la.solve(a, draw(n, 3)), la.qr(tall).q, la.svd(a).u, la.svd(a).vt);
      put(la.eigh(definite).vectors, la.eig(a).right, la.complexSvd(z).u, la.complexQr(z).r, la.eig(z).right);
      put(la.complexEigh(blas.complexGram(z)).vectors, la.complexSolve(z, draw(1, 2 * n).data));
    }
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(arrays).arrayBuffer()));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  console.log(JSON.stringify({ arithmetic: blasInfo().arithmetic, digest: hex }));
`;

Deno.test("their numbers do not depend on the machine's caches, cores or settings, and are those stored", {
  ignore,
}, async () => {
  const file = new URL("../fixtures/blas/reproducible.json", import.meta.url);
  const results = [];
  const settings: Record<string, string>[] = [
    {},
    { OPENBLAS_L2_SIZE: "256" },
    { OPENBLAS_L2_SIZE: "65536" },
    { OPENBLAS_NUM_THREADS: "2" },
  ];
  for (const env of settings) {
    const { stdout, stderr, success } = await run(digestScript, env);
    assert(success, stderr);
    results.push(JSON.parse(stdout));
  }
  for (const result of results) assertEquals(result, results[0]);
  if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") {
    return await Deno.writeTextFile(file, JSON.stringify(results[0], null, 1) + "\n");
  }
  const stored = JSON.parse(await Deno.readTextFile(file));
  // Another version of the library has other numbers.
  if (stored.arithmetic === results[0].arithmetic) assertEquals(results[0], stored);
});
