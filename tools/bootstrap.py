"""`make bootstrap`: prepares .venv with Deno, JupyterLab, the Deno kernel and the npm packages, each once.

With `--then <script.py> [arguments]` it goes on as that script, in the Python of .venv.

Only the standard library, and only syntax that an old Python reads too: it must live to say that it is too old.
Nothing is written outside the project folder. What pip and Deno print goes to .cache/bootstrap.log.
"""
import difflib
import hashlib
import io
import json
import os
import shutil
import signal
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
FULL_DISK = ("No space left on device", "[Errno 28]", "os error 28", "Disk quota exceeded", "not enough space on the disk")
OFFLINE = ("NewConnectionError", "ConnectTimeoutError", "Failed to establish a new connection", "name resolution",
           "Read timed out", "Could not resolve host", "dns error", "error sending request", "client error (Connect)",
           "Network is unreachable", "Connection refused", "ProxyError", "SSLError", "(from versions: none)")
WRONG_HASH = ("DO NOT MATCH THE HASHES", "Tarball checksum did not match", "Integrity check failed")


class Trouble(Exception):
    """What went wrong, as one line for the user."""


class Stopped(Exception):
    """SIGTERM or SIGHUP came."""


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    script = []
    if "--then" in arguments:
        script = arguments[arguments.index("--then") + 1:]
        arguments = arguments[:arguments.index("--then")]
    if "--help" in arguments or "-h" in arguments:
        sys.stdout.write(help_text("bootstrap"))
        return 0
    for word in arguments:
        if word not in ("--peers", "--dask"):
            near = difflib.get_close_matches(word, ["--peers", "--dask", "--help"], 1)
            hint = ' (did you mean "{}"?)'.format(near[0]) if near else ""
            say("Unknown option {}{}; see --help".format(word, hint))
            return 2
    prepare("--peers" in arguments)
    if "--dask" in arguments:
        cluster_packages()
    return replace_process([PYTHON] + script) if script else 0


def prepare(with_peers=False):
    """Installs what is missing; raises Trouble with the reason when that is not possible."""
    require_version((3, 11))
    try:
        os.makedirs(CACHE, exist_ok=True)
        os.makedirs(VENV, exist_ok=True)
        for folder in (CACHE, VENV):
            if not os.access(folder, os.W_OK):
                raise PermissionError(13, "Permission denied", folder)
        # Beside .venv: work trees that share one wait for each other, too.
        with Lock(os.path.join(os.path.dirname(VENV), ".cache", "bootstrap.lock")):
            python_packages()
            kernel()
            npm_packages()
            if with_peers:
                peers()
    except OSError as error:
        if is_full(str(error)):
            raise Trouble("the disk is full: {} can't be written.".format(error.filename or VENV))
        raise Trouble("{} can't be written: {}. Everything is installed inside {}; make it writable, or clone into "
                      "another folder.".format(error.filename or VENV, error.strerror or error, ROOT))


def require_version(least):
    """Raises Trouble if the Python that runs this is older than `least`, a pair of numbers."""
    if sys.version_info < least:
        raise Trouble("Python 3.11 or newer is needed, and {} is {}.{}. Install a newer one, or name it: "
                      "make PYTHON=/path/to/python3.11".format(sys.executable, *sys.version_info[:2]))


def python_packages():
    """The packages of requirements.txt: exact versions, and only files with the hashes that stand there."""
    stamp = Stamp("python", VENV, contents("requirements.txt"))
    if stamp.fresh() and works(PYTHON):
        return
    moved = stamp.known() and stamp.known()[0] != stamp.parts[0]  # its scripts hold the old path
    if moved or os.path.exists(UNFINISHED) or not works(PYTHON):
        say("making .venv with {} {}.{}.{}".format(sys.executable, *sys.version_info[:3]))
        make_venv()
    say("installing Deno and JupyterLab into .venv (a minute or two the first time)")
    open(UNFINISHED, "w").close()
    pip("--require-hashes", "-r", "requirements.txt")
    os.remove(UNFINISHED)
    stamp.write()


