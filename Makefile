# `make <name>` prepares .venv once, then runs `deno task <name>`. Needs git, make and Python 3.11+, nothing else.
# Options go in ARGS: make reproduce ARGS="matrix-sensing-overparam --preset quick"
.DEFAULT_GOAL := help

# The first Python that is new enough; else the first there is, so that bootstrap.py can say what is wrong with it.
PYTHON ?= $(shell for p in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && exit; done; \
	command -v python3 || command -v python)

# Downloads stay in this folder too, so that removing it removes everything.
export DENO_DIR ?= $(CURDIR)/.cache/deno
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DENO_NO_UPDATE_CHECK := 1

# `make` alone lists the names: the tasks of deno.json.
%: FORCE
	@test -n '$(PYTHON)' || { echo 'refigure: Python is missing. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3' >&2; exit 1; }
	@test "$$($(PYTHON) -c 'print(6 * 7)' 2>/dev/null)" = 42 || { echo 'refigure: "$(PYTHON)" does not run as Python. Name another: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) tools/make.py $@ $(ARGS)

Makefile: ;
.PHONY: FORCE
