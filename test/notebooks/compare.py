"""How tools/notebooks.py compares outputs: what must differ does, what may does not."""

import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import notebooks  # noqa: E402


def notebook(*outputs):
    cell = nbformat.v4.new_code_cell("1", id="c")
    cell.outputs = list(outputs)
    return nbformat.v4.new_notebook(cells=[cell])


def text(value):
    return nbformat.v4.new_output("execute_result", data={"text/plain": value}, execution_count=1)


def figure(y, svg="<svg/>"):
    return nbformat.v4.new_output(
        "display_data", data={"application/vnd.vegalite.v5+json": {"data": {"values": [{"y": y}]}}, "image/svg+xml": svg}
    )


def differ(a, b, exact):
    return notebooks.compare(notebook(*a), notebook(*b), exact)


assert differ([text("x = 1.000")], [text("x = 1.000")], True) == []
assert differ([text("x = 1.000")], [text("x = 1.001")], False) == []
assert differ([text("slope −1.000")], [text("slope −1.001")], False) == []
assert differ([text("✓ yes")], [text("✗ no")], False) != []
assert differ([text("x = 1")], [text("x = 1.2")], False) != []
assert differ([text("x = 1")], [text("x = -1")], False) != []
assert differ([text("x = 1")], [], False) == ["cell \"c\": stored outputs are ['execute_result'], now none"]
assert differ([figure(0.5)], [figure(0.5004, "<svg></svg>")], False) == []
assert differ([figure(0.5)], [figure(0.6)], False) == [
    'cell "c".data.application/vnd.vegalite.v5+json.data.values[0].y: stored 0.5, now 0.6'
]
(line,) = differ([text("a" * 50 + "1.000")], [text("a" * 50 + "1.001")], True)
assert line == 'cell "c".data.text/plain: stored "...' + "a" * 16 + '1.000", now "...' + "a" * 16 + '1.001"', line

# Times of the machine are never compared, long float32 training only on the processor kind that stored it.
for tag, exact, wanted in [("measured", True, 0), ("measured", False, 0), ("sensitive", True, 1), ("sensitive", False, 0)]:
    old, new = notebook(text("x = 1")), notebook(text("x = 2"))
    new.cells[0].metadata["tags"] = [tag]
    assert len(notebooks.compare(old, new, exact)) == wanted, (tag, exact)

noisy = notebook(
    nbformat.v4.new_output("stream", name="stderr", text="(node:7) [DEP0040] DeprecationWarning: old\n"),
    nbformat.v4.new_output("stream", name="stdout", text="a\n"),
    nbformat.v4.new_output("stream", name="stdout", text="\x1b[33mb\x1b[39m\n"),
)
notebooks.tidy(noisy)
assert [output.text for output in noisy.cells[0].outputs] == ["a\nb\n"], noisy.cells[0].outputs
