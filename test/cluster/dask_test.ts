/** `reproduce --on dask://...` with a real scheduler and two worker processes on this machine. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { fingerprint } from "../../lib/experiment/deno/fingerprint.ts";
import { experimentSlugs } from "../../lib/experiment/deno/mod.ts";
import { ProgramPool } from "../../tools/cluster/program_pool.ts";

const project = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const python = `${project}.venv/bin/python`;
const decoder = new TextDecoder();

Deno.test({
  name: "trials on a Dask cluster",
  ignore: Deno.build.os === "windows" || !await hasDask(), // CI installs it
  sanitizeOps: false, // the cluster's pipes outlive the test by a moment
  sanitizeResources: false,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    const counting = `${folder}/experiments/counting`;
    await Deno.mkdir(counting, { recursive: true });
    const source = (await Deno.readTextFile(`${project}test/experiment/fixtures/counting/mod.ts`))
      .replaceAll("../../../../lib/", `${project}lib/`)
      .replace(
        "full: { ...preset, trials: 40 }",
        "full: { ...preset, trials: 40, milliseconds: 250, log: LOG }",
      )
      .replace("quick: { ...preset, trials: 4 }", 'quick: { ...preset, trials: 4, broken: 2, how: "dies" }')
      .replace("throws: (index)", 'dies: () => Deno.kill(Deno.pid, "SIGKILL"),\n  throws: (index)');
    const log = `${folder}/log`;
    await Deno.writeTextFile(`${counting}/mod.ts`, `const LOG = ${JSON.stringify(log)};\n${source}`);
    const environment = { REFIGURE_EXPERIMENTS: `${folder}/experiments`, NO_COLOR: "1" };
    const logged = () => Deno.readTextFileSync(log).trim().split("\n").length;

    const start = (args: string[], env: Record<string, string> = environment) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "tools/reproduce/reproduce.ts", ...args],
        cwd: project,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env,
      }).spawn();
    const run = async (args: string[], env?: Record<string, string>) => {
      const { code, stdout, stderr } = await start(args, env).output();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    const rows = async (out: string, slug = "counting") =>
      JSON.parse(await Deno.readTextFile(`${out}/${slug}/rows.json`)).rows;

    const cluster = new Deno.Command(python, {
      args: ["tools/cluster/cluster.py", "--workers", "2", "--port", "0"],
      cwd: project,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      env: environment,
    }).spawn();
    try {
      const on = await addressOf(cluster);
      const args = ["counting", "--preset", "laptop", "--fresh"];

      await t.step("rows are those of this machine", async () => {
        const far = await run([...args, "--on", on, "--out", `${folder}/far`]);
        assertEquals(far.code, 0, far.stderr);
        assertMatch(far.stdout, /1 of 1 claims hold/);
        assertEquals((await run([...args, "--out", `${folder}/near`])).code, 0);
        assertEquals(await rows(`${folder}/far`), await rows(`${folder}/near`));
      });

      await t.step("a trial costs less than 20 ms", async () => {
        useReproducibleKernels();
        const module = new URL(`file://${counting}/mod.ts`);
        const { experiment } = await import(module.href);
        const empty = experiment.trials({
          ...experiment.presets.full,
          trials: 200,
          milliseconds: 0,
          log: "",
        });
        const ends: number[] = [];
        const problems: string[] = [];
        const pool = new ProgramPool({
          slug: "counting",
          expects: await fingerprint(module),
          command: [python, `${project}tools/cluster/dask_pool.py`, on.replace("dask://", "tcp://")],
          onNotice: () => {},
          onLost(message) {
            problems.push(message);
            pool.end();
          },
        });
        await pool.runAll(empty, {
          start() {},
          report() {},
          rows: () => void ends.push(performance.now()),
          error: (_, { message }) => void problems.push(message),
        });
        pool.end();
        assertEquals([ends.length, problems], [200, []]);
        // The first ones start the processes.
        const milliseconds = (ends[199] - ends[19]) / 180;
        assert(milliseconds < 20, `${milliseconds.toFixed(1)} ms a trial`);
      });

      await t.step("a trial that ends its process is named, and the others finish", async () => {
        const { code, stdout } = await run(["counting", "--preset", "quick", "--fresh", "--on", on]);
        assertEquals(code, 1);
        assertMatch(
          stdout,
          /failed: draw, index = 2: the process that ran it on tcp:\S+ ended with status -9/,
        );
        assertMatch(stdout, /measured largest \d/);
      });

      await t.step("a worker that is killed in the middle costs nothing but time", async () => {
        const child = start([
          "counting",
          "--preset",
          "full",
          "--fresh",
          "--on",
          on,
          "--out",
          `${folder}/killed`,
        ]);
        await until(() => exists(log) && logged() >= 6);
        Deno.kill(workersOf(cluster.pid)[0], "SIGKILL");
        const { code, stderr } = await child.output();
        assertEquals(code, 0, decoder.decode(stderr));
        assertEquals((await rows(`${folder}/killed`)).length, 40);
      });

      await t.step("after a kill of the client the same command goes on", async () => {
        const same = [
          "counting",
          "--preset",
          "full",
          "--seed",
          "7",
          "--on",
          on,
          "--out",
          `${folder}/resumed`,
        ];
        await Deno.remove(log);
        const child = start(same);
        await until(() => exists(log) && logged() >= 10);
        const children = descendantsOf(child.pid);
        child.kill("SIGKILL");
        await child.output();
        assert(children.length > 0);
        await until(() => children.every((pid) => !exists(`/proc/${pid}`)), 5);
        const before = logged();
        const { code, stderr } = await run(same);
        assertEquals(code, 0, stderr);
        assertEquals((await rows(`${folder}/resumed`)).length, 40);
        // Those that were running and those whose rows had not arrived run again.
        assert(logged() < 40 + before, `${logged()} trials ran, ${before} before`);
      });

      await t.step("a worker with other sources is refused by name", async () => {
        const other = `${folder}/other/counting`;
        await Deno.mkdir(other, { recursive: true });
        const edited = (await Deno.readTextFile(`${counting}/mod.ts`)).replace("below(6)", "below(7)");
        await Deno.writeTextFile(`${other}/mod.ts`, edited);
        const env = { ...environment, REFIGURE_EXPERIMENTS: `${folder}/other` };
        const { code, stdout, stderr } = await run([...args, "--on", on], env);
        assertEquals([code, stdout], [2, ""]);
        assertMatch(stderr, /refigure: worker tcp:\/\/\S+: it has other sources, packages or BLAS kernels/);
      });
    } finally {
      const children = descendantsOf(cluster.pid);
      cluster.kill("SIGTERM");
      await cluster.status;
      await until(() => children.every((pid) => !exists(`/proc/${pid}`)), 5);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "papers on a Dask cluster have the same rows",
  ignore: Deno.build.os === "windows" || !await hasDask(),
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const folder = await Deno.makeTempDir();
    const cluster = new Deno.Command(python, {
      args: ["tools/cluster/cluster.py", "--workers", "2", "--port", "0"],
      cwd: project,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      env: { REFIGURE_EXPERIMENTS: `${project}experiments`, NO_COLOR: "1" },
    }).spawn();
    try {
      const on = await addressOf(cluster);
      // All of them would take minutes: one of the papers every day.
      const slugs = experimentSlugs();
      const slug = slugs[Math.floor(Date.now() / 86_400_000) % slugs.length];
      await t.step(slug, async () => {
        const rowsOf = async (name: string, ...args: string[]) => {
          const command = new Deno.Command(Deno.execPath(), {
            args: [
              ...["run", "-A", "--no-check", "tools/reproduce/reproduce.ts", slug, "--preset", "quick"],
              ...["--fresh", "--out", `${folder}/${name}`, ...args],
            ],
            cwd: project,
            env: { NO_COLOR: "1" },
          });
          const { code, stderr } = await command.output();
          // A claim that does not hold is status 1.
          assert(code <= 1, decoder.decode(stderr));
          return JSON.parse(await Deno.readTextFile(`${folder}/${name}/${slug}/rows.json`)).rows;
        };
        assertEquals(await rowsOf("far", "--on", on), await rowsOf("near"));
      });
    } finally {
      const children = descendantsOf(cluster.pid);
      cluster.kill("SIGTERM");
      await cluster.status;
      await until(() => children.every((pid) => !exists(`/proc/${pid}`)), 5);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "an address without a scheduler is one line and status 2",
  ignore: Deno.build.os === "windows" || !await hasDask(),
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "tools/reproduce/reproduce.ts",
        "ptd",
        "--preset",
        "quick",
        "--fresh",
        "--on",
        "dask://127.0.0.1:9",
      ],
      cwd: project,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([code, decoder.decode(stdout)], [2, ""]);
    const lines = decoder.decode(stderr).trim().split("\n");
    assertEquals(lines.length, 1, lines.join("\n"));
    assertMatch(lines[0], /^refigure: there is no Dask scheduler at tcp:\/\/127\.0\.0\.1:9: /);
  },
});

async function hasDask(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(python, { args: ["-c", "import distributed"], stderr: "null" })
      .output();
    if (!success && Deno.env.get("CI")) throw new Error("CI needs Dask: make bootstrap ARGS=--dask");
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The address that the cluster prints when its workers are ready. */
async function addressOf(cluster: Deno.ChildProcess): Promise<string> {
  let text = "";
  const [own, rest] = cluster.stdout.tee();
  void rest.cancel();
  for await (const bytes of own) {
    text += decoder.decode(bytes);
    const [address] = /dask:\/\/\S+/.exec(text) ?? [];
    if (address !== undefined && text.endsWith("\n")) return address;
  }
  throw new Error(`the cluster did not start: ${text}`);
}

/** Processes below one, by what /proc knows. */
function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

function childrenOf(pid: number): number[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter((other) => {
    try {
      return /\) \S (\d+)/.exec(Deno.readTextFileSync(`/proc/${other}/stat`))?.[1] === String(pid);
    } catch {
      return false;
    }
  });
}

/** The workers of a cluster: those of its processes that have a Deno of their own. */
function workersOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => childrenOf(child).length > 0);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition. */
async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!condition()) {
    assert(performance.now() < end, `not within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
