/**
 * `deno run -A tools/python.ts <script.py> [arguments]`: prepares `.venv` if it must, then runs the script
 * with its Python. So `deno task lab` works for who has Deno and never called `make`.
 */

const root = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/^\/(\w:)/, "$1");
const windows = Deno.build.os === "windows";
const venvPython = `${root}.venv/${windows ? "Scripts/python.exe" : "bin/python"}`;

// Ctrl-C reaches the whole process group: the script ends by itself, and this waits for it. Elsewhere signals
// are passed on.
let child: Deno.ChildProcess | undefined;
for (const signal of windows ? ["SIGINT"] as const : ["SIGTERM", "SIGHUP", "SIGINT"] as const) {
  Deno.addSignalListener(signal, () => {
    if (signal !== "SIGINT") child?.kill(signal);
  });
}

let code = await run(await findPython(), [`${root}tools/bootstrap.py`]);
if (code === 0 && Deno.args.length > 0) code = await run(venvPython, [...Deno.args]);
Deno.exit(code);

async function run(command: string, args: string[]): Promise<number> {
  child = new Deno.Command(command, { args, cwd: root }).spawn();
  return (await child.status).code;
}

/** The first Python that starts; bootstrap.py says whether it is new enough. */
async function findPython(): Promise<string> {
  for (const candidate of [venvPython, "python3", "python"]) {
    try {
      const { success } = await new Deno.Command(candidate, {
        args: ["-c", ""],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  console.error("refigure: Python is missing. Install Python 3.11 or newer.");
  Deno.exit(1);
}
