/** Whatever ends `make lab`, no process and no runtime file is left. */
import { assert } from "@std/assert";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

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
