import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Executor, type Progress, runTrials } from "../../lib/experiment/mod.ts";
import { runExperiment, type RunOptions } from "../../lib/experiment/deno/mod.ts";
import { fingerprint } from "../../lib/experiment/deno/fingerprint.ts";

const counting = new URL("./fixtures/counting/mod.ts", import.meta.url);
const workers = new URL("../../lib/experiment/deno/process_worker.ts", import.meta.url).href;
const runner = new URL("../../lib/experiment/deno/mod.ts", import.meta.url).href;

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

Deno.test("rows and failures come in the order of the trials, whichever ends first", async () => {
  const { experiment } = await import(counting.href);
  const executor: Executor = {
    runAll(trials, on) {
      for (const i of trials.keys().toArray().reverse()) {
        on.start(i);
        if (i % 2 === 0) on.error(i, { message: `trial ${i}` });
        else on.rows(i, JSON.stringify([{ kind: "draw", index: i, value: 0.5 }]));
      }
      return Promise.resolve();
    },
    end() {},
  };
  const { rows, failures } = await runTrials(experiment, {
    executor,
    preset: "quick",
    params: { trials: 6 },
  });
  assertEquals(rows.map(({ index }) => index), [1, 3, 5]);
  assertEquals(failures.map(({ error }) => error), ["trial 0", "trial 2", "trial 4"]);
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
    const script = `import { runExperiment } from ${JSON.stringify(runner)};
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

/** The failure of the run in which trial 2 misbehaves; the other eleven must have their rows. */
async function failureOf(cache: string, how: string, options: RunOptions = {}): Promise<string> {
  const { rows, failures, claims } = await run(cache, { params: { broken: 2, how }, ...options });
  assertEquals(failures.map(({ trial }) => trial.index), [2], how);
  assertEquals(rows.map(({ index }) => index), [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11], how);
  assertEquals(claims.length, 1);
  return failures[0].error;
}

Deno.test("a trial that misbehaves fails alone, is named, and is not kept", async () => {
  await withCache(async (cache) => {
    const expected: Record<string, RegExp> = {
      "throws": /^trial 2 is broken$/,
      "kills its worker": /worker died.*worker killed/,
      "returns NaN": /`value` of row 0 \(draw\) is NaN/,
      "returns nothing": /must return a list of rows, got undefined \(is a `return` missing\?\)/,
      "returns a typed array": /`value` of row 0 \(draw\) is a Float64Array/,
      "returns undefined": /`value` of row 0 \(draw\) is undefined/,
      "ends the process": /must not end the process/,
      "closes its worker": /must not close its worker/,
    };
    for (const [how, message] of Object.entries(expected)) {
      assertMatch(await failureOf(cache, how), message);
      // What failed runs again, and fails again.
      assertMatch(await failureOf(cache, how, { workers: 1 }), message);
    }
    assertMatch(await failureOf(cache, "runs for ever", { timeout: 0.5 }), /took longer than 0.5 s/);
    const none = await run(cache, { params: { broken: 0, trials: 1 } });
    assertEquals(none.claims.map(({ holds }) => holds), [false]);
  });
});

Deno.test("a trial that exhausts its memory or kills its process takes nothing else with it", async () => {
  const flags = "DENO_V8_FLAGS";
  Deno.env.set(flags, "--max-old-space-size=100");
  try {
    await withCache(async (cache) => {
      assertMatch(await failureOf(cache, "exhausts its memory", { workers: 2 }), /it ran out of memory/);
      assertMatch(
        await failureOf(cache, "kills its process", { workers: 1 }),
        /its process ended \(SIGKILL\)/,
      );
    });
  } finally {
    Deno.env.delete(flags);
  }
});

Deno.test("who may not start Deno has the same rows, by Web Workers", async () => {
  await withCache(async (cache) => {
    const script = `import { processesAllowed } from ${JSON.stringify(workers)};
      import { runExperiment } from ${JSON.stringify(runner)};
      const { rows } = await runExperiment(new URL(${JSON.stringify(counting.href)}), ${
      JSON.stringify({ cache: `${cache}/other` })
    });
      console.log(JSON.stringify({ processes: processesAllowed(), rows }));`;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-env", "--allow-sys", "--allow-ffi"],
        ...[`--allow-write=${cache}`, "--ext=ts", "-"],
      ],
      cwd: new URL("../../", import.meta.url),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(script));
    await writer.close();
    const { stdout } = await child.output();
    const { processes, rows } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(processes, false);
    assertEquals(rows, (await run(cache)).rows);
  });
});

Deno.test("an error after a trial has returned is that trial's, whichever trial runs then", async () => {
  await withCache(async (cache) => {
    const params = { broken: 2, how: "throws later", milliseconds: 60, trials: 5 };
    const { rows, failures } = await run(cache, { params, workers: 1 });
    assertEquals(failures.map(({ trial }) => trial.index), [2]);
    assertMatch(failures[0].error, /too late \(thrown after it had returned its rows\)/);
    assertEquals(rows.length, 5);
  });
});

Deno.test("a trial cannot forge rows or write to standard output", async () => {
  await withCache(async (cache) => {
    const honest = await run(cache);
    const forged = await run(cache, { params: { broken: 2, how: "posts rows" } });
    assertEquals(forged.rows, honest.rows);
    assertEquals(forged.failures, []);
    // Without the console, whose lines a notebook would store below its cell.
    const code = `import { runExperiment } from ${JSON.stringify(runner)};
      console.error = console.log = () => {};
      await runExperiment(new URL(${JSON.stringify(counting.href)}), ${
      JSON.stringify({ cache, params: { broken: 2, how: "prints" } })
    });`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      cwd: new URL("../../", import.meta.url),
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "");
    assertMatch(new TextDecoder().decode(stderr), /printed by a trial/);
  });
});

Deno.test("shards run their part, and a plain run afterwards finds all trials", async () => {
  await withCache(async (cache) => {
    for (const index of [0, 1, 2]) {
      const { rows, claims } = await run(cache, { shard: { index, count: 3 } });
      assertEquals(rows.map((row) => row.index % 3), Array.from({ length: 4 }, () => index));
      assertEquals(claims, []);
    }
    const progress: Progress[] = [];
    const whole = await run(cache, { onProgress: (now) => progress.push(now) });
    assertEquals(progress[0].cached, 12);
    assertEquals(whole.claims.length, 1);
  });
});

Deno.test("rows of sources that were edited during the run are not kept", async () => {
  await withCache(async (folder) => {
    const source = await Deno.readTextFile(counting);
    const module = new URL(`file://${folder}/mod.ts`);
    const library = new URL("../../lib/", import.meta.url).href;
    await Deno.writeTextFile(module, source.replaceAll("../../../../lib/", library));
    const warnings: string[] = [];
    const options: RunOptions = {
      cache: `${folder}/cache`,
      onWarning: (line) => warnings.push(line),
      onProgress: ({ done }) => {
        if (done === 6) Deno.writeTextFileSync(module, "// edited\n", { append: true });
      },
    };
    assertEquals((await runExperiment(module, options)).rows.length, 12);
    assertMatch(warnings.join("\n"), /edited during the run/);
    const entries = [...Deno.readDirSync(`${folder}/cache/counting`)].map(({ name }) => name);
    assertEquals(entries, []);
  });
});

