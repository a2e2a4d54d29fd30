"""Runs notebooks through the real Deno kernel.

    python tools/notebooks.py run   [slug ...]   executes in place and stores the outputs
    python tools/notebooks.py check [slug ...]   executes a copy and compares its outputs with the stored ones
    python tools/notebooks.py smoke [slug ...]   executes a copy with the quick presets: every cell must run
    python tools/notebooks.py tidy  [slug ...]   brings notebooks that another program saved into the stored form

Outputs are stored with the reproducible BLAS kernels, whatever the environment sets. A check compares byte for byte where
it runs with the arithmetic that stored the notebook (named in its metadata: on every x86-64 processor with AVX2), else by
their meaning (tools/meaning.ts): the same kinds of output, marks and series, the same verdict of every claim.
The outputs of a cell with the tag "measured" (times of this machine) are stored but not compared; it must run all the same.
Exit status: 0 all well, 1 something differs or failed, 2 bad usage.
"""

import asyncio
import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import quick_jupyter  # noqa: F401  before all of Jupyter
import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, DeadKernelError
from nbclient.util import ensure_async
from jupyter_client.kernelspec import NoSuchKernel

import bootstrap
import notebook_form
from arguments import Parser

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
# A cell that shows nothing new for as long hangs; one that shows its progress may take as long as it needs.
SILENT_SECONDS = 300
# On a machine that is very busy the kernel may send an output after it has reported the end of the cell. Were the next
# cell sent at once, that output would be shown below the next cell. `smoke` does not look at where outputs are.
LATE_SECONDS = 0.2
LATE_SECONDS_SMOKE = 0.01

stopping = threading.Event()  # what is left to do must not be done


