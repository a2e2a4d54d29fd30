"""`make lab`, `deno task lab`: JupyterLab on the notebooks; tools/help/lab.txt lists the options.

Any Python from 3.11 on can start it: the options are read before anything is installed, then bootstrap.py prepares
.venv, and the rest runs in the Python of .venv.
"""

import difflib
import http.server
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

import bootstrap

ROOT = Path(bootstrap.ROOT)
VENV = Path(bootstrap.VENV)
STYLES = ROOT / "tools" / "lab.css"
SHARE = VENV / "jupyter"  # everything that Jupyter writes; only this user can read it
RUNTIME = SHARE / "runtime"  # one folder per running server, named after the process id of this script
LOG = SHARE / f"lab-{os.getpid()}.log"
PREPARED = "REFIGURE_PREPARED"  # set for the second start of this script, in the Python of .venv
MARK = "REFIGURE_LAB"  # in the environment of Jupyter and of every process below it
FIRST_PORT = 8888
PORT_LOST = -1  # the exit status of no program
# A kernel that does not react is killed by Jupyter after 5 s; what is left after this many is killed here.
PATIENCE = 12
# The terminal, make and Deno may each pass on the same Ctrl-C; signals this close together are one.
SAME_PRESS = 1.0
OPTIONS = ("--port", "--no-browser", "--help")
# News, updates and the extension manager ask hosts outside; the rest speaks to a server that is switched off below.
SILENT = [
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
]


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    folder, port, browser, rest = understand(arguments)
    if os.environ.pop(PREPARED, None) is None:
        bootstrap.prepare()
        return bootstrap.replace_process(
            [bootstrap.PYTHON, os.path.abspath(__file__)] + arguments, {PREPARED: "1"})
    runtime = prepare()
    ending = Ending()
    try:
        while True:
            chosen = take(port)
            code = serve(folder, chosen, secrets.token_hex(16), runtime, browser, rest, ending)
            # Another Lab may have been starting at the same moment, and taken the same port.
            if code != PORT_LOST or port is not None:
                return code
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def serve(folder, port, token, runtime, browser, rest, ending):
    first = "/tree/index.ipynb" if (folder / "index.ipynb").exists() else ""
    url = f"http://127.0.0.1:{port}/lab{first}?token={token}"
    with open(LOG, "w", encoding="utf-8") as log:
        # In a session of its own, Ctrl-C in the terminal does not reach it: a second signal would make
        # Jupyter break off the shutdown that the first one began, and leave its kernels running.
        ending.server = lab = subprocess.Popen(
            command(folder, port, rest), env=environment(token, runtime, ending.mark), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
            preexec_fn=end_with_parent if sys.platform.startswith("linux") else None)
    try:
        announced = False
        while lab.poll() is None and not ending.asked:
            if not announced and answers(port, token):
                announced = True
                announce(url, browser)
            time.sleep(0.05 if not announced else 0.2)
            ending.look_around()
    finally:
        code = ending.end()
    if ending.asked:
        return 0
    if not announced and not is_free(port):
        return PORT_LOST
    lines = [line for line in LOG.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    complain(f"JupyterLab ended (exit status {code}): {lines[-1] if lines else 'no output'} "
             f"(all of it: {os.path.relpath(LOG, ROOT)})")
    return 1


class Ending:
    """Ends Jupyter and every process below it: asks once, waits, then insists."""

    def __init__(self):
        self.mark = secrets.token_hex(8)
        self.server = None
        self.asked = 0.0  # when, by the monotonic clock
        self.impatient = False
        self._parent = os.getppid()
        self._terminals = [number for number in (0, 1, 2) if os.isatty(number)]
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None:
                continue
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._signalled)
            elif name == "SIGHUP":
                self._terminals = []  # nohup: it is to survive its terminal

    def _signalled(self, *_):
        now = time.monotonic()
        if not self.asked:
            self.asked = now
        elif now - self.asked > SAME_PRESS:
            self.impatient = True

    def look_around(self):
        """Ends the server when nobody can press Ctrl-C any more: the parent or the terminal of this script is gone.

        A closed terminal sends SIGHUP to the program it was opened for, and that may be make, which passes it to
        nobody.
        """
        if not self.asked and (os.getppid() != self._parent or not all(map(os.isatty, self._terminals))):
            self.asked = time.monotonic()

    def end(self):
        """Returns the exit status of the server when no process of it is left."""
        if self.server.poll() is None:
            say("stopping JupyterLab and its kernels")
            self.server.terminate()
        start = time.monotonic()
        while self.server.poll() is None and not self.impatient and time.monotonic() - start < PATIENCE:
            time.sleep(0.05)
        self._insist()
        return self.server.wait()

    def _insist(self):
        """Kills what is still there; the server may have crashed and left its kernels."""
        if self.server.poll() is None:
            self.server.kill()
        import psutil

        # A kernel may be starting another process at this moment, so look until there is none.
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            left = [process for process in psutil.process_iter() if self._is_ours(process, psutil)]
            if not left:
                return
            for process in left:
                try:
                    process.kill()
                except psutil.Error:
                    pass  # it ended by itself
            psutil.wait_procs(left, timeout=1)

    def _is_ours(self, process, psutil):
        try:
            return process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False  # gone, or of another user


