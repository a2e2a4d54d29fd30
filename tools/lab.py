"""`deno task lab`: JupyterLab on the notebooks; see HELP. Runs in the Python of .venv."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from pathlib import Path

HELP = """Opens the notebooks in JupyterLab, on this machine only.

  deno task lab [folder] [--port N] [--no-browser] [jupyter options]

  folder        what to open; default notebooks
  --port N      this port or none; default 8888, or the next free one
  --no-browser  print the address and open nothing"""

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SHARE = VENV / "jupyter"  # everything that Jupyter writes
LOG = SHARE / "lab.log"
FIRST_PORT = 8888
# News, updates and the extension manager ask hosts outside; the rest speaks to a server that is switched off below.
SILENT = [
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
]


def main():
    folder, port, browser, rest = understand(sys.argv[1:])
    port = take(port)
    token = secrets.token_hex(16)
    prepare()
    first = "/tree/index.ipynb" if (folder / "index.ipynb").exists() else ""
    url = f"http://127.0.0.1:{port}/lab{first}?token={token}"
    with open(LOG, "w") as log:
        lab = subprocess.Popen(command(folder, port, rest), env=environment(token), stdin=subprocess.DEVNULL,
                               stdout=log, stderr=log)
    ending = []

    def end(*_):
        """Ctrl-C reaches Jupyter as well, which then ends its kernels; asking it twice does no harm."""
        ending.append(True)
        lab.terminate()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    wait_until_it_answers(port, lab)
    if lab.poll() is None:
        say(f"JupyterLab is at {url}")
        say(f"Ctrl-C ends it; its log is {LOG.relative_to(ROOT)}")
        if browser:
            webbrowser.open(url)
    code = lab.wait()
    if ending:
        return 0
    lines = [line for line in LOG.read_text(errors="replace").splitlines() if line.strip()]
    sys.exit(f"refigure: JupyterLab ended (exit status {code}): {lines[-1] if lines else 'no output'} "
             f"(all of it: {LOG.relative_to(ROOT)})")


def understand(arguments):
    """The folder, the port that was asked for or None, whether to open a browser, and what is Jupyter's."""
    folder, port, browser, rest = ROOT / "notebooks", None, can_open_browser(), []
    words = iter(arguments)
    for word in words:
        if word in ("--help", "-h"):
            print(HELP)
            sys.exit(0)
        if word == "--no-browser":
            browser = False
        elif word == "--port" or word.startswith("--port="):
            text = word[7:] if "=" in word else next(words, "")
            if not text.isdigit() or not 0 < int(text) < 65536:
                sys.exit(f"refigure: --port must be a number from 1 to 65535, got {text!r}")
            port = int(text)
        elif word.startswith("-"):
            rest.append(word)
        else:
            folder = Path(word).resolve()
            if not folder.is_dir():
                sys.exit(f"refigure: there is no folder {word}")
    return folder, port, browser, rest


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
            sys.exit(f"refigure: port {port} is in use; leave --port out to take a free one")
        return port
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if is_free(port):
            if port != FIRST_PORT:
                say(f"port {FIRST_PORT} is in use, taking {port}")
            return port
    sys.exit(f"refigure: ports {FIRST_PORT} to {FIRST_PORT + 99} are all in use; name one with --port")


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
    try:
        for name in ("config/labconfig", "data", "runtime", "ipython"):
            (SHARE / name).mkdir(parents=True, exist_ok=True)
        (ROOT / "notebooks").mkdir(exist_ok=True)
        page = {"disabledExtensions": dict.fromkeys(SILENT, True)}
        (SHARE / "config" / "labconfig" / "page_config.json").write_text(json.dumps(page))
        LOG.touch()
    except OSError as error:
        sys.exit(f"refigure: {error.filename} can't be written: {error.strerror}")


def environment(token):
    """Jupyter's folders are inside .venv: nothing of the user's is read or written."""
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "JUPYTER_CONFIG_DIR": str(SHARE / "config"),
        "JUPYTER_DATA_DIR": str(SHARE / "data"),
        "JUPYTER_RUNTIME_DIR": str(SHARE / "runtime"),
        "IPYTHONDIR": str(SHARE / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_TOKEN": token,  # not in the arguments, which other users of the machine can list
    }


def command(folder, port, rest):
    return [
        sys.executable, "-m", "jupyterlab",
        "--no-browser",
        "--ServerApp.answer_yes=True",  # one Ctrl-C ends it
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
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


def wait_until_it_answers(port, lab):
    # No proxy between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while lab.poll() is None:
        try:
            opener.open(f"http://127.0.0.1:{port}/api", timeout=2).close()
            return
        except OSError:
            time.sleep(0.05)


def say(text):
    print(f"refigure: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