Deno.test("the fingerprint sees imports in any quotes, data files, templates, and the import map", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const url = new URL(`file://${folder}/mod.ts`);
    await Deno.mkdir(`${folder}/tables`);
    const files = ["a.ts", "b.ts", "c.json", "d.json", "tables/e.json"];
    for (const name of files) await Deno.writeTextFile(`${folder}/${name}`, "1");
    await Deno.writeTextFile(
      url,
      "import './a.ts'; await import(`./b.ts`); new URL(\"c.json\", import.meta.url);" +
        "import.meta.resolve('./d.json'); const n = 1; fetch(`./tables/${n}.json`); new URL(`./c.json`, import.meta.url);",
    );
    const first = await fingerprint(url);
    assertEquals(await fingerprint(url), first);
    for (const name of files) {
      await Deno.writeTextFile(`${folder}/${name}`, "2");
      assert(await fingerprint(url) !== first, `a change of ${name} is not seen`);
      await Deno.writeTextFile(`${folder}/${name}`, "1");
      assertEquals(await fingerprint(url), first);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a corrupt cache entry is said and run again", async () => {
  await withCache(async (cache) => {
    const first = await run(cache);
    const [entry] = [...Deno.readDirSync(`${cache}/counting`)];
    const path = `${cache}/counting/${entry.name}`;
    const text = await Deno.readTextFile(path);
    const damages = [
      text.slice(0, 40),
      text.replace(/"value":-?\d/, '"value":7'),
      text.replace(/"index":\d+/, '"index":99'),
      "[]",
    ];
    for (const damage of damages) {
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
  await refused({ seed: Number.MAX_SAFE_INTEGER }, /`seed` must be an integer/);
  await refused({ params: { trials: -1 } }, /`trials` must be at least 1, got -1/);
  await refused(
    { params: { trials: "4" } },
    /Parameter `trials` of counting must be a finite number, got "4"/,
  );
  await refused({ shard: { index: 2, count: 2 } }, /`shard.index` must be an integer from 0 to 1, got 2/);
  await assertRejects(() => runExperiment(counting, { presett: "full" } as RunOptions), TypeError, "preset");
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
