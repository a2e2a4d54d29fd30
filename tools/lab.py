"""`deno task lab [--port N] [jupyter options]`: JupyterLab on the notebooks, with everything it writes inside .venv."""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
FIRST_PORT = 8888


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def take_port(arguments):
    """The port that was asked for, or the first free one; the other arguments."""
    rest, port = [], None
    words = iter(arguments)
    for word in words:
        if word == "--port":
            word = f"--port={next(words, '')}"
        if not word.startswith("--port="):
            rest.append(word)
            continue
        text = word.split("=", 1)[1]
        if not text.isdigit() or not 0 < int(text) < 65536:
            sys.exit(f"refigure: --port must be a number from 1 to 65535, got {text!r}")
        port = int(text)
    if port is not None:
        if not is_free(port):
            sys.exit(f"refigure: port {port} is in use; leave --port out to take a free one")
        return port, rest
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if is_free(port):
            if port != FIRST_PORT:
                print(f"refigure: port {FIRST_PORT} is in use, taking {port}", flush=True)
            return port, rest
    sys.exit(f"refigure: ports {FIRST_PORT} to {FIRST_PORT + 99} are all in use; name one with --port")


def environment(token):
    """Jupyter's folders are inside .venv: nothing of the user's is read or written."""
    share = VENV / "jupyter"
    for name in ("config", "data", "runtime", "ipython"):
        (share / name).mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "JUPYTER_CONFIG_DIR": str(share / "config"),
        "JUPYTER_DATA_DIR": str(share / "data"),
        "JUPYTER_RUNTIME_DIR": str(share / "runtime"),
        "IPYTHONDIR": str(share / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_TOKEN": token,
    }


def main():
    port, rest = take_port(sys.argv[1:])
    (ROOT / "notebooks").mkdir(exist_ok=True)
    command = [
        str(BIN / "python"),
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={ROOT / 'notebooks'}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--KernelSpecManager.ensure_native_kernel=False",
        "--KernelSpecManager.allowed_kernelspecs=deno",
        "--ServerApp.log_level=40",
        "--LabApp.log_level=40",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *rest,
    ]
    token = secrets.token_hex(16)
    print(f"refigure: JupyterLab is at http://127.0.0.1:{port}/lab?token={token}", flush=True)
    print("refigure: Ctrl-C ends it", flush=True)
    try:
        return subprocess.run(command, env=environment(token)).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