def make_venv():
    try:
        import ensurepip  # noqa: F401  Debian ships venv without it
        import venv  # noqa: F401
    except ImportError:
        raise Trouble("{} can't make virtual environments: its venv module is missing. On Debian and Ubuntu: "
                      "apt-get install python3-venv".format(sys.executable))
    failure = "a virtual environment can't be made in " + VENV
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], failure)
    # In a step of its own, because venv hides what ensurepip prints.
    run([PYTHON, "-m", "ensurepip", "--upgrade", "--default-pip"], failure)


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
    """Fetches all that any command needs: after this, everything works without a network."""
    cache = deno_cache()
    name = "npm-" + hashlib.sha256(cache.encode()).hexdigest()[:8]  # each cache is filled once
    imports = json.loads(read(os.path.join(ROOT, "deno.json")))["imports"]
    wanted = json.dumps(imports, sort_keys=True) + contents("deno.lock", "requirements.txt")  # which names Deno's version
    stamp = Stamp(name, cache, hashlib.sha256(wanted.encode()).hexdigest())
    if stamp.fresh() and os.path.isdir(os.path.join(cache, "npm")):
        return
    say("fetching the npm packages (half a minute the first time)")
    run([deno_binary(), "install", "--frozen"], "the npm packages can't be fetched")
    # `deno bundle` fetches its bundler, which no lock file names, when it is first used.
    probe = os.path.join(CACHE, "bundler.ts")
    write(probe, "export {};\n")
    run([deno_binary(), "bundle", "--quiet", "--no-lock", "-o", os.path.join(CACHE, "bundler.js"), probe],
        "the bundler can't be fetched")
    stamp.write()


def deno_cache():
    """The folder where Deno keeps packages."""
    if os.environ.get("DENO_DIR"):
        return os.path.abspath(os.environ["DENO_DIR"])
    found = subprocess.run([deno_binary(), "info", "--json"], cwd=ROOT, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    try:
        return json.loads(found.stdout.decode())["denoDir"]
    except (ValueError, KeyError):
        raise Trouble("Deno in .venv does not run; remove the folder .venv and run this again.")


def peers():
    """What bench/ compares with; a bench without them still runs and reports that they are missing."""
    stamp = Stamp("peers", contents(os.path.join("bench", "requirements.txt"), os.path.join("bench", "torch.txt")))
    if stamp.fresh():
        return
    say("installing the peers that the bench compares with (PyTorch is large)")
    try:
        # The bench runs without them as well, so without a network it does not wait long.
        patience = ["--retries", "1", "--timeout", "15"]
        pip("--require-hashes", "-r", os.path.join("bench", "requirements.txt"), *patience)
        pip("-r", os.path.join("bench", "torch.txt"), *patience)
        stamp.write()
    except Trouble as trouble:
        say("without all peers: {}".format(trouble))


def cluster_packages():
    """What `make cluster` and `reproduce --on` need; no other command does."""
    stamp = Stamp("dask", contents("requirements-dask.txt"))
    if stamp.fresh():
        return
    say("installing Dask into .venv")
    pip("--require-hashes", "-r", "requirements-dask.txt")
    stamp.write()


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
    """Runs a command with its output in the log; when it fails, raises Trouble with the reason."""
    with open(LOG, "ab") as log:
        log.write("\n$ {}\n".format(" ".join(command)).encode())
        log.flush()
        start = log.tell()
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            status = child.wait()
        except BaseException:
            child.terminate()  # whatever ends this script ends what it started
            child.wait()
            raise
    if status == 0:
        return
    with open(LOG, "rb") as log:
        log.seek(start)
        output = log.read().decode(errors="replace")
    raise Trouble("{}: {} (all of it: {}).".format(failure, reason(output, status), os.path.relpath(LOG, ROOT)))


def reason(output, status):
    """Why a command failed, from what it printed."""
    if is_full(output):
        return "the disk is full"
    if any(sign in output for sign in OFFLINE):
        return "the network, or the package index, can't be reached"
    if any(sign in output for sign in WRONG_HASH):
        return "a downloaded file is not the one that requirements.txt or deno.lock names; its hash differs"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["exit status {}".format(status)])[-1].rstrip(".")


def is_full(text):
    """Whether an error tells of a full disk; also when the disk is so full that the error could not be told."""
    if any(sign in text for sign in FULL_DISK):
        return True
    try:
        return min(shutil.disk_usage(folder).free for folder in (VENV, CACHE)) < 2 ** 16
    except OSError:
        return False


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
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
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


def help_text(command):
    """What `--help` of a command prints."""
    return read(os.path.join(ROOT, "tools", "help", command + ".txt"))


def read(path):
    try:
        with io.open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def write(path, text):
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".part", path)


def say(text):
    try:
        sys.stderr.write("refigure: {}\n".format(text))
        sys.stderr.flush()
    except OSError:
        pass  # the terminal was closed


def replace_process(command, variables={}):
    """Goes on as another program, with some more environment variables; where that is not possible, waits for it."""
    environment = dict(os.environ, **variables)
    sys.stdout.flush()
    if not WINDOWS:
        os.execve(command[0], command, environment)
    return subprocess.call(command, env=environment)


def entry(function):
    """Runs a script's main function; what goes wrong is one line."""

    def stop(*_):
        raise Stopped()

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # nohup has SIGHUP ignored, and that is meant.
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        sys.exit(function())
    except Trouble as trouble:
        say(trouble)
        sys.exit(1)
    except (KeyboardInterrupt, Stopped) as error:
        say("interrupted; run it again to go on.")
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 143)


if __name__ == "__main__":
    entry(main)
