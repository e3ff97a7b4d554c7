# `make demo` and `make test` need Python 3.10 or newer, make and git; the rest is installed into .venv.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# The newest Python that can make a virtual environment; PYTHON=... chooses another.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.10 python3 python; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' \
		2>/dev/null && { command -v "$$python"; break; }; done)

.PHONY: help demo test check format bench lock clean

help:
	@echo 'make demo    make a project, deploy it to this machine, and ask it for an answer'
	@echo 'make test    all checks and tests'
	@echo 'make check   the checks alone: style and types'
	@echo 'make format  put the code into the project'"'"'s style'
	@echo 'make bench   measure against peers and limits; ARGS=--quick is shorter'
	@echo 'make lock    choose the newest versions of the dependencies again'

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh demo/demo.sh

test: check
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.10 --extra cloud --extra dev \
		--generate-hashes --no-header --quiet --upgrade --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The lock pins uv too: pip installs that one, with its hashes, and uv installs everything.
$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo 'No Python 3.10 or newer with the modules venv and ensurepip was found.' >&2; \
		echo 'Install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)
