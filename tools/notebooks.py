"""Runs notebooks through the real Deno kernel.

    python tools/notebooks.py run   <slug ...|all>   executes in place and stores the outputs
    python tools/notebooks.py check <slug ...|all>   executes a copy and compares its outputs with the stored ones

Outputs are stored with the reproducible BLAS kernels, whatever the environment says. A check compares byte for byte where
it runs with the arithmetic that stored the notebook (its metadata says which: on every x86-64 processor with AVX2), else by
what the outputs say (tools/meaning.ts): the same kinds of output, marks and series, the same verdict of every claim.
The outputs of a cell with the tag "measured" (times of this machine) are stored but not compared; it must run all the same.
Exit status: 0 all well, 1 something differs or failed, 2 bad usage.
"""

import argparse
import asyncio
import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from jupyter_client.kernelspec import NoSuchKernel

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
# A cell that takes longer than this hangs: `laptop` presets stay under a minute on two cores.
CELL_SECONDS = 300
# In one cell of fifty Deno's kernel (2.9.8) sends the result after it has said that it is idle.
LATE_SECONDS = 0.15
# Noise of the runtime itself, which comes once per kernel and is nobody's output.
NOISE = re.compile(r"^.*(?:\[DEP\d+\] DeprecationWarning|node --trace-deprecation).*\n?", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["run", "check"])
    parser.add_argument("names", nargs="+", metavar="slug|all")
    parser.add_argument("--folder", type=Path, default=NOTEBOOKS, help="where the notebooks are")
    options = parser.parse_args()
    paths = find(options.names, options.folder)
    here = arithmetic(options.command)
    failed = [path.stem for path in paths if not handle(options.command, path, here)]
    if failed:
        print(f"{len(failed)} of {len(paths)} notebooks failed: {', '.join(failed)}")
    return 1 if failed else 0


def find(names, folder):
    known = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if names == ["all"]:
        return list(known.values())
    for name in names:
        if name not in known:
            print(f'No notebook "{name}" in {folder}; there are: {", ".join(known) or "none"}', file=sys.stderr)
            sys.exit(2)
    return [known[name] for name in names]


def handle(command, path, here):
    stored = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(stored)
    problem = execute(fresh, path.parent)
    tidy(fresh)
    if command == "run":
        fresh.metadata["refigure"] = {"machine": here}
        write(fresh, path)
        print(f"{path.stem}: {problem or 'executed, outputs stored'}")
        return problem is None
    if problem is not None:
        print(f"{path.stem}: {problem}")
        return False
    exact = stored.metadata.get("refigure", {}).get("machine") == here
    differences = compare(stored, fresh, exact)
    how = "byte for byte" if exact else "by what they say, with other arithmetic"
    if not differences:
        print(f"{path.stem}: outputs as stored, {how}")
        return True
    print(f"{path.stem}: {len(differences)} outputs differ ({how})")
    for line in differences[:20]:
        print(f"  {line}")
    return False


class Client(NotebookClient):
    """Also takes the results that come late."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        complete = False
        while True:
            message = ensure_async(self.kc.iopub_channel.get_msg(timeout=None))
            try:
                message = await asyncio.wait_for(message, LATE_SECONDS if complete else None)
            except asyncio.TimeoutError:
                return
            if message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                complete = True


def execute(notebook, folder):
    """Runs all cells; returns what went wrong as text, or None."""
    client = Client(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="deno",
        # Imports resolve from where the notebook is.
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        return f"a cell failed\n{ANSI.sub('', str(error))}"
    except CellTimeoutError:
        return f"a cell took longer than {CELL_SECONDS} s"
    except DeadKernelError:
        return "the kernel died"
    except NoSuchKernel:
        return "the Deno kernel is not installed in .venv; `make bootstrap` installs it"
    return None


def tidy(notebook):
    """Leaves in the notebook only what is the same on every run."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Deno", "language": "typescript", "name": "deno"},
            # Without the version of the kernel, so that a new one does not touch every notebook.
            "language_info": {
                "file_extension": ".ts",
                "mimetype": "text/x.typescript",
                "name": "typescript",
                "nbconvert_exporter": "script",
                "pygments_lexer": "typescript",
            },
        }
    )
    count = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        outputs = []
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if output.output_type == "stream":
                output.text = NOISE.sub("", ANSI.sub("", output.text))
                if output.text == "":
                    continue
                # Whether two writes come as one message or as two is a matter of timing.
                if outputs and outputs[-1].output_type == "stream" and outputs[-1].name == output.name:
                    outputs[-1].text += output.text
                    continue
            if "data" in output and "text/plain" in output.data:
                output.data["text/plain"] = ANSI.sub("", output.data["text/plain"])
            outputs.append(output)
        cell.outputs = outputs


def write(notebook, path):
    """Writes aside, then renames: an interrupt leaves the old notebook whole."""
    plain_notebook = json.loads(nbformat.writes(notebook))
    # A figure with its data is one line, not one line a number: a fifth of the size, and differences stay readable.
    lines = {}
    for output in [output for cell in plain_notebook["cells"] for output in cell.get("outputs", [])]:
        for kind, data in output.get("data", {}).items():
            if isinstance(data, dict):
                key = f"@line {len(lines)}@"
                lines[json.dumps(key)] = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                output["data"][kind] = key
    text = json.dumps(plain_notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    text = re.sub(r'"@line \d+@"', lambda match: lines[match[0]], text)
    aside = path.with_suffix(".ipynb.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def deno(*arguments, stdin=None):
    """Runs Deno in the project; returns its output, or ends with its last line of error."""
    inside = ROOT / ".venv/bin/deno"
    command = [str(inside) if inside.exists() else "deno", *arguments]
    result = subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True)
    if result.returncode != 0:
        errors = [line for line in ANSI.sub("", result.stderr).splitlines() if "Error: " in line]
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
        pair = {"stored": stored, "now": fresh}
        return json.loads(deno("run", "tools/meaning.ts", stdin=json.dumps(pair)))
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