def main():
    parser = Parser()
    parser.add_argument("command", choices=["run", "check", "smoke", "tidy"])
    parser.add_argument("names", nargs="*", metavar="slug|all")
    parser.add_argument("--folder", type=Path, default=NOTEBOOKS)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_intermixed_args()
    if options.help:
        print(bootstrap.help_text("notebooks" if options.command == "run" else "notebooks-check"), end="")
        return 0
    paths = find(options.names or ["all"], options.folder)
    if options.command == "tidy":
        for path in paths:
            tidy(path)
        return 0
    if options.command == "smoke":
        os.environ["REFIGURE_PRESET"] = "quick"
    here = arithmetic(options.command)
    # A run uses every core, but its start, its pauses, its pictures and its last trial do not: three fill each other's
    # gaps. Times that are measured and stored need the machine for themselves.
    jobs = options.jobs or (1 if options.command == "run" else 3)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failed = []
    pool = ThreadPoolExecutor(jobs)
    try:
        futures = {pool.submit(handle, options.command, path, here): path for path in paths}
        for future in as_completed(futures):
            if not future.result():
                failed.append(futures[future].stem)
    except KeyboardInterrupt:
        return interrupted(pool)
    if failed:
        print(f"{len(failed)} of {len(paths)} notebooks failed: {', '.join(sorted(failed))}")
    print(f"{len(paths) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def interrupted(pool):
    """Ends the kernels, each of which is in a session of its own that Ctrl-C does not reach."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stopping.set()
    pool.shutdown(wait=False, cancel_futures=True)
    kernels = psutil.Process().children(recursive=True)
    for kernel in kernels:
        kernel.kill()
    psutil.wait_procs(kernels, timeout=5)
    print("interrupted", file=sys.stderr)
    return 130


def find(names, folder):
    known = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if names == ["all"]:
        return list(known.values())
    for name in names:
        if name not in known:
            print(f'No notebook "{name}" in {folder}; there are: {", ".join(known) or "none"}', file=sys.stderr)
            sys.exit(2)
    return [known[name] for name in names]


def tidy(path):
    notebook = nbformat.read(path, as_version=4)
    notebook_form.tidy(notebook)
    if notebook_form.text_of(notebook) != path.read_text(encoding="utf-8"):
        write(notebook, path)
        print(f"{path.stem}: brought into the stored form")


def handle(command, path, here):
    stored = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(stored)
    start = time.monotonic()
    problem = execute(fresh, path.parent, LATE_SECONDS_SMOKE if command == "smoke" else LATE_SECONDS)
    if stopping.is_set():
        return False
    notebook_form.tidy(fresh)
    if command == "smoke":
        print(f"{path.stem}: {problem or f'all cells ran in {time.monotonic() - start:.0f} s'}", flush=True)
        return problem is None
    if command == "run":
        fresh.metadata["refigure"] = {"machine": here}
        write(fresh, path)
        print(f"{path.stem}: {problem or 'executed, outputs stored'}", flush=True)
        return problem is None
    if problem is not None:
        print(f"{path.stem}: {problem}", flush=True)
        return False
    exact = stored.metadata.get("refigure", {}).get("machine") == here
    differences = compare(stored, fresh, exact)
    how = "byte for byte" if exact else "by meaning, with other arithmetic"
    if not differences:
        print(f"{path.stem}: outputs as stored, {how}", flush=True)
        return True
    print(f"{path.stem}: {len(differences)} outputs differ ({how})")
    for line in differences[:20]:
        print(f"  {line}")
    return False


class Client(NotebookClient):
    """Ends a cell that neither prints, shows nor updates anything for SILENT_SECONDS, however long others take.

    An output that the kernel sends after the end of its cell is that cell's all the same, as in JupyterLab.
    """

    def __init__(self, *arguments, late=LATE_SECONDS, **options):
        super().__init__(*arguments, **options)
        self.late = late
        self.heard = 0.0
        self.is_silent = False
        self.requests = {}

    async def async_execute_cell(self, *arguments, **options):
        self.heard = time.monotonic()
        return await super().async_execute_cell(*arguments, **options)

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        self.requests[parent_msg_id] = (cell, cell_index)
        is_complete = False
        while True:
            wait = self.late if is_complete else None
            try:
                message = await asyncio.wait_for(ensure_async(self.kc.iopub_channel.get_msg(timeout=None)), wait)
            except asyncio.TimeoutError:
                return
            self.heard = time.monotonic()
            request = self.requests.get(message["parent_header"].get("msg_id"))
            if request is None:
                continue
            try:
                self.process_message(message, *request)
            except CellExecutionComplete:
                is_complete = True

    async def _async_poll_kernel_alive(self):
        watch = asyncio.ensure_future(super()._async_poll_kernel_alive())
        try:
            while not watch.done():
                await asyncio.wait([watch], timeout=1)
                if time.monotonic() - self.heard > SILENT_SECONDS:
                    self.is_silent = True
                    self.task_poll_for_reply.cancel()
                    return
        finally:
            watch.cancel()


def execute(notebook, folder, late=LATE_SECONDS):
    """Runs all cells; returns what went wrong as text, or None."""
    client = Client(
        notebook,
        late=late,
        timeout=None,
        kernel_name="deno",
        # Imports resolve from where the notebook is.
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return f"a cell failed\n{notebook_form.ANSI.sub('', str(error))}"
    except DeadKernelError:
        return f"a cell showed nothing for {SILENT_SECONDS} s" if client.is_silent else "the kernel died"
    except NoSuchKernel:
        return "the Deno kernel is not installed in .venv; `make bootstrap` installs it"
    # An error while a result is being shown does not fail its cell.
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f'cell "{cell.id}" shows an error\n{output.ename}: {output.evalue}'
    return None


def write(notebook, path):
    """Writes aside, then renames: an interrupt leaves the old notebook whole."""
    aside = path.with_suffix(".ipynb.new")
    aside.write_text(notebook_form.text_of(notebook), encoding="utf-8")
    aside.replace(path)


def deno(*arguments, stdin=None):
    """Runs Deno in the project; returns its output, or ends with its last line of error."""
    inside = ROOT / ".venv/bin/deno"
    command = [str(inside) if inside.exists() else "deno", *arguments]
    result = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True)
    if result.returncode != 0:
        errors = [line for line in notebook_form.ANSI.sub("", result.stderr).splitlines() if "Error: " in line]
        sys.exit(errors[0].split("Error: ", 1)[1] if errors else result.stderr)
    return result.stdout.strip()


def arithmetic(command):
    """What the last digits of results depend on; to store outputs only the reproducible kernels will do."""
    ask = "requireReproducibleKernels" if command == "run" else "useReproducibleKernels"
    answer = deno("eval", f'import {{ blasInfo, {ask} }} from "./lib/blas/mod.ts"; {ask}(); console.log(blasInfo().arithmetic)')
    if command == "run":
        # Kernels read the environment, too.
        os.environ["OPENBLAS_CORETYPE"] = "Haswell"
        os.environ.pop("REFIGURE_BLAS", None)
    return answer


def compare(stored, fresh, exact):
    """Where two notebooks differ, one line each: in any output, or (not exact) in what they say."""
    if not exact:
        # Stored notebooks have their keys in alphabetical order.
        pair = {"stored": stored, "now": fresh}
        return json.loads(deno("run", "tools/meaning.ts", stdin=json.dumps(pair, sort_keys=True)))
    differences = []
    for old, new in zip(stored.cells, fresh.cells):
        if new.cell_type != "code" or "measured" in new.metadata.get("tags", []):
            continue
        where = f'cell "{new.id}"'
        kinds = [[o.output_type for o in cell.outputs] for cell in (old, new)]
        if kinds[0] != kinds[1]:
            differences.append(f"{where}: stored outputs are {kinds[0] or 'none'}, now {kinds[1] or 'none'}")
            continue
        for a, b in zip(old.outputs, new.outputs):
            differences += [f"{where}{line}" for line in differ(plain(a), plain(b))]
    return differences


def plain(output):
    value = json.loads(json.dumps(output))
    value.pop("execution_count", None)
    return value


def differ(a, b, path=""):
    """The places where two JSON values differ, one line each."""
    if isinstance(a, dict) and isinstance(b, dict):
        lines = [f"{path}.{key}: only in the {'stored' if key in a else 'new'} output" for key in a.keys() ^ b.keys()]
        return lines + [line for key in a if key in b for line in differ(a[key], b[key], f"{path}.{key}")]
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return [f"{path}: {len(a)} items stored, now {len(b)}"]
        return [line for i in range(len(a)) for line in differ(a[i], b[i], f"{path}[{i}]")]
    if a == b:
        return []
    return [f"{path}: stored {excerpt(a, b)}, now {excerpt(b, a)}"]


def excerpt(text, other):
    """The part of a long text around the first difference."""
    if not isinstance(text, str):
        return json.dumps(text)
    at = next((i for i, (x, y) in enumerate(zip(text, str(other))) if x != y), min(len(text), len(str(other))))
    start = max(0, at - 20)
    return json.dumps(("..." if start else "") + text[start : at + 40], ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
