"""Every stored notebook has the form that tools/notebooks.py and `make lab` give it, and is small."""

import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import notebook_form  # noqa: E402

LARGEST = 500_000
# The gallery has a picture of every paper.
LARGEST_PER_PAPER = 25_000
FIGURE = {"application/vnd.vegalite.v5+json": {"data": {"values": [{"x": 1.5}, {"x": 2}]}}, "text/plain": "[Figure]"}


def check_stored():
    wrong = []
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in paths:
        largest = LARGEST_PER_PAPER * (len(paths) - 1) if path.stem == "index" else LARGEST
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4)
        notebook_form.tidy(notebook)
        if notebook_form.text_of(notebook) != text:
            wrong.append(f"{path.name}: another form; `.venv/bin/python tools/notebooks.py tidy {path.stem}` gives it the stored one")
        if len(text) > largest:
            wrong.append(f"{path.name}: {len(text)} characters, at most {largest} are allowed")
    return wrong


def check_tidy():
    """What Lab or another run adds is removed, and nothing else."""
    output = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell("1", id="c", execution_count=7, metadata={"execution": {}, "tags": ["measured"]})
    cell.outputs = [
        output("stream", name="stderr", text="(node:7) [DEP0040] DeprecationWarning: old\n"),
        output("stream", name="stdout", text="a\n"),
        output("stream", name="stdout", text="\x1b[33mb\x1b[39m\n"),
        output("display_data", data=FIGURE | {"image/png": "iVBO"}),
        output("display_data", data={"image/png": "iVBO"}),
        output("display_data", data={"text/plain": "12 %"}, metadata={"refigure": {"passing": True}}),
        output("execute_result", data={"text/plain": "\x1b[33m1\x1b[39m"}, execution_count=7),
    ]
    empty = nbformat.v4.new_code_cell("2", id="d")
    notebook = nbformat.v4.new_notebook(cells=[cell, empty], metadata={"refigure": {"machine": "m"}, "widgets": {}})
    notebook_form.tidy(notebook)
    kinds = [(o.output_type, sorted(o.get("data", {})), o.get("text")) for o in cell.outputs]
    assert kinds == [
        ("stream", [], "a\nb\n"),
        ("display_data", sorted(FIGURE), None),
        ("display_data", ["image/png"], None),
        ("execute_result", ["text/plain"], None),
    ], kinds
    assert cell.outputs[-1].data["text/plain"] == "1"
    assert (cell.execution_count, cell.outputs[-1].execution_count, empty.execution_count) == (1, 1, None)
    assert cell.metadata == {"tags": ["measured"]}
    assert notebook.metadata.refigure.machine == "m" and "version" not in notebook.metadata.language_info
    text = notebook_form.text_of(notebook)
    assert '"application/vnd.vegalite.v5+json": {"data":{"values":[{"x":1.5},{"x":2}]}},\n' in text, text
    again = nbformat.reads(text, as_version=4)
    notebook_form.tidy(again)
    assert notebook_form.text_of(again) == text


if __name__ == "__main__":
    check_tidy()
    problems = check_stored()
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
