/** What a fresh machine meets: one line for whatever is missing, everything inside the project folder. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab, root } from "../lab/jupyterlab.ts";

const venv = `${root}.venv/`;
const python = `${venv}bin/python`;
// With HOME elsewhere, the packages are still where they are.
const denoDir: string = JSON.parse((await run(Deno.execPath(), ["info", "--json"])).text).denoDir;

/** Runs a command; both streams as one text. */
async function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; clearEnv?: boolean } = {},
): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null", ...options })
    .output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** A copy of what bootstrap.py reads, without a .venv. */
async function withCopy(use: (folder: string) => Promise<void>) {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/tools`);
    for (
      const name of [
        "Makefile",
        "tools/bootstrap.py",
        "requirements.txt",
        "constraints.txt",
        "deno.json",
        "deno.lock",
        "package.json",
      ]
    ) {
      Deno.copyFileSync(root + name, `${folder}/${name}`);
    }
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** One clear line, besides the lines that say what is being done; never a traceback. */
function assertOneLine(text: string, expected: RegExp) {
  const lines = text.trim().split("\n").filter((line) =>
    !/^make(\[\d+\])?: |: (making|installing|fetching) /.test(line)
  );
  assertEquals(lines.length, 1, text);
  assertMatch(lines[0], /^refigure: /);
  assertMatch(lines[0], expected);
  assert(!text.includes("Traceback"), text);
}

Deno.test("no network: one line, and the next try starts anew", async () => {
  await withCopy(async (folder) => {
    // Nobody listens there.
    const env = {
      PIP_INDEX_URL: "http://127.0.0.1:9/simple",
      PIP_EXTRA_INDEX_URL: "",
      PIP_RETRIES: "0",
      PIP_FIND_LINKS: folder,
      PIP_CONFIG_FILE: "/dev/null",
    };
    const { code, text } = await run(python, ["tools/bootstrap.py"], { cwd: folder, env });
    assertEquals(code, 1);
    assertOneLine(text, /packages can't be installed: the network, or the package index, can't be reached/);
    assert(Deno.statSync(`${folder}/.venv/unfinished`).isFile);
  });
});

Deno.test("a folder that can't be written: one line", async () => {
  await withCopy(async (folder) => {
    // Even root can't make a folder where a file is.
    Deno.writeTextFileSync(`${folder}/.cache`, "");
    const { code, text } = await run(python, ["tools/bootstrap.py"], { cwd: folder });
    assertEquals(code, 1);
    assertOneLine(text, /\.cache can't be written/);
  });
});

Deno.test("an old Python, and none at all: one line", async () => {
  await withCopy(async (folder) => {
    const old = "import sys; sys.version_info = (3, 9, 0); sys.argv = ['tools/bootstrap.py']; " +
      "exec(compile(open('tools/bootstrap.py').read().replace('__file__', repr('tools/bootstrap.py')), 'b', 'exec'))";
    const older = await run(python, ["-c", old], { cwd: folder });
    assertEquals(older.code, 1);
    assertOneLine(older.text, /Python 3\.11 or newer is needed, and \S+ is 3\.9\./);

    const none = await run("make", ["PYTHON=", "bootstrap"], {
      cwd: folder,
      // The tests themselves run under make.
      env: { MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "" },
    });
    assertEquals(none.code, 2);
    assertOneLine(none.text, /Python is missing\. Install Python 3\.11 or newer/);
  });
});

Deno.test("a Python whose venv module is missing: one line that says what to install", async () => {
  await withCopy(async (folder) => {
    Deno.mkdirSync(`${folder}/broken`);
    Deno.writeTextFileSync(`${folder}/broken/ensurepip.py`, "raise ImportError('not on this Debian')");
    const env = { PYTHONPATH: `${folder}/broken` };
    const { code, text } = await run(python, ["tools/bootstrap.py"], { cwd: folder, env });
    assertEquals(code, 1);
    assertOneLine(text, /its venv module is missing.*python3-venv/);
  });
});

Deno.test("the Deno kernel is registered inside .venv and evaluates TypeScript", async () => {
  const spec = JSON.parse(Deno.readTextFileSync(`${venv}share/jupyter/kernels/deno/kernel.json`));
  assertEquals(spec.argv.slice(1), ["jupyter", "--kernel", "--conn", "{connection_file}"]);
  assert(spec.argv[0].startsWith(venv), spec.argv[0]);
  const home = Deno.makeTempDirSync();
  try {
    const evaluate = `
import time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="deno")
seen = []
for attempt in range(40):  # what is said before the channel is open, or after the kernel says it is idle, gets lost
  client.execute_interactive("((x: number): number => 6 * x)(7)", timeout=60,
      output_hook=lambda message: seen.append(message["content"].get("data", {}).get("text/plain", "")))
  if any(seen): break
  time.sleep(0.25)
client.stop_channels(); manager.shutdown_kernel(now=True)
print("".join(seen))`;
    const { code, text } = await run(python, ["-c", evaluate], {
      env: {
        HOME: home,
        JUPYTER_RUNTIME_DIR: `${home}/runtime`,
        DENO_DIR: denoDir,
      },
    });
    assertEquals(code, 0, text);
    assertMatch(text, /42/);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});

Deno.test("Lab answers soon, takes a free port when its own is taken, and leaves the home folder alone", async () => {
  const home = Deno.makeTempDirSync();
  const taken = listen(8888);
  const lab = new Lab([], { HOME: home, DENO_DIR: denoDir });
  try {
    const url = new URL(await lab.url(60));
    assertEquals(url.hostname, "127.0.0.1");
    if (taken !== undefined) assertMatch(lab.output, /port 8888 is in use, taking \d+/);
    assertEquals(
      (await fetch(new URL("/api/kernelspecs", url)).then(drained)).status,
      403,
      "without the token",
    );
    const headers = { authorization: `token ${url.searchParams.get("token")}` };
    const answer = await fetch(new URL("/api/kernelspecs", url), { headers });
    assertEquals((await answer.json()).default, "deno");
  } finally {
    taken?.close();
    assertEquals(await lab.interrupt(), 0, lab.output);
  }
  const left = [...Deno.readDirSync(home)].map(({ name }) => name);
  assertEquals(left, []);
  Deno.removeSync(home, { recursive: true });
});

Deno.test("a port that was asked for and is in use, and one that is none: one line", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const busy = new Lab(["--port", String(taken.addr.port)]);
  assertEquals(await busy.end(), 1);
  assertOneLine(busy.output, /port \d+ is in use; leave --port out/);
  taken.close();
  const wrong = new Lab(["--port", "many"]);
  assertEquals(await wrong.end(), 1);
  assertOneLine(wrong.output, /--port must be a number from 1 to 65535, got 'many'/);
});

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

/** Takes a port; undefined if somebody has it already. */
function listen(port: number): Deno.Listener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
