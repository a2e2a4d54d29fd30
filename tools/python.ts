/**
 * `deno run --allow-run --allow-read=. --allow-env=PYTHON tools/python.ts <script.py> [arguments]`: runs a
 * script with `$PYTHON`, else with the first Python there is: the one of `.venv`, `python3` or another. So `deno task
 * lab` works with Deno alone installed. tools/bootstrap.py tells when that Python is too old.
 */

const root = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/^\/(\w:)/, "$1");
const windows = Deno.build.os === "windows";
const venvPython = `${root}.venv/${windows ? "Scripts/python.exe" : "bin/python"}`;
const others = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];

// Ctrl-C reaches the whole process group: the script ends by itself, and this waits for it. Elsewhere signals
// are passed on.
let child: Deno.ChildProcess | undefined = undefined;
for (const signal of windows ? ["SIGINT"] as const : ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
  Deno.addSignalListener(signal, () => {
    if (signal !== "SIGINT") child?.kill(signal);
  });
}

const python = await findPython();
if (python === undefined) {
  const named = Deno.env.get("PYTHON");
  const wrong = named
    ? `"${named}" does not run as Python.`
    : "Python is missing. Install Python 3.11 or newer.";
  console.error(`refigure: ${wrong} Or name another: PYTHON=/path/to/python3`);
  Deno.exit(1);
}
child = new Deno.Command(python, { args: [...Deno.args], cwd: root }).spawn();
Deno.exit((await child.status).code);

/** The first Python that is new enough, else the first that runs. */
async function findPython(): Promise<string | undefined> {
  const named = Deno.env.get("PYTHON");
  let old: string | undefined;
  for (const candidate of named ? [named] : [venvPython, ...others]) {
    try {
      const { stdout } = await new Deno.Command(candidate, {
        args: ["-c", "import sys; print(sys.version_info >= (3, 11))"],
        stderr: "null",
      }).output();
      const answer = new TextDecoder().decode(stdout).trim();
      if (answer === "True") return candidate;
      if (answer === "False") old ??= candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  return old;
}
