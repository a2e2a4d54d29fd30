"""How tools/notebooks.py compares outputs: what must differ does, what may does not."""

import json
import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import notebook_form  # noqa: E402
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


# With the arithmetic that stored them, outputs must be the same byte for byte.
assert differ([text("x = 1.000")], [text("x = 1.000")], True) == []
assert differ([text("x = 1")], [], True) == ["cell \"c\": stored outputs are ['execute_result'], now none"]
assert differ([figure(0.5)], [figure(0.6)], True) == [
    'cell "c".data.application/vnd.vegalite.v5+json.data.values[0].y: stored 0.5, now 0.6'
]
assert len(differ([figure(0.5)], [figure(0.5, "<svg></svg>")], True)) == 1
(line,) = differ([text("a" * 50 + "1.000")], [text("a" * 50 + "1.001")], True)
assert line == 'cell "c".data.text/plain: stored "...' + "a" * 16 + '1.000", now "...' + "a" * 16 + '1.001"', line

# With another, only what they say counts: test/tools/meaning_test.ts has the rules.
assert differ([figure(0.5)], [figure(0.6, "<svg></svg>")], False) == []
assert differ([text("✓ yes")], [text("✗ no")], False) == ['cell "c": verdicts stored as ✓, now ✗']
assert differ([text("x = 1")], [], False) != []

# Stored notebooks have their keys in alphabetical order, at every depth; the kernel sends them as they were written.
titled = figure(0.5)
titled["data"]["application/vnd.vegalite.v5+json"]["title"] = {"text": "A title", "subtitle": "and more"}
stored_order = nbformat.from_dict(json.loads(json.dumps(titled, sort_keys=True)))
assert differ([stored_order], [titled], False) == [], differ([stored_order], [titled], False)

# Times of the machine are never compared.
for exact in (True, False):
    old, new = notebook(text("✓")), notebook(text("✗"))
    new.cells[0].metadata["tags"] = ["measured"]
    assert notebooks.compare(old, new, exact) == [], exact

noisy = notebook(
    nbformat.v4.new_output("stream", name="stderr", text="(node:7) [DEP0040] DeprecationWarning: old\n"),
    nbformat.v4.new_output("stream", name="stdout", text="a\n"),
    nbformat.v4.new_output("stream", name="stdout", text="\x1b[33mb\x1b[39m\n"),
)
notebook_form.tidy(noisy)
assert [output.text for output in noisy.cells[0].outputs] == ["a\nb\n"], noisy.cells[0].outputs
