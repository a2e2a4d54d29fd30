/** After `make bootstrap` every command works without a network. In CI the whole of `make test` runs like that. */
import { assert, assertEquals, assertMatch } from "@std/assert";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const python = `${root}.venv/bin/python`;
const canGoOffline = new Deno.Command(python, {
  args: [".ci/offline.py", "true"],
  cwd: root,
  stdout: "null",
  stderr: "null",
}).outputSync().success;

/** Runs a command with no network but this machine's own. */
async function offline(...command: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(python, {
    args: [".ci/offline.py", ...command],
    cwd: root,
    stdin: "null",
    env: { MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "", NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name, ignore: !canGoOffline, fn });
}

Deno.test(
  "CI can take the network away",
  { ignore: !Deno.env.get("CI") || Deno.build.os !== "linux" },
  () => {
    assert(canGoOffline);
  },
);

test("there is no network indeed", async () => {
  const look = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)";
  assertMatch((await offline(python, "-c", look)).text, /Network is unreachable/);
});

for (
  const [name, options] of [
    ["bootstrap", ""],
    ["reproduce", "s4d --preset quick --fresh"],
    ["test", "test/arrays/rng"],
  ]
) {
  test(`make ${name} works without a network`, async () => {
    const { code, text } = await offline("make", "-s", name, `ARGS=${options}`);
    assertEquals(code, 0, text);
    assert(!/Download |installing|fetching|error sending request/.test(text), text);
  });
}

test("a notebook's cells run without a network", async () => {
  const cell = `
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="deno", cwd="notebooks")
seen = []
def look(message):
    seen.append(str(message["content"].get("text", message["content"].get("evalue", ""))))
client.execute_interactive('''
import { reproduce } from "refigure/notebook";
import { muon } from "refigure/optimizers";
import { useBestBackend } from "refigure/tfjs";
console.log("loaded", typeof reproduce, typeof muon, await useBestBackend());
''', timeout=120, output_hook=look)
client.stop_channels(); manager.shutdown_kernel(now=True)
print("".join(seen))
`;
  const folder = Deno.makeTempDirSync();
  try {
    const { text } = await offline("env", `JUPYTER_RUNTIME_DIR=${folder}`, python, "-c", cell);
    assertMatch(text, /loaded function function/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

test("bundling works without a network", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const { code, text } = await offline(
      ...[Deno.execPath(), "bundle", "--quiet", "--no-check", "--platform", "browser"],
      ...["-o", `${folder}/bundle.js`, "lib/sensing/mod.ts"],
    );
    assertEquals(code, 0, text);
    assert(Deno.statSync(`${folder}/bundle.js`).size > 1000);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
