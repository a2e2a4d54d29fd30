import { assert, assertEquals } from "@std/assert";
import { bundle } from "./bundle.ts";
import { type Outcome, run, type RunOptions } from "./run.ts";

const folder = await Deno.makeTempDir({ prefix: "tfjs_suite_" });

/** Tests that ask for a backend of another name. */
const ofAnotherBackend = ["Switching cpu backends"];

let program: string;
let control: Outcome;

Deno.test("tfjs-core's own tests pass on cpu", async () => {
  program = await bundle(folder);
  control = await run(program, { backend: "cpu" });
  assert(control.statuses.size > 4000, `only ${control.statuses.size} tests`);
  assertEquals([...control.messages], []);
  assertEquals(control.troubles, []);
});

const variants: Record<string, RunOptions> = {
  "native": { backend: "native" },
  "native with compiled matrix products": { backend: "native", blas: "portable" },
  "native with the kernels without fused multiply-add": { backend: "native", kernels: "plain" },
};

for (const [name, options] of Object.entries(variants)) {
  Deno.test(`tfjs-core's own tests pass on ${name} where they do on cpu`, async () => {
    const { engine, statuses, messages, troubles } = await run(program, options);
    if (options.blas !== undefined) assertEquals(engine, options.blas);
    const worse: string[] = [];
    for (const [test, status] of control.statuses) {
      if (status !== "passed" || statuses.get(test) === "passed") continue;
      if (ofAnotherBackend.some((words) => test.startsWith(words))) continue;
      worse.push(`${test}: ${messages.get(test)?.join("; ") ?? "not run"}`);
    }
    assertEquals(worse, []);
    assertEquals(troubles, []);
  });
}

Deno.test("the bundle of tfjs-core's tests is removed", async () => {
  await Deno.remove(folder, { recursive: true });
});
