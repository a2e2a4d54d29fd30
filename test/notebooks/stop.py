"""Presses Stop in a real Deno kernel, as JupyterLab does, and prints what came of it. Exit status 1 names what went wrong."""

import sys
import time
from pathlib import Path
from queue import Empty

from jupyter_client import KernelManager

ROOT = Path(__file__).resolve().parents[2]
COUNTING = (ROOT / "test/experiment/fixtures/counting/mod.ts").as_uri()
SLOW = "{ fresh: true, params: { milliseconds: 1000, trials: 20 } }"
PATIENCE = 60


class Kernel:
    def __init__(self):
        self.manager = KernelManager(kernel_name="deno")
        self.manager.start_kernel(cwd=str(ROOT / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def stop(self):
        self.manager.interrupt_kernel()

    def run(self, code, press_at=()):
        """Runs a cell, pressing Stop at the given seconds after its first output; returns its outputs as text, and the seconds."""
        message = self.client.execute(code)
        start, began, idle = time.monotonic(), None, None
        presses, texts = list(press_at), []
        while time.monotonic() - start < PATIENCE:
            if presses and began is not None and time.monotonic() - began > presses[0]:
                presses.pop(0)
                self.stop()
            # Results may come a moment after the kernel has said that it is idle.
            if idle is not None and time.monotonic() - idle > 0.3:
                return "\n".join(texts), time.monotonic() - start
            try:
                reply = self.client.get_iopub_msg(timeout=0.05)
            except Empty:
                if not self.manager.is_alive():
                    sys.exit(f"the kernel died in: {code}")
                continue
            if reply["parent_header"].get("msg_id") != message:
                continue
            content = reply["content"]
            if "data" in content or "text" in content:
                began = began or time.monotonic()
                texts.append(content.get("text") or content["data"].get("text/plain", ""))
            elif reply["msg_type"] == "error":
                texts.append(f"{content['ename']}: {content['evalue']}")
            elif content.get("execution_state") == "idle":
                idle = time.monotonic()
        sys.exit(f"not finished after {PATIENCE} s: {code}")


def expect(condition, what):
    print(("ok    " if condition else "WRONG ") + what)
    if not condition:
        sys.exit(1)


def main():
    kernel = Kernel()
    try:
        kernel.run(f'import {{ reproduce }} from "refigure/notebook"; const kept = 41; const url = new URL("{COUNTING}");')
        text, seconds = kernel.run(f"const run = await reproduce(url, {SLOW}); run.rows.length > 0 && run.interrupted", [2.5])
        expect("interrupted with" in text, "one press: the cell reports that it was interrupted")
        expect("true" in text, "one press: the rows so far are there")
        expect(seconds < 8, "one press: the cell ends soon")
        expect("42" in kernel.run("kept + 1")[0], "one press: variables survive")
        text, _ = kernel.run(f"const again = await reproduce(url, {SLOW}); again.interrupted", [1.0, 1.01])
        expect("interrupted with" in text, "two presses: the cell reports that it was interrupted")
        expect("42" in kernel.run("kept + 1")[0], "two presses: variables survive")
        for _ in range(2):
            kernel.stop()
            time.sleep(0.3)
        expect("42" in kernel.run("kept + 1")[0], "nothing runs: a press is harmless")
        text, _ = kernel.run("const whole = await reproduce(url, { preset: 'quick' }); whole.claims.length")
        expect("4 of 4 trials finished" in text, "afterwards: the next run is a whole one")
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