def end_with_parent():
    """Runs in the server before it starts: Linux asks it to end if this script is killed."""
    import ctypes

    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def understand(arguments):
    """The folder, the port that was asked for or None, whether to open a browser, and what is Jupyter's."""
    folder, port, browser, rest = None, None, can_open_browser(), []
    words = iter(arguments)
    for word in words:
        name = word.split("=")[0]
        if word in ("--help", "-h"):
            sys.stdout.write(bootstrap.help_text("lab"))
            sys.exit(0)
        elif word == "--":
            rest += list(words)
        elif word == "--no-browser":
            browser = False
        elif name == "--port":
            text = word[7:] if "=" in word else next(words, "")
            if not (text.encode().isdigit() and 0 < int(text) < 65536):  # ASCII digits
                refuse(f"--port must be a number from 1 to 65535, got {text!r}")
            port = int(text)
        elif word.startswith("--") and "." in name and "=" in word:
            rest.append(word)
        elif word.startswith("-"):
            near = difflib.get_close_matches(name, OPTIONS, 1)
            hint = f' (did you mean "{near[0]}"?)' if near else ""
            refuse(f"Unknown option {name}{hint}; see --help")
        elif folder is not None:
            refuse(f"Only one folder can be opened, got {folder} and {word}")
        else:
            folder = word
    chosen = ROOT / "notebooks" if folder is None else Path(folder).resolve()
    if folder is not None and not chosen.is_dir():
        refuse(f"There is no folder {folder}")
    return chosen, port, browser, rest


def can_open_browser():
    """Not on a machine without a screen: there, webbrowser would open a text browser in this terminal."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def take(port):
    """The port that was asked for, or the first that is free."""
    if port is not None:
        if not is_free(port):
            fail(f"port {port} is in use; leave --port out to take a free one")
        return port
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if is_free(port):
            if port != FIRST_PORT:
                say(f"port {FIRST_PORT} is in use, taking {port}")
            return port
    fail(f"ports {FIRST_PORT} to {FIRST_PORT + 99} are all in use; name one with --port")


def is_free(port):
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def prepare():
    """Makes the folders that Jupyter writes into, and returns the one for the files of this server."""
    try:
        SHARE.mkdir(parents=True, exist_ok=True)
        # Connection files and the log hold keys: other users of the machine are kept out of all of it.
        SHARE.chmod(0o700)
        for name in ("config/labconfig", "config/custom", "data", "runtime", "ipython"):
            (SHARE / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STYLES, SHARE / "config" / "custom" / "custom.css")
        (ROOT / "notebooks").mkdir(exist_ok=True)
        page = {"disabledExtensions": dict.fromkeys(SILENT, True)}
        (SHARE / "config" / "labconfig" / "page_config.json").write_text(json.dumps(page))
        # What servers left that were killed, and the logs of those that have ended.
        for left in [*RUNTIME.iterdir(), *SHARE.glob("lab*.log*")]:
            number = left.name.removeprefix("lab-").removesuffix(".log")
            if not (number.isdigit() and is_alive(int(number))):
                remove(left)
        runtime = RUNTIME / str(os.getpid())
        remove(runtime)
        runtime.mkdir(mode=0o700)
        return runtime
    except OSError as error:
        fail(f"{error.filename} can't be written: {error.strerror}")


def remove(path):
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def is_alive(pid):
    import psutil

    return psutil.pid_exists(pid)


def environment(token, runtime, mark):
    """Jupyter's folders are inside .venv: nothing of the user's is read or written."""
    return {
        **os.environ,
        "PATH": f"{bootstrap.BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "JUPYTER_CONFIG_DIR": str(SHARE / "config"),
        "JUPYTER_DATA_DIR": str(SHARE / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "IPYTHONDIR": str(SHARE / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "tools"), os.environ.get("PYTHONPATH")])),  # for lab_files
        "JUPYTER_TOKEN": token,  # not in the arguments, which other users of the machine can list
        MARK: mark,
    }


def command(folder, port, rest):
    return [
        sys.executable, str(ROOT / "tools/quick_jupyter.py"),
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.contents_manager_class=lab_files.NotebookFiles",
        "--LabApp.custom_css=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--KernelSpecManager.ensure_native_kernel=False",
        "--KernelSpecManager.allowed_kernelspecs=deno",
        "--ServerApp.jpserver_extensions=jupyter_lsp=False",  # it would call npm and rustup, which write into ~
        "--MappingKernelManager.default_kernel_name=deno",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *rest,
    ]


def answers(port, token):
    """Whether the server is up, and is the one that knows this token."""
    # No proxy between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"})
    try:
        opener.open(request, timeout=2).close()
        return True
    except OSError:
        return False


def announce(url, browser):
    """Prints the address, and opens it in a browser if there is to be one."""
    say(f"JupyterLab is at {url}")
    say(f"Ctrl-C stops it; its log is {os.path.relpath(LOG, ROOT)}")
    if browser:
        webbrowser.open(address_for_one_visit(url))


def address_for_one_visit(url):
    """An address that leads to `url`, once: other users of the machine can list the arguments of a browser."""
    secret = "/" + secrets.token_hex(16)
    visited = threading.Event()

    class Visit(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != secret or visited.is_set():
                return self.send_error(404)
            visited.set()
            self.send_response(302)
            self.send_header("Location", url)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Visit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}{secret}"


def say(text):
    try:
        print(f"refigure: {text}", flush=True)
    except OSError:
        pass  # the terminal was closed


def complain(text):
    try:
        print(f"refigure: {text}", file=sys.stderr, flush=True)
    except OSError:
        pass


def fail(text):
    complain(text)
    sys.exit(1)


def refuse(text):
    complain(text)
    sys.exit(2)


if __name__ == "__main__":
    bootstrap.entry(main)
