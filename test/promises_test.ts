/**
 * What `deno task reproduce` promises, whatever happens to it; tried from outside, through the command line only. Each
 * test has a paper of its own: twelve trials that take a twentieth of a second each.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";

const project = new URL("../", import.meta.url);
const counting = new URL("experiment/fixtures/counting/mod.ts", import.meta.url).href;
const TRIALS = 12;
const WORKERS = 3;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A paper in a folder of its own, and the commands that run it. */
class Paper {
  /** The undisturbed experiment does the same for every paper, so rows can be compared. */
  readonly slug = `promise-${crypto.randomUUID().slice(0, 8)}`;
  readonly folder = Deno.makeTempDirSync({ prefix: "refigure-promises-" });
  readonly out = `${this.folder}/out`;
  readonly cache = decodeURIComponent(new URL(`.cache/trials/${this.slug}`, project).pathname);

  constructor(params: Record<string, unknown> = {}) {
    Deno.mkdirSync(`${this.folder}/papers/${this.slug}`, { recursive: true });
    const replaced = { trials: TRIALS, milliseconds: 50, log: `${this.folder}/log`, ...params };
    Deno.writeTextFileSync(
      `${this.folder}/papers/${this.slug}/mod.ts`,
      `import { experiment as counting } from ${JSON.stringify(counting)};
const quick = { ...counting.presets.quick, ...${JSON.stringify(replaced)} };
export const experiment = { ...counting, slug: ${
        JSON.stringify(this.slug)
      }, presets: { ...counting.presets, quick } };
`,
    );
  }

