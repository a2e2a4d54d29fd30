"""The form in which notebooks are stored: the same text from every run, small, with differences that a person can read.

tools/notebooks.py writes it, and so does the JupyterLab of `make lab` (tools/lab_files.py).
"""

import json
import re

import nbformat

# What Lab draws itself and then stores a picture of.
DRAWN = re.compile(r"application/vnd\.vega(lite)?\.v\d\+json")
# A warning of the runtime that comes once per kernel, in whichever cell runs then.
NOISE = re.compile(r"^.*(?:\[DEP\d+\] DeprecationWarning|node --trace-deprecation).*\n?", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KERNEL = {"display_name": "Deno", "language": "typescript", "name": "deno"}
# Without the version of the kernel, so that a new one does not change every notebook.
LANGUAGE = {
    "file_extension": ".ts",
    "mimetype": "text/x.typescript",
    "name": "typescript",
    "nbconvert_exporter": "script",
    "pygments_lexer": "typescript",
}


def is_ours(notebook):
    """Whether a notebook is for the Deno kernel; others are left as they are."""
    return notebook.get("metadata", {}).get("kernelspec", {}).get("name") == "deno"


def tidy(notebook):
    """Leaves in the notebook only what is the same on every run."""
    notebook.metadata.update(nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE}))
    position = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        position += 1
        if cell.execution_count is not None:
            cell.execution_count = position
        cell.outputs = tidy_outputs(cell.outputs, cell.execution_count)


def tidy_outputs(outputs, count):
    kept = []
    for output in outputs:
        if output.output_type == "stream":
            output.text = NOISE.sub("", ANSI.sub("", output.text))
            # Whether two writes come as one message or as two is a matter of timing.
            if kept and kept[-1].output_type == "stream" and kept[-1].name == output.name:
                kept[-1].text += output.text
                continue
            if output.text == "":
                continue
        if output.output_type == "execute_result":
            output.execution_count = count
        if "data" in output:
            if output.metadata.get("refigure", {}).get("passing"):
                continue  # a progress bar that nobody moves any more, or a warning about this one run
            if "text/plain" in output.data:
                output.data["text/plain"] = ANSI.sub("", output.data["text/plain"])
            if any(DRAWN.fullmatch(kind) for kind in output.data):
                output.data.pop("image/png", None)
        kept.append(output)
    return kept


def text_of(notebook, **options):
    """The notebook as text: as Jupyter writes it, but each figure with its data on one line instead of one number a line."""
    plain = json.loads(nbformat.writes(notebook, **options))
    lines = {}
    for output in [output for cell in plain["cells"] for output in cell.get("outputs", [])]:
        for kind, data in output.get("data", {}).items():
            if isinstance(data, dict):
                key = f"@line {len(lines)}@"
                lines[json.dumps(key)] = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
                output["data"][kind] = key
    text = json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return re.sub(r'"@line \d+@"', lambda match: lines[match[0]], text)
