/** What a fresh machine meets: one line for whatever is missing, everything inside the project folder. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab, root, until } from "../lab/jupyterlab.ts";

const venv = `${root}.venv/`;
const python = `${venv}bin/python`;
const configuration = JSON.parse(Deno.readTextFileSync(`${root}deno.json`));
const tasks: Record<string, { description: string; command: string }> = configuration.tasks;
// With HOME elsewhere, the packages are still where they are.
const denoDir: string = JSON.parse((await run(Deno.execPath(), ["info", "--json"])).stdout).denoDir;
// The tests themselves run under make.
const plain = { MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "" };

interface Result {
  code: number;
  stdout: string;
  /** Both streams. */
  text: string;
}

async function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; clearEnv?: boolean } = {},
): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null", ...options })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), text: text(stdout) + text(stderr) };
}

/** A copy of what is there before anything is installed. */
async function withCopy(use: (folder: string) => Promise<void>) {
  const folder = Deno.makeTempDirSync();
  try {
    for (const name of ["tools/help", "bench", "notebooks"]) {
      Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
    }
    const tools = [...Deno.readDirSync(`${root}tools`)].map(({ name }) => `tools/${name}`);
    const help = [...Deno.readDirSync(`${root}tools/help`)].map(({ name }) => `tools/help/${name}`);
    const files = [
      "Makefile",
      "requirements.txt",
      "bench/requirements.txt",
      "deno.json",
      "deno.lock",
      "package.json",
    ];
    for (const name of [...files, ...help, ...tools.filter((tool) => tool.endsWith(".py"))]) {
      Deno.copyFileSync(root + name, `${folder}/${name}`);
    }
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A .venv in no time: its pip is that of ours. */
async function makeQuickVenv(folder: string) {
  await run(python, ["-m", "venv", "--without-pip", `${folder}/.venv`]);
  const [packages] = Array.from(Deno.readDirSync(`${folder}/.venv/lib`)).map(({ name }) =>
    `lib/${name}/site-packages`
  );
  Deno.writeTextFileSync(`${folder}/.venv/${packages}/ours.pth`, `${venv}${packages}\n`);
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

const isThere = (path: string) => {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
};

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

Deno.test("a package that is not the one of requirements.txt is refused", async () => {
  await withCopy(async (folder) => {
    const wheel = `
import zipfile
with zipfile.ZipFile("six-1.17.0-py2.py3-none-any.whl", "w") as wheel:
    wheel.writestr("six.py", "print('not six')")
    wheel.writestr("six-1.17.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: six\\nVersion: 1.17.0\\n")
    wheel.writestr("six-1.17.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("six-1.17.0.dist-info/RECORD", "")`;
    await run(python, ["-c", wheel], { cwd: folder });
    const requirements = Deno.readTextFileSync(`${root}requirements.txt`);
    const [six] = requirements.match(/^six==(?:\\\n|.)*\n/m)!;
    Deno.writeTextFileSync(`${folder}/requirements.txt`, six);
    await makeQuickVenv(folder);
    const env = {
      PIP_IGNORE_INSTALLED: "1",
      PIP_NO_INDEX: "1",
      PIP_FIND_LINKS: folder,
      PIP_CONFIG_FILE: "/dev/null",
    };
    const { code, text } = await run(python, ["tools/bootstrap.py"], { cwd: folder, env });
    assertEquals(code, 1);
    assertOneLine(text, /its hash differs/);
  });
});

Deno.test("every package is pinned with hashes, and the lock files are those of what is asked for", async () => {
  for (const name of ["", "bench/"]) {
    const locked = Deno.readTextFileSync(`${root}${name}requirements.txt`).replaceAll("\\\n", "");
    const lines = locked.split("\n").filter((line) => /^[a-z]/i.test(line));
    for (const line of lines) assertMatch(line, /^[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/);
    for (const line of Deno.readTextFileSync(`${root}${name}requirements.in`).split("\n")) {
      if (/^[a-z]/i.test(line)) assert(lines.some((pinned) => pinned.startsWith(`${line} `)), line);
    }
  }
  const lock = JSON.parse(Deno.readTextFileSync(`${root}deno.lock`));
  const asked = (Object.values(configuration.imports) as string[]).filter((url) => url.startsWith("npm:"))
    .map((url) => url.replace("npm:/", "npm:").replace(/\/$/, ""));
  assertEquals([...new Set(asked)].sort(), Object.keys(lock.specifiers).sort());
  for (const [name, { integrity }] of Object.entries<{ integrity?: string }>(lock.npm)) {
    assertMatch(integrity ?? "", /^sha512-/, name);
  }
  const { code, text } = await run(`${venv}bin/pip`, ["check"]);
  assertEquals(code, 0, text);
});

Deno.test("tasks have the permissions they need and no others, and take what deno.lock names", () => {
  for (const [name, { description, command }] of Object.entries(tasks)) {
    assert(description.length > 10, `${name} has no description`);
    if (/^deno (run|test|bench)/.test(command)) {
      assertMatch(command, / --no-prompt /, name);
      assert(!/ (-A|--allow-all)\b/.test(command), `${name}: ${command}`);
    }
    // tools/python.ts imports nothing.
    if (/^deno (run|test|check|bench)/.test(command) && !command.includes("python.ts")) {
      assertMatch(command, / --frozen /, name);
    }
  }
  assertMatch(
    tasks.reproduce.command,
    /--allow-read=\. --allow-write=\.cache,results --allow-env --allow-ffi --allow-sys /,
  );
});

Deno.test("reproduce runs with the permissions of its task, and without foreign functions", async () => {
  const task = tasks.reproduce.command.split(" ").slice(1);
  const papers = ["ptd", "--preset", "quick", "--fresh", "--json"];
  const out = `${root}results/setup-test`;
  try {
    const holds = (stdout: string) =>
      JSON.parse(stdout).papers[0].claims.map(({ holds }: { holds: boolean }) => holds);
    const native = await run(Deno.execPath(), [...task, ...papers, "--out", out], { cwd: root });
    assertEquals(native.code, 0, native.text);
    const without = task.filter((word) => word !== "--allow-ffi");
    const portable = await run(Deno.execPath(), [...without, ...papers, "--out", out], { cwd: root });
    assertEquals(portable.code, 0, portable.text);
    assertEquals(holds(portable.stdout), holds(native.stdout));
    const elsewhere = Deno.makeTempDirSync();
    const refused = await run(Deno.execPath(), [...task, ...papers, "--out", elsewhere], { cwd: root });
    Deno.removeSync(elsewhere);
    assertEquals(refused.code, 2);
    assertMatch(
      refused.text,
      /may write only into this project's results and \.cache; deno run -A \S+ .* may write/,
    );
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
});

Deno.test("a full disk: one line", async () => {
  await withCopy(async (folder) => {
    // Two megabytes hold a Python environment, but no pip.
    const script =
      `mkdir .venv && mount -t tmpfs -o size=2m tmpfs .venv && exec ${python} tools/bootstrap.py`;
    const { code, text } = await run("unshare", ["--mount", ...asRoot(), "sh", "-c", script], {
      cwd: folder,
    });
    assertEquals(code, 1, text);
    assertOneLine(text, /can't be made in .*\.venv: the disk is full/);
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

Deno.test("an old Python, none at all, and a program that is none: one line", async () => {
  await withCopy(async (folder) => {
    const old = "import sys; sys.version_info = (3, 9, 0); sys.argv = ['tools/bootstrap.py']; " +
      "exec(compile(open('tools/bootstrap.py').read().replace('__file__', repr('tools/bootstrap.py')), 'b', 'exec'))";
    const older = await run(python, ["-c", old], { cwd: folder });
    assertEquals(older.code, 1);
    assertOneLine(older.text, /Python 3\.11 or newer is needed, and \S+ is 3\.9\./);

    for (
      const [name, expected] of [
        ["", /Python is missing\. Install Python 3\.11 or newer/],
        ["/bin/false", /"\/bin\/false" does not run as Python\. Name another/],
        ["/bin/true", /"\/bin\/true" does not run as Python/],
        ["/nowhere/python", /"\/nowhere\/python" does not run as Python/],
      ] as const
    ) {
      const { code, text } = await run("make", [`PYTHON=${name}`, "lab"], { cwd: folder, env: plain });
      assertEquals(code, 2);
      assertOneLine(text, expected);
    }
    const named = await run(Deno.execPath(), ["task", "--quiet", "bootstrap"], {
      cwd: root,
      env: { PYTHON: "/bin/false" },
    });
    assertEquals(named.code, 1);
    assertOneLine(named.text, /"\/bin\/false" does not run as Python/);
  });
});

Deno.test("a Python whose venv module is missing: one line with what to install", async () => {
  await withCopy(async (folder) => {
    Deno.mkdirSync(`${folder}/broken`);
    Deno.writeTextFileSync(`${folder}/broken/ensurepip.py`, "raise ImportError('not on this Debian')");
    const env = { PYTHONPATH: `${folder}/broken` };
    const { code, text } = await run(python, ["tools/bootstrap.py"], { cwd: folder, env });
    assertEquals(code, 1);
    assertOneLine(text, /its venv module is missing.*python3-venv/);
  });
});

Deno.test("help and bad usage install nothing first", async () => {
  await withCopy(async (folder) => {
    const make = (...args: string[]) => run("make", args, { cwd: folder, env: plain });
    const overview = await make();
    for (const [name, { description }] of Object.entries(tasks)) {
      assert(new RegExp(`^make ${name} +${description}$`, "m").test(overview.stdout), name);
      const { code, stdout } = await make(name, "ARGS=--help");
      assertEquals(code, 0, name);
      const own = `${root}tools/help/${name}.txt`;
      if (isThere(own)) assertEquals(stdout, Deno.readTextFileSync(own));
      else assert(stdout.includes(description), stdout);
    }
    for (
      const [args, expected] of [
        [["tset"], /There is no target tset \(did you mean "test"\?\)/],
        [["lab", "ARGS=--prot 9000"], /Unknown option --prot \(did you mean "--port"\?\); see --help/],
        [["lab", "ARGS=--port many"], /--port must be a number from 1 to 65535, got 'many'/],
        [["lab", "ARGS=--port"], /--port must be a number from 1 to 65535, got ''/],
        [["lab", "ARGS=noteboks"], /There is no folder noteboks/],
        [["lab", "ARGS=notebooks tools"], /Only one folder can be opened/],
        [["bootstrap", "ARGS=--pears"], /Unknown option --pears \(did you mean "--peers"\?\)/],
      ] as const
    ) {
      const { code, text } = await make(...args);
      assertEquals(code, 2, text);
      assertOneLine(text, expected);
    }
    assert(!isThere(`${folder}/.venv`) && !isThere(`${folder}/.cache`), "nothing was made");
  });
});

Deno.test("an unknown option of any command is one line with the nearest one", async () => {
  const mistakes: Record<string, string> = {
    lab: "--prot",
    reproduce: "--presett",
    test: "--one-by",
    wasm: "--chekc",
  };
  for (const [name, { command }] of Object.entries(tasks)) {
    if (!/ (tools|bench)\/\S+\.ts/.test(command)) continue; // Deno's own
    const mistake = mistakes[name] ?? "--hlep";
    const { code, stdout, text } = await run(Deno.execPath(), ["task", "--quiet", name, mistake], {
      cwd: root,
    });
    assertEquals([code, stdout], [2, ""], text);
    assertMatch(text, /^(refigure: )?Unknown option --[\w-]+ \(did you mean "--[\w-]+"\?\); see --help\n$/);
    if (!(name in mistakes)) continue;
    const help = await run(Deno.execPath(), ["task", "--quiet", name, "--help"], { cwd: root });
    assertEquals(help.text, Deno.readTextFileSync(`${root}tools/help/${name}.txt`));
  }
});

Deno.test("the Deno kernel is registered inside .venv and evaluates TypeScript", async () => {
  const spec = JSON.parse(Deno.readTextFileSync(`${venv}share/jupyter/kernels/deno/kernel.json`));
  assertEquals(spec.argv.slice(1), ["jupyter", "--kernel", "--conn", "{connection_file}"]);
  assert(spec.argv[0].startsWith(`${Deno.realPathSync(venv)}/`), spec.argv[0]);
  const home = Deno.makeTempDirSync();
  try {
    const evaluate = `
import time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="deno")
seen = []
for attempt in range(40):  # what is sent before the channel is open, or after the kernel reports that it is idle, gets lost
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

Deno.test("Lab starts soon, takes a free port when its own is taken, and leaves the home folder alone", async () => {
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

Deno.test("Labs that start at the same moment take different ports", async () => {
  const labs = [new Lab([]), new Lab([]), new Lab([])];
  try {
    const urls = await Promise.all(labs.map(async (lab) => new URL(await lab.url(60))));
    assertEquals(new Set(urls.map(({ port }) => port)).size, labs.length);
    for (const url of urls) {
      const headers = { authorization: `token ${url.searchParams.get("token")}` };
      assertEquals((await fetch(new URL("/api/kernels", url), { headers }).then(drained)).status, 200);
    }
  } finally {
    for (const lab of labs) assertEquals(await lab.interrupt(), 0, lab.output);
  }
});

Deno.test("a browser is opened at an address that is good for one visit and holds no token", async () => {
  const folder = Deno.makeTempDirSync();
  const browser = `${folder}/browser`;
  Deno.writeTextFileSync(
    browser,
    `#!/bin/sh\necho "$@" > ${folder}/opened.part\nmv ${folder}/opened.part ${folder}/opened\n`,
  );
  Deno.chmodSync(browser, 0o755);
  const lab = new Lab([], { DISPLAY: ":0", BROWSER: `${browser} %s` });
  try {
    const url = await lab.url(60);
    const opened = await until(
      () => isThere(`${folder}/opened`) && Deno.readTextFileSync(`${folder}/opened`).trim(),
      20,
    );
    assertMatch(opened || "nothing", /^http:\/\/127\.0\.0\.1:\d+\/\w+$/);
    assert(!(opened as string).includes(new URL(url).searchParams.get("token")!));
    const first = await fetch(opened as string, { redirect: "manual" }).then(drained);
    assertEquals([first.status, first.headers.get("location")], [302, url]);
    assertEquals((await fetch(opened as string, { redirect: "manual" }).then(drained)).status, 404);
  } finally {
    assertEquals(await lab.interrupt(), 0, lab.output);
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a port that was asked for and is in use: one line", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const busy = new Lab(["--port", String(taken.addr.port)]);
  assertEquals(await busy.end(), 1);
  assertOneLine(busy.output, /port \d+ is in use; leave --port out/);
  taken.close();
});

/** Makes `unshare` work for a user who is not root, too. */
function asRoot(): string[] {
  return Deno.uid() === 0 ? [] : ["--map-root-user"];
}

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