  start(...options: string[]): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "tools/reproduce/reproduce.ts", this.slug, "--preset", "quick"],
        ...["--workers", String(WORKERS), "--out", this.out, ...options],
      ],
      cwd: project,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: {
        NO_COLOR: "1",
        REFIGURE_EXPERIMENTS: `${this.folder}/papers`,
        // Small heaps, so that one is soon exhausted.
        DENO_V8_FLAGS: "--max-old-space-size=100",
      },
    }).spawn();
  }

  async run(...options: string[]): Promise<Outcome> {
    return await ended(this.start(...options));
  }

  /** The rows that were written, as text; undefined if there are none. A half-written file fails the test. */
  rows(): string | undefined {
    try {
      const { rows } = JSON.parse(Deno.readTextFileSync(`${this.out}/${this.slug}/rows.json`));
      return JSON.stringify(rows);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** How many trials ran to their end, since the beginning. */
  ran(): number {
    try {
      return Deno.readTextFileSync(`${this.folder}/log`).trim().split("\n").length;
    } catch {
      return 0;
    }
  }

  /** Every file of the cache and of the results. */
  files(): string[] {
    return [this.cache, `${this.out}/${this.slug}`].flatMap((folder) => {
      try {
        return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
      } catch {
        return [];
      }
    });
  }

  /** Kept trials: one file each. */
  kept(): string[] {
    return this.files().filter((path) => path.startsWith(this.cache) && path.endsWith(".json"));
  }

  [Symbol.dispose]() {
    Deno.removeSync(this.folder, { recursive: true });
    try {
      Deno.removeSync(this.cache, { recursive: true });
    } catch {
      // Nothing was kept.
    }
  }
}

async function ended(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the run has kept so many trials. */
async function untilKept(paper: Paper, count: number) {
  const end = performance.now() + 60_000;
  while (paper.kept().length < count) {
    assert(performance.now() < end, `no ${count} trials were kept in a minute`);
    await sleep(5);
  }
}

/** The rows of a run that nothing happened to. */
const undisturbed: string = await (async () => {
  using paper = new Paper({ milliseconds: 0 });
  const { code, stderr } = await paper.run();
  assertEquals([code, stderr], [0, ""]);
  return paper.rows()!;
})();

Deno.test("finished trials are kept: the same command does not run them again", async () => {
  using paper = new Paper();
  assertEquals((await paper.run()).code, 0);
  assertEquals((await paper.run()).code, 0);
  assertEquals(paper.ran(), TRIALS);
  assertEquals(paper.rows(), undisturbed);
});

Deno.test("rows do not depend on the number of workers", async () => {
  for (const workers of ["1", "7"]) {
    using paper = new Paper({ milliseconds: 0 });
    assertEquals((await paper.run("--workers", workers)).code, 0);
    assertEquals(paper.rows(), undisturbed);
  }
});

Deno.test("killed at any moment, and again, the run goes on where it stopped, to the same rows", async () => {
  using paper = new Paper();
  let kills = 0;
  for (; kills < 8; kills++) {
    const child = paper.start();
    // Early kills hit the start, late ones trials and files that are being written.
    await Promise.race([sleep(300 + 1000 * Math.random()), child.status]);
    const before = paper.kept().length;
    try {
      child.kill("SIGKILL");
    } catch {
      // It had finished.
    }
    await child.output();
    assert(paper.kept().length >= before, "a kept trial was lost");
    paper.rows();
  }
  assertEquals((await paper.run()).code, 0);
  assertEquals(paper.rows(), undisturbed);
  assert(paper.ran() <= TRIALS + kills * WORKERS, `${paper.ran()} trials ran for ${TRIALS}`);
  assertEquals(
    paper.files().filter((path) => path.endsWith(".tmp")),
    [],
    "halves of killed writes are removed",
  );
});

Deno.test("Ctrl-C ends soon with status 130 and a line; the same command goes on", async () => {
  using paper = new Paper({ milliseconds: 200 });
  const child = paper.start();
  await untilKept(paper, 2);
  const pressed = performance.now();
  child.kill("SIGINT");
  const { code, stderr } = await ended(child);
  assert(performance.now() - pressed < 3000);
  assertEquals(code, 130);
  assertMatch(stderr, /^Interrupted in .*Finished trials are kept; the same command goes on from here/m);
  assertEquals(paper.rows(), undefined, "a run that was interrupted writes no results");
  const kept = paper.kept().length;
  const ran = paper.ran();
  assertEquals((await paper.run()).code, 0);
  assertEquals(paper.ran() - ran, TRIALS - kept);
  assertEquals(paper.rows(), undisturbed);
});

Deno.test("every other signal that ends programs ends it at once, and loses nothing", async () => {
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    using paper = new Paper({ milliseconds: 200 });
    const child = paper.start();
    await untilKept(paper, 2);
    const sent = performance.now();
    child.kill(signal);
    const { code } = await ended(child);
    assert(performance.now() - sent < 3000, signal);
    assert(code !== 0, signal);
    assert(paper.kept().length >= 2);
    assertEquals((await paper.run()).code, 0);
    assertEquals(paper.rows(), undisturbed);
  }
});

Deno.test("two runs of the same paper at once do not disturb each other", async () => {
  using paper = new Paper();
  const runs = await Promise.all([paper.run(), paper.run(), paper.run("--json")]);
  for (const { code, stderr } of runs) assertEquals([code, stderr], [0, ""]);
  assertEquals(paper.rows(), undisturbed);
  assertEquals(JSON.parse(runs[2].stdout).holds, true);
  const ran = paper.ran();
  assertEquals((await paper.run()).code, 0);
  assertEquals(paper.ran(), ran, "and what they kept is whole");
});

Deno.test("a damaged cache is reported, and its trials run again", async () => {
  using paper = new Paper({ milliseconds: 0 });
  assertEquals((await paper.run()).code, 0);
  const damages: Record<string, (path: string, text: string) => void> = {
    "cut off": (path, text) => Deno.writeTextFileSync(path, text.slice(0, text.length / 2)),
    "empty": (path) => Deno.writeTextFileSync(path, ""),
    "other JSON": (path) => Deno.writeTextFileSync(path, "[]"),
    "null": (path) => Deno.writeTextFileSync(path, "null"),
    "a digit": (path, text) => {
      const changed = text.replace(
        /("value":-?)(\d)/,
        (_, before, digit) => `${before}${(Number(digit) + 1) % 10}`,
      );
      Deno.writeTextFileSync(path, changed);
    },
    "bytes": (path) => Deno.writeFileSync(path, crypto.getRandomValues(new Uint8Array(500))),
    "of another trial": (path) => Deno.copyFileSync(paper.kept().find((other) => other !== path)!, path),
    "a folder": (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const [path] = paper.kept().filter((kept) => Deno.statSync(kept).isFile);
    const ran = paper.ran();
    damage(path, Deno.readTextFileSync(path));
    const { code, stderr } = await paper.run();
    assertEquals(code, 0, `${name}: ${stderr}`);
    assertEquals(paper.rows(), undisturbed, name);
    assertEquals(paper.ran() - ran, 1, name);
    assertMatch(stderr, /^refigure: /, name);
    if (name === "a folder") Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("a cache that cannot be written costs nothing but the keeping", async () => {
  using paper = new Paper({ milliseconds: 0 });
  Deno.mkdirSync(paper.cache.replace(/\/[^/]*$/, ""), { recursive: true });
  // Where the folder should be, there is a file.
  Deno.writeTextFileSync(paper.cache, "");
  const { code, stderr } = await paper.run();
  assertEquals(code, 0, stderr);
  assertEquals(stderr.trim().split("\n").length, 1, stderr);
  assertMatch(stderr, /can't be kept/);
  assertEquals(paper.rows(), undisturbed);
});

Deno.test("a trial that misbehaves, in whatever way, fails alone and by number", async () => {
  const ways = [
    "throws",
    "kills its worker",
    "returns NaN",
    "returns nothing",
    "ends the process",
    "closes its worker",
    "exhausts its memory",
    "kills its process",
  ];
  for (const how of [...ways, "runs for ever"]) {
    using paper = new Paper({ milliseconds: 0, broken: 2, how });
    const { code, stdout, stderr } = await paper.run(...how === "runs for ever" ? ["--timeout", "5"] : []);
    assertEquals(code, 1, how);
    assertMatch(stdout + stderr, /index\W+2\b|trial 2\b/, how);
    if (how === "exhausts its memory") assertMatch(stdout + stderr, /ran out of memory/);
    // Nothing of what V8 prints about a heap.
    assert(!stderr.includes("GC"), stderr);
    const rows: { index: number }[] = JSON.parse(paper.rows()!);
    assertEquals(rows.map(({ index }) => index), [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11], how);
  }
});

Deno.test("--json prints one object, whatever trials print", async () => {
  using paper = new Paper({ milliseconds: 0, broken: 2, how: "prints" });
  const { stdout } = await paper.run("--json");
  const { papers, holds } = JSON.parse(stdout);
  assertEquals([papers.length, papers[0].slug, typeof holds], [1, paper.slug, "boolean"]);
});

Deno.test("bad usage is one line and status 2, and runs nothing", async () => {
  using paper = new Paper();
  for (
    const options of [["--workers", "0"], ["--preset", "qick"], ["--fresch"], ["--out="], ["no-such-paper"]]
  ) {
    const { code, stdout, stderr } = await paper.run(...options);
    assertEquals([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
  }
  assertEquals(paper.ran(), 0);
});

Deno.test("results that cannot be written are reported, and nothing else is lost", async () => {
  using paper = new Paper({ milliseconds: 0 });
  Deno.mkdirSync(`${paper.out}/${paper.slug}/rows.json/in-the-way`, { recursive: true });
  const { code, stdout } = await paper.run();
  assertEquals(code, 1);
  assertMatch(stdout, /rows\.json cannot be written/);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${paper.out}/${paper.slug}/claims.json`)).claims.length, 1);
  Deno.removeSync(`${paper.out}/${paper.slug}`, { recursive: true });
  assertEquals((await paper.run()).code, 0);
  assertEquals([paper.rows(), paper.ran()], [undisturbed, TRIALS]);
});
