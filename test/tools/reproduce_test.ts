import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseOptions, UsageError } from "../../tools/reproduce/options.ts";
import { progressText } from "../../tools/reproduce/progress_line.ts";

const project = new URL("../../", import.meta.url);
const slug = "matrix-sensing-overparam";

function start(args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tools/reproduce/reproduce.ts", ...args],
    cwd: project,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

async function run(
  args: string[],
  env?: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(args, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("reproduce writes rows, claims and figures, prints the scorecard, and exits 0 only when all hold", async () => {
  const out = await Deno.makeTempDir();
  try {
    assertEquals((await run(["ptd", "--preset", "quick", "--out", out])).code, 0);
    // One criterion of this paper's notes turned out wrong, and stays on the card.
    const { code, stdout, stderr } = await run([slug, "--preset", "quick", "--out", out]);
    assertEquals(code, 1, stdout + stderr);
    assertMatch(stdout, /\[headline\]/);
    assertMatch(stdout, /\d+ of \d+ claims hold/);
    assertEquals(stderr, "", "no progress when piped");
    const files = [...Deno.readDirSync(`${out}/${slug}`)].map(({ name }) => name).sort();
    assert(files.includes("rows.json") && files.includes("claims.json"), String(files));
    assert(files.some((name) => name.endsWith(".svg")) && files.some((name) => name.endsWith(".vl.json")));
    assert(!files.some((name) => name.endsWith(".tmp")));
    const { claims } = JSON.parse(await Deno.readTextFile(`${out}/${slug}/claims.json`));
    assert(claims.length >= 5);

    const json = await run([slug, "--preset=quick", "--json", "--out", out]);
    const { papers, holds } = JSON.parse(json.stdout);
    assertEquals(holds, false);
    assertEquals(papers.map((paper: { slug: string }) => paper.slug), [slug]);
    assertEquals(Object.keys(papers[0]), ["slug", "preset", "seconds", "claims"]);
    assertEquals(papers[0].claims, claims);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("bad usage is one line and exit status 2", async () => {
  for (
    const [args, message] of [
      [["matrix-sensing"], /^Unknown paper "matrix-sensing" \(did you mean "matrix-sensing-overparam"\?\)/],
      [["--preset", "labtop"], /^Unknown preset "labtop" \(did you mean "laptop"\?\)/],
      [["--out="], /^--out must not be empty; see --help/],
      [["--seed", "9007199254740991"], /^--seed must be an integer from/],
      [["--shard", "2/2"], /^--shard must be I\/N/],
      [
        ["--on", "host:8786"],
        /^--on must be dask:\/\/HOST:PORT, such as dask:\/\/127.0.0.1:8786, got "host:8786"/,
      ],
      [
        ["--on", "dask://host:8786", "--timeout", "5"],
        /^--timeout is of this machine and has no effect with --on/,
      ],
      [["--worker", "2"], /^Unknown option --worker \(did you mean "--workers"\?\); see --help/],
      [[slug, "--out", "/proc/nowhere"], /^--out \/proc\/nowhere can't be written/],
    ] as [string[], RegExp][]
  ) {
    const { code, stdout, stderr } = await run(args);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, message);
    assertEquals(stderr.trim().split("\n").length, 1);
  }
});

Deno.test("a paper that cannot be loaded, drawn or written is one line; the others run", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const counting = new URL("../experiment/fixtures/counting/mod.ts", import.meta.url);
    const library = new URL("../../lib/", import.meta.url).href;
    const good = (await Deno.readTextFile(counting)).replaceAll("../../../../lib/", library);
    const papers: Record<string, string> = {
      "bad-figure": good.replace("figures: {}", 'figures: { key() { throw new Error("no \\x1b[31mink"); } }'),
      "bad-syntax": "export const experiment = {;",
      "bad-trials": good.replace(/^ {2}trials,$/m, '  trials() { throw new Error("no trials"); },'),
      "blocked": good,
      "counting": good,
      "throws-at-import": 'throw new Error("no luck");',
    };
    for (const [name, text] of Object.entries(papers)) {
      await Deno.mkdir(`${folder}/${name}`);
      await Deno.writeTextFile(`${folder}/${name}/mod.ts`, text.replace('"counting"', JSON.stringify(name)));
    }
    await Deno.mkdir(`${folder}/out/blocked/rows.json/x`, { recursive: true });
    const env = { REFIGURE_EXPERIMENTS: folder };
    const args = ["all", "--preset", "quick", "--fresh", "--out", `${folder}/out`];
    const text = await run(args, env);
    assertEquals(text.code, 1, text.stderr);
    assertMatch(text.stdout, /✗ bad-syntax: .*bad-syntax.mod.ts could not be loaded/);
    assertMatch(text.stdout, /✗ throws-at-import: .* could not be loaded: no luck/);
    assertMatch(text.stdout, /✗ bad-trials: no trials/);
    assertMatch(text.stdout, /✗ figure "key" could not be drawn: no \\x1b\[31mink/);
    assertMatch(text.stdout, /✗ rows.json cannot be written: /);
    assertMatch(text.stdout, /Counting \(counting, quick\)\n\s+✓ Normal/);
    assertMatch(text.stdout, /6 papers: 3 of 3 claims hold/);
    const json = await run([...args, "--json"], env);
    const { papers: outcomes, holds } = JSON.parse(json.stdout);
    assertEquals([json.code, holds, outcomes.length], [1, false, 6]);
    const listed = await run(["--list"], env);
    assertEquals(listed.code, 1);
    assertMatch(listed.stdout, /counting: Counting/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Ctrl-C ends in under a second and reports that what is finished is kept", async () => {
  const out = await Deno.makeTempDir();
  try {
    const child = start([slug, "--preset", "full", "--out", out, "--fresh"]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const pressed = performance.now();
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assert(performance.now() - pressed < 1000);
    assertEquals(code, 130);
    assertMatch(new TextDecoder().decode(stderr), /Interrupted in .*goes on from here/);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});

Deno.test("options are understood", () => {
  const known = ["a-paper", "b-paper"];
  const options = parseOptions(["b-paper", "--workers", "3", "--seed=-2", "--fresh"], known);
  assertEquals([options.slugs, options.workers, options.seed, options.fresh], [["b-paper"], 3, -2, true]);
  assertEquals(parseOptions([], known).slugs, known);
  assertEquals(parseOptions(["a-paper", "all"], known).slugs, known);
  for (const bad of [["--workers", "0"], ["--workers", "two"], ["--seed", "1.5"], ["--seed"], ["c"]]) {
    let message = "";
    try {
      parseOptions(bad, known);
    } catch (error) {
      assert(error instanceof UsageError);
      message = error.message;
    }
    assert(message.includes(bad.at(-1)!), message);
  }
});

Deno.test("the progress line names what is left and fits the terminal", () => {
  const progress = {
    slug: "a-paper",
    done: 3,
    total: 5,
    cached: 1,
    fraction: 0.7,
    left: ["curves, k = 5", "curves, k = 6"],
    seconds: 12.4,
  };
  const text = progressText(progress, 120);
  assertEquals(
    text,
    "a-paper 70 %, about 5 s to go · ━━━━━━━━┄┄┄┄ · 3 of 5 trials · curves, k = 5 and 1 more",
  );
  for (const width of [30, 40, 60, 80]) {
    const short = progressText(progress, width);
    assert(short.length < width);
    assert(short.startsWith("a-paper 70 %, about 5 s to go".slice(0, width - 2)), short);
  }
  assert(!progressText({ ...progress, left: ["\x1b]0;title\x07"] }, 200).includes("\x1b"));
});
