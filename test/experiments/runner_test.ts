import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Progress, runExperiment, type RunOptions } from "../../lib/experiment/runner.ts";

const counting = new URL("./fixtures/counting/mod.ts", import.meta.url);

/** Runs the counting experiment with a cache of its own, which the test may look into. */
async function withCache(body: (cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    await body(cache);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

const run = (cache: string, options: RunOptions = {}) => runExperiment(counting, { cache, ...options });

Deno.test("rows are the same for any number of workers, in the order of the trials", async () => {
  await withCache(async (cache) => {
    const one = await run(cache, { workers: 1, fresh: true });
    assertEquals(one.rows.map(({ index }) => index), Array.from({ length: 12 }, (_, i) => i));
    for (const workers of [2, 5]) {
      assertEquals((await run(cache, { workers, fresh: true })).rows, one.rows);
    }
    assertEquals((await run(cache)).rows, one.rows);
    assertEquals(one.claims[0].holds, true);
    const other = await run(cache, { seed: 1 });
    assert(other.rows[0].value !== one.rows[0].value);
  });
});

Deno.test("finished trials are not run again; fresh runs them", async () => {
  await withCache(async (cache) => {
    const log = `${cache}/log`;
    const params = { log };
    const ran = async () => (await Deno.readTextFile(log)).trim().split("\n").length;
    const first = await run(cache, { params });
    assertEquals(await ran(), 12);
    const progress: Progress[] = [];
    const second = await run(cache, { params, onProgress: (p) => progress.push(p) });
    assertEquals(await ran(), 12);
    assertEquals(second.rows, first.rows);
    assertEquals(progress.at(-1)!.cached, 12);
    await run(cache, { params, fresh: true });
    assertEquals(await ran(), 24);
  });
});

Deno.test("an aborted run ends soon, keeps finished trials and goes on where it stopped", async () => {
  await withCache(async (cache) => {
    const params = { log: `${cache}/log`, milliseconds: 100, trials: 8 };
    const stop = new AbortController();
    let aborted = 0;
    const first = await run(cache, {
      params,
      workers: 2,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 3 && !stop.signal.aborted) {
          stop.abort();
          aborted = performance.now();
        }
      },
    });
    assert(performance.now() - aborted < 1000);
    assertEquals(first.interrupted, true);
    assertEquals(first.claims, []);
    const finished = (await Deno.readTextFile(`${cache}/log`)).trim().split("\n");
    const second = await run(cache, { params, workers: 2 });
    const all = (await Deno.readTextFile(`${cache}/log`)).trim().split("\n");
    assertEquals(second.interrupted, false);
    assertEquals(second.rows.length, 8);
    // A trial that had run but whose rows were still on their way may run twice: at most one a worker.
    assert(all.length - finished.length <= 8 - 3, `${finished.length} then ${all.length}`);
    assertEquals((await run(cache, { params, fresh: true })).rows, second.rows);
  });
});

Deno.test("after kill -9 only unfinished trials run, and rows are the same", async () => {
  await withCache(async (cache) => {
    const log = `${cache}/log`;
    const params = { log, milliseconds: 150, trials: 10 };
    const script = `import { runExperiment } from ${
      JSON.stringify(new URL("../../lib/experiment/runner.ts", import.meta.url).href)
    };
      await runExperiment(new URL(${JSON.stringify(counting.href)}), ${
      JSON.stringify({ cache, params, workers: 2 })
    });`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--ext=ts", "-"],
      cwd: new URL("../../", import.meta.url),
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(script));
    await writer.close();
    const entries = () => {
      try {
        return [...Deno.readDirSync(`${cache}/counting`)].filter(({ name }) => name.endsWith(".json")).length;
      } catch {
        return 0;
      }
    };
    while (entries() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    await child.status;
    const kept = entries();
    await Deno.writeTextFile(log, "");
    const rest = await run(cache, { params });
    const ran = (await Deno.readTextFile(log)).trim().split("\n").length;
    assertEquals(ran, 10 - kept);
    assertEquals((await run(cache, { params, fresh: true })).rows, rest.rows);
  });
});

Deno.test("a trial that throws, or whose worker dies, fails alone and is named", async () => {
  await withCache(async (cache) => {
    const broken = await run(cache, { params: { broken: 5 } });
    assertEquals(broken.rows.length, 11);
    assertEquals(broken.failures.length, 1);
    assertEquals(broken.failures[0].trial.index, 5);
    assertEquals(broken.failures[0].error, "trial 5 is broken");
    assertEquals(broken.claims.length, 1);
    const dead = await run(cache, { params: { deadly: 2, milliseconds: 20 } });
    assertEquals(dead.failures.map(({ trial }) => trial.index), [2]);
    assertMatch(dead.failures[0].error, /worker died.*worker killed/);
    assertEquals(dead.rows.length, 11);
    const none = await run(cache, { params: { broken: 0, trials: 1 } });
    assertMatch(none.failures[1].error, /claims could not be measured: there are no rows/);
  });
});

Deno.test("a corrupt cache entry is said and run again", async () => {
  await withCache(async (cache) => {
    const first = await run(cache);
    const [entry] = [...Deno.readDirSync(`${cache}/counting`)];
    const path = `${cache}/counting/${entry.name}`;
    const text = await Deno.readTextFile(path);
    for (const damage of [text.slice(0, 40), text.replace(/"value":-?\d/, '"value":7'), "[]"]) {
      await Deno.writeTextFile(path, damage);
      const warnings: string[] = [];
      const again = await run(cache, { onWarning: (line) => warnings.push(line) });
      assertEquals(again.rows, first.rows);
      assertEquals(warnings.length, 1);
      assertMatch(warnings[0], /corrupt/);
      assertEquals(await Deno.readTextFile(path), text);
    }
  });
});

Deno.test("a cache that can't be written is said once", async () => {
  await withCache(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const warnings: string[] = [];
    const { rows } = await run(`${folder}/file/below`, { onWarning: (line) => warnings.push(line) });
    assertEquals(rows.length, 12);
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0], /can't be kept/);
  });
});

Deno.test("bad requests are refused by name", async () => {
  const refused = (options: Record<string, unknown>, message: RegExp) =>
    assertRejects(() => runExperiment(counting, options), RangeError).then((error) =>
      assertMatch(error.message, message)
    );
  await refused({ preset: "laptpo" }, /Unknown preset "laptpo" \(did you mean "laptop"\?\)/);
  await refused({ params: { trails: 3 } }, /no parameter "trails" \(did you mean "trials"\?\)/);
  await refused({ workers: 0 }, /`workers` must be an integer from 1 to 1024, got 0/);
  await refused({ seed: 0.5 }, /`seed` must be an integer/);
  const error = await assertRejects(() => runExperiment("matrix-sensin"), RangeError);
  assertMatch(error.message, /Unknown experiment "matrix-sensin"/);
});

Deno.test("partial rows of running trials are handed out", async () => {
  await withCache(async (cache) => {
    const counts: number[] = [];
    await run(cache, {
      workers: 1,
      params: { milliseconds: 5 },
      onPartial: (rows) => counts.push(rows.length),
    });
    assertEquals(counts.at(-1), 12);
    assert(counts.every((count, i) => i === 0 || count >= counts[i - 1]));
  });
});
