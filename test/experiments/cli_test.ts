import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseOptions, UsageError } from "../../tools/reproduce/options.ts";
import { progressText } from "../../tools/reproduce/progress_line.ts";

const project = new URL("../../", import.meta.url);
const slug = "matrix-sensing-overparam";

function start(args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tools/reproduce/reproduce.ts", ...args],
    cwd: project,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(args).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("reproduce writes rows, claims and figures, prints the scorecard, and exits 0 only when all hold", async () => {
  const out = await Deno.makeTempDir();
  try {
    assertEquals((await run("ptd", "--preset", "quick", "--out", out)).code, 0);
    // One criterion of this paper's sheet turned out wrong, and stays on the card.
    const { code, stdout, stderr } = await run(slug, "--preset", "quick", "--out", out);
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

    const json = await run(slug, "--preset=quick", "--json", "--out", out);
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
      [["--worker", "2"], /^Unknown option --worker \(did you mean "--workers"\?\); see --help/],
      [[slug, "--out", "/proc/nowhere"], /^--out \/proc\/nowhere can't be written/],
    ] as [string[], RegExp][]
  ) {
    const { code, stdout, stderr } = await run(...args);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, message);
    assertEquals(stderr.trim().split("\n").length, 1);
  }
});

Deno.test("Ctrl-C ends in under a second and says that what is finished is kept", async () => {
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
    left: ["k=5 seed=1", "k=5 seed=2"],
    seconds: 12.4,
  };
  const text = progressText(progress, 120);
  assertMatch(text, /a-paper ━{14}┄{6} 70% · 3 of 5 trials · 12 s · left: k=5 seed=1 and 1 more/);
  assert(progressText(progress, 40).length <= 40);
});
