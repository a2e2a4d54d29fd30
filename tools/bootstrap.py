"""Prepares .venv: Deno, JupyterLab, the Deno kernel and the npm dependencies, each once.

    python tools/bootstrap.py [--peers]     --peers: what bench/ compares with, too

Only the standard library, and only syntax that an old Python reads too: it must live to say that it is too old.
Nothing is written outside the project folder. What pip and deno say goes to .cache/bootstrap.log.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.realpath(os.path.join(ROOT, ".venv"))  # where .venv is a link, what it links to
CACHE = os.path.join(ROOT, ".cache")
LOG = os.path.join(CACHE, "bootstrap.log")
UNFINISHED = os.path.join(VENV, "unfinished")  # there while pip works: an interrupted install starts anew
WINDOWS = os.name == "nt"
BIN = os.path.join(VENV, "Scripts" if WINDOWS else "bin")
PYTHON = os.path.join(BIN, "python.exe" if WINDOWS else "python")
OFFLINE = ("NewConnectionError", "ConnectTimeoutError", "Failed to establish a new connection", "name resolution",
           "Read timed out", "No matching distribution", "Could not resolve host", "dns error",
           "error sending request", "client error (Connect)", "Network is unreachable", "Connection refused",
           "ProxyError", "SSLError")


class Trouble(Exception):
    """What went wrong, as one line for the user."""


def main():
    if sys.version_info < (3, 11):
        raise Trouble("Python 3.11 or newer is needed, and {} is {}.{}. Install a newer one, or name it: "
                      "make PYTHON=/path/to/python3.11".format(sys.executable, *sys.version_info[:2]))
    try:
        os.makedirs(CACHE, exist_ok=True)
        os.makedirs(VENV, exist_ok=True)
        for folder in (CACHE, VENV):
            if not os.access(folder, os.W_OK):
                raise PermissionError(13, "Permission denied", folder)
        with Lock(os.path.join(CACHE, "bootstrap.lock")):
            python_packages()
            kernel()
            npm_packages()
            if "--peers" in sys.argv[1:]:
                peers()
    except OSError as error:
        raise Trouble("{} can't be written: {}. Everything is installed inside {}; make it writable, or clone into "
                      "another folder.".format(error.filename or VENV, error.strerror or error, ROOT))


def python_packages():
    """The packages of requirements.txt, with everything they need at the versions of constraints.txt."""
    stamp = Stamp("python", VENV, contents("requirements.txt", "constraints.txt"))
    if stamp.fresh() and works(PYTHON):
        return
    moved = stamp.known() and stamp.known()[0] != VENV  # its scripts hold the old path
    if moved or os.path.exists(UNFINISHED) or not works(PYTHON):
        say("making .venv with {} {}.{}.{}".format(sys.executable, *sys.version_info[:3]))
        make_venv()
    say("installing Deno and JupyterLab into .venv (a minute or two the first time)")
    open(UNFINISHED, "w").close()
    pip("-r", "requirements.txt", "-c", "constraints.txt")
    os.remove(UNFINISHED)
    stamp.write()


def make_venv():
    try:
        import ensurepip  # noqa: F401  Debian ships venv without it
        import venv  # noqa: F401
    except ImportError:
        raise Trouble("{} can't make virtual environments: its venv module is missing. On Debian and Ubuntu: "
                      "apt-get install python3-venv".format(sys.executable))
    run([sys.executable, "-m", "venv", "--clear", VENV], "a virtual environment can't be made in " + VENV)


def pip(*args):
    run([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"] + list(args),
        "the Python packages can't be installed")


def kernel():
    """The Deno kernel, known to the JupyterLab of .venv alone."""
    deno = deno_binary()
    folder = os.path.join(VENV, "share", "jupyter", "kernels", "deno")
    spec = {
        "argv": [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
        "display_name": "Deno",
        "language": "typescript",
        "env": {"DENO_NO_UPDATE_CHECK": "1"},
    }
    text = json.dumps(spec, indent=2) + "\n"
    path = os.path.join(folder, "kernel.json")
    if read(path) == text:
        return
    os.makedirs(folder, exist_ok=True)
    write(path, text)


def npm_packages():
    """Fetches what deno.lock names, so that the first notebook does not wait for the network."""
    cache = os.environ.get("DENO_DIR", "")
    parts = [VENV, cache]
    name = "npm-" + hashlib.sha256(cache.encode()).hexdigest()[:8]  # each cache is filled once
    if Stamp(name, *(parts + [locked()])).fresh() and (not cache or os.path.isdir(cache)):
        return
    say("fetching the npm packages (half a minute the first time)")
    run([deno_binary(), "install"], "the npm packages can't be fetched")
    Stamp(name, *(parts + [locked()])).write()  # deno may have added to the lock


def locked():
    return contents("deno.json", "deno.lock", "package.json")


def peers():
    """What bench/ compares with; a bench without them still runs and says that they are missing."""
    stamp = Stamp("peers", VENV, contents(os.path.join("bench", "requirements.txt")))
    if stamp.fresh():
        return
    say("installing the peers that the bench compares with (PyTorch is large)")
    try:
        pip("-r", os.path.join("bench", "requirements.txt"), "-c", "constraints.txt")
        stamp.write()
    except Trouble as trouble:
        say("without all peers: {}".format(trouble))


def deno_binary():
    """Where the `deno` wheel put its binary: in the scripts folder, or where its own module finds it."""
    path = os.path.join(BIN, "deno.exe" if WINDOWS else "deno")
    if os.path.isfile(path):
        return path
    found = subprocess.run([PYTHON, "-c", "import deno; print(deno.find_deno_bin())"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    path = found.stdout.decode().strip()
    if found.returncode or not os.path.isfile(path):
        raise Trouble("Deno is missing from .venv; remove the folder .venv and run this again.")
    return path


def works(python):
    """Whether this Python starts, is new enough and has pip."""
    try:
        code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        return subprocess.call([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def run(command, failure):
    """Runs a command with its words in the log; when it fails, one line that says why."""
    with open(LOG, "ab") as log:
        log.write("\n$ {}\n".format(" ".join(command)).encode())
        log.flush()
        start = log.tell()
        status = subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if status == 0:
        return
    with open(LOG, "rb") as log:
        log.seek(start)
        output = log.read().decode(errors="replace")
    if "No space left on device" in output:
        why = "the disk is full"
    elif any(sign in output for sign in OFFLINE):
        why = "the network, or the package index, can't be reached"
    else:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")]
        why = (errors or lines or ["exit status {}".format(status)])[-1]
    raise Trouble("{}: {} (all of it: {}).".format(failure, why.rstrip("."), os.path.relpath(LOG, ROOT)))


class Stamp:
    """A file written when a step is finished, holding what the step depended on."""

    def __init__(self, name, *parts):
        self.path = os.path.join(VENV, "refigure-{}.stamp".format(name))
        self.parts = list(parts)

    def known(self):
        text = read(self.path)
        return text.splitlines() if text else None

    def fresh(self):
        return self.known() == self.parts

    def write(self):
        write(self.path, "\n".join(self.parts) + "\n")


class Lock:
    """Two `make` at once wait for each other; where there is no flock they don't."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path, "w")
        try:
            import fcntl
            fcntl.flock(self.file, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass

    def __exit__(self, *_):
        self.file.close()


def contents(*names):
    digest = hashlib.sha256()
    for name in names:
        digest.update((read(os.path.join(ROOT, name)) or "").encode())
    return digest.hexdigest()


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def write(path, text):
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".part", path)


def say(text):
    sys.stderr.write("refigure: {}\n".format(text))
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        say(trouble)
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted; run it again to go on.")
        sys.exit(130)
