/** Whatever ends `make lab` or a run of notebooks, no process and no file of theirs is left. */
import { assert, assertEquals } from "@std/assert";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const slowNotebook = JSON.stringify({
  cells: [{
    cell_type: "code",
    id: "slow",
    execution_count: null,
    metadata: {},
    outputs: [],
    source: "await new Promise((resolve) => setTimeout(resolve, 600_000));",
  }],
  metadata: { kernelspec: { display_name: "Deno", language: "typescript", name: "deno" } },
  nbformat: 4,
  nbformat_minor: 5,
});

for (
  const way of [
    "ctrl-c",
    "ctrl-c twice",
    "terminal closed",
    "make terminated",
    "make killed",
    "script killed",
    "server killed",
  ]
) {
  Deno.test(`Lab with kernels at work, ${way}: nothing is left`, async () => {
    const { success, stdout, stderr } = await new Deno.Command(`${root}.venv/bin/python`, {
      args: ["test/setup/stopping.py", way],
      cwd: root,
    }).output();
    const text = new TextDecoder();
    assert(success, text.decode(stdout) + text.decode(stderr));
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`notebooks.py with kernels at work, ${signal}: no kernel is left, no notebook is changed`, async () => {
    const folder = Deno.makeTempDirSync();
    const mark = crypto.randomUUID();
    const running = `
import psutil, sys
for process in psutil.process_iter():
    try:
        if process.environ().get("MARK") == "${mark}" and process.status() != psutil.STATUS_ZOMBIE:
            print(process.cmdline())
    except psutil.Error:
        pass`;
    const look = async () => {
      const { stdout } = await new Deno.Command(`${root}.venv/bin/python`, { args: ["-c", running] })
        .output();
      return new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "");
    };
    try {
      for (const name of ["a", "b"]) {
        Deno.writeTextFileSync(`${folder}/${name}.ipynb`, slowNotebook);
      }
      const child = new Deno.Command(`${root}.venv/bin/python`, {
        args: ["tools/notebooks.py", "run", "all", "--folder", folder, "--jobs", "2"],
        cwd: root,
        env: { MARK: mark },
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn();
      const end = performance.now() + 60_000;
      while ((await look()).filter((line) => line.includes("--kernel")).length < 2) {
        assert(performance.now() < end, "no two kernels came");
      }
      Deno.kill(signal === "SIGINT" ? -child.pid : child.pid, signal);
      const { code } = await child.status;
      assertEquals(code, 130);
      assertEquals(await look(), []);
      for (const name of ["a", "b"]) {
        assertEquals(Deno.readTextFileSync(`${folder}/${name}.ipynb`), slowNotebook);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}
