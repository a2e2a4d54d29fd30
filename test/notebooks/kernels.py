"""A notebook computes with the reproducible BLAS kernels, whichever of its imports loads the library first."""

import os
import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import notebooks  # noqa: E402

CELLS = [
    # Nothing here knows that it is in a notebook.
    'import { Matrix } from "refigure/arrays"; import { svd } from "refigure/linalg"; svd(Matrix.identity(3)).s.length',
    'import { blasInfo } from "refigure/blas"; const { kernels, reproducible, threads } = blasInfo();'
    "console.log(kernels, reproducible, threads)",
]


def run(**environment):
    os.environ.update({"OPENBLAS_CORETYPE": "", "OPENBLAS_NUM_THREADS": "", "REFIGURE_BLAS": ""} | environment)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    problem = notebooks.execute(notebook, notebooks.NOTEBOOKS)
    assert problem is None, problem
    return notebook.cells[1].outputs[0].text.strip()


assert run() == "Haswell true 1", run()
# Another set is for one session, and is what the user asked for.
assert run(OPENBLAS_CORETYPE="Prescott").endswith("false 1")

# Storing outputs does not heed the environment; comparing them does.
os.environ.update({"OPENBLAS_CORETYPE": "Prescott", "REFIGURE_BLAS": "portable"})
assert notebooks.arithmetic("check").startswith("portable"), notebooks.arithmetic("check")
assert "Haswell" in notebooks.arithmetic("run")
assert run(**{name: os.environ.get(name, "") for name in ("OPENBLAS_CORETYPE", "REFIGURE_BLAS")}) == "Haswell true 1"
