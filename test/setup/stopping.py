"""Ends a real JupyterLab in the ways there are, while kernels are at work: no process and no file may be left.

    .venv/bin/python test/setup/stopping.py <way>     one of WAYS; exit status 1 names what went wrong
"""

import asyncio
import json
import os
import pty
import re
import select
import signal
import stat
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import psutil
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[2]
JUPYTER = ROOT / ".venv" / "jupyter"
COUNTING = (ROOT / "test/experiment/fixtures/counting/mod.ts").as_uri()
REPRODUCE = f"""
import {{ reproduce }} from "refigure/notebook";
const run = reproduce(new URL("{COUNTING}"), {{ fresh: true, workers: 2, params: {{ milliseconds: 600000 }} }});
console.log("at work");
await run;
"""
# Such a kernel takes no message: only a kill ends it.
STUCK = 'console.log("at work"); while (true) {}'
PATIENCE = 60


class Lab:
    """`make lab` in a terminal of its own."""

    def __init__(self):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
            os.chdir(ROOT)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the tests run under nohup, it would be ignored
            os.execvpe("make", ["make", "--no-print-directory", "lab", "ARGS=--no-browser"], environment)
        self.output = ""
        self.url = self.wait_for(r"JupyterLab is at (\S+)/lab\S*\?token=(\w+)")

    def wait_for(self, pattern):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read(0.2)
            found = re.search(pattern, self.output)
            if found:
                return found.groups()
        sys.exit(f"{pattern} did not come in {PATIENCE} s:\n{self.output}")

    def read(self, seconds):
        try:
            if select.select([self.terminal], [], [], seconds)[0]:
                self.output += os.read(self.terminal, 65536).decode(errors="replace")
        except OSError:
            pass  # closed: it has ended

    def end_by(self, way):
        way(self)
        self.end()

    def end(self):
        """Waits for make itself."""
        stop = time.monotonic() + PATIENCE
        while time.monotonic() < stop:
            self.read(0.05)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
        sys.exit(f"make still ran after {PATIENCE} s:\n{self.output}")

    def press_ctrl_c(self):
        os.write(self.terminal, b"\x03")

    def press_twice(self):
        """The server does not react."""
        self.server().suspend()
        self.press_ctrl_c()
        time.sleep(1.5)
        self.press_ctrl_c()

    def close_terminal(self):
        os.close(self.terminal)

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def kill_make(self):
        os.kill(self.pid, signal.SIGKILL)

    def kill_script(self):
        self.server().parent().kill()

    def kill_server(self):
        self.server().kill()

    def server(self):
        """The process of JupyterLab."""
        below = psutil.Process(self.pid).children(recursive=True)
        return next(process for process in below if any(word.endswith("quick_jupyter.py") for word in process.cmdline()))


WAYS = {
    "ctrl-c": Lab.press_ctrl_c,
    "ctrl-c twice": Lab.press_twice,
    "terminal closed": Lab.close_terminal,
    "make terminated": Lab.terminate,
    "make killed": Lab.kill_make,
    "script killed": Lab.kill_script,
    "server killed": Lab.kill_server,
}


async def work(url, code):
    """Starts a kernel, and a cell in it that does not end."""
    address, token = url
    request = urllib.request.Request(f"{address}/api/kernels", data=b'{"name": "deno"}',
                                     headers={"Authorization": f"token {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with await asyncio.to_thread(opener.open, request) as answer:
        kernel = json.load(answer)["id"]
    socket = await websocket_connect(f"ws{address[4:]}/api/kernels/{kernel}/channels?token={token}")
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": uuid.uuid4().hex,
              "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell",
               "buffers": []}
    await socket.write_message(json.dumps(message))
    seen = ""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and "at work" not in seen:
        seen += str(await asyncio.wait_for(socket.read_message(), PATIENCE))
    if "at work" not in seen:
        sys.exit(f"the cell did not begin: {seen}")


def processes_of(mark):
    """Every process with the mark that Lab gives to what it starts, zombies aside."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("REFIGURE_LAB") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            pass
    return found


def expect(condition, what):
    print(("ok    " if condition else "WRONG ") + what, flush=True)
    if not condition:
        sys.exit(1)


async def main(way):
    lab = Lab()
    mark = lab.server().environ()["REFIGURE_LAB"]
    runtime = JUPYTER / "runtime" / str(lab.server().parent().pid)
    expect(runtime.is_dir(), "the files of this server are in a folder of its own")
    await work(lab.url, REPRODUCE)
    if way.startswith("ctrl-c"):
        await work(lab.url, STUCK)
    await asyncio.sleep(1)  # the workers start
    count = len(processes_of(mark))
    expect(count >= 2, f"Jupyter and its kernels run: {count} processes")
    expect(stat.S_IMODE(JUPYTER.stat().st_mode) == 0o700, "nobody else can read the folder of Jupyter")
    start = time.monotonic()
    WAYS[way](lab)
    lab.end()
    # The prompt is back; only where make itself was killed may the rest take a moment.
    while "killed" in way and processes_of(mark) and time.monotonic() - start < 30:
        await asyncio.sleep(0.1)
    seconds = time.monotonic() - start
    left = processes_of(mark)
    for process in left:
        process.kill()  # not to be met by the next test
    expect(not left, f"{way}: no process is left after {seconds:.1f} s: {left}")
    expect(seconds < 20, f"{way}: it took less than 20 s")
    expect("Traceback" not in lab.output, f"{way}: no traceback is printed")
    if way == "script killed":
        # Nobody was left to remove them; the next Lab does.
        Lab().end_by(Lab.press_ctrl_c)
    while "killed" in way and runtime.exists() and time.monotonic() - start < 30:
        await asyncio.sleep(0.1)
    expect(not runtime.exists(), f"{way}: no runtime file is left")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
