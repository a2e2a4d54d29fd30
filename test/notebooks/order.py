"""In a real Deno kernel, all outputs of a cell come before the kernel reports that the cell has ended.

    python test/notebooks/order.py [repetitions]

Each cell is sent as soon as the one before it is idle, as JupyterLab does in Run All. Without the library's wait for the
kernel, outputs come late in 1 to 40 of 100 cells. Exit status 1 names what came late, or below the wrong cell.
"""

import os
import sys
import time
from pathlib import Path
from queue import Empty

from jupyter_client import KernelManager

ROOT = Path(__file__).resolve().parents[2]
SETUP = f"""
import {{ livePlot, plot, progress, reproduce, scorecard }} from "refigure/notebook";
import {{ Matrix }} from "refigure/arrays";
import {{ linearAxis }} from "refigure/figures";
const run = await reproduce(new URL("{(ROOT / "test/experiment/fixtures/counting/mod.ts").as_uri()}"), {{ preset: "quick" }});
const values = Array.from({{ length: 500 }}, (_, x) => ({{ x, y: x * x }}));
const spec = {{ data: {{ values }}, mark: "line", encoding: {{ x: linearAxis("x", "x"), y: linearAxis("y", "y") }} }};
const large = {{ [Symbol.for("Jupyter.display")]: () => ({{ "text/plain": "large", "text/html": "x".repeat(2e6) }}) }};
"""
# What a cell is, and the kinds of its outputs.
CELLS = {
    "a number": ("1 + 1", ["execute_result"]),
    "nothing": ("{ values.length; } undefined", []),
    "a printed line": ('console.log("printed")', ["stream"]),
    "a matrix": ("Matrix.identity(2)", ["execute_result"]),
    "a figure": ("plot(spec)", ["execute_result"]),
    "2 MB": ("large", ["execute_result"]),
    "a scorecard": ("scorecard(run)", ["execute_result"]),
    "a run": ("run", ["execute_result"]),
    "a figure and a bar that change": (
        'const bar = progress("Bar"); bar.update(0.5); const live = livePlot(); live.update(() => spec); '
        'await bar.end("ended"); await live.end(spec);',
        ["display_data", "display_data", "update_display_data", "update_display_data"],
    ),
    "an error after a display": (
        'const bar = progress("Bar"); await bar.end("ended"); throw new Error("expected");',
        ["display_data", "error"],
    ),
}
OUTPUTS = ("display_data", "error", "execute_result", "stream", "update_display_data")
PATIENCE = 60


def main(repetitions):
    # The runtime's warning about a module of a package is printed once, at any time.
    os.environ["NODE_NO_WARNINGS"] = "1"
    manager = KernelManager(kernel_name="deno")
    manager.start_kernel(cwd=str(ROOT / "notebooks"))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    sent, received = {}, []
    try:
        request(client, sent, received, "setup", SETUP)
        for _ in range(repetitions):
            for name, (code, _) in CELLS.items():
                request(client, sent, received, name, code.replace("const ", "var "))
        collect(client, received, lambda: False, 0.5)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    wrong = problems(sent, received)
    count = repetitions * len(CELLS)
    print(f"{len(wrong)} of {count} cells with outputs that are late, missing or below another cell")
    for line in wrong[:20]:
        print(f"  {line}")
    return 1 if wrong else 0


def request(client, sent, received, name, code):
    message = client.execute(code)
    sent[message] = name
    if not collect(client, received, lambda: ("idle", message) in received[-1:], PATIENCE):
        sys.exit(f"{name}: not idle after {PATIENCE} s")


def collect(client, received, is_done, seconds):
    """Appends the kinds and parents of messages until `is_done`; returns whether it was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            message = client.get_iopub_msg(timeout=0.1)
        except Empty:
            continue
        kind = message["msg_type"]
        if kind == "status":
            kind = message["content"]["execution_state"]
        received.append((kind, message["parent_header"].get("msg_id")))
        if is_done():
            return True
    return False


def problems(sent, received):
    lines = []
    for message, name in sent.items():
        if name == "setup":
            continue
        kinds = [kind for kind, parent in received if parent == message]
        before = [kind for kind in kinds[: kinds.index("idle")] if kind in OUTPUTS]
        if before != CELLS[name][1]:
            lines.append(f"{name}: {kinds}")
    return lines


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8))
