# Everything needs Python 3.11 or newer and make; the rest is fetched once into .venv.
#
#   make help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
CODE   := $(wildcard ledger api audit migrations tests bench)
PIP    := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

# More arguments for pytest, as in: make test ARGS="tests/test_chain.py -k prev"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help env run test check format bench lock clean
.DELETE_ON_ERROR:

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1 \2/p' $(MAKEFILE_LIST) | \
	  while read -r target does; do printf '  make %-7s %s\n' "$$target" "$$does"; done

env: $(READY)  ## make .venv with everything that is locked in requirements.lock

# The stamp is written last: a build that was broken off is made again from nothing.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Sidereal needs Python 3.11 or newer, and '$(PYTHON)' is not; try: make env PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --no-compile --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY)  ## build the demonstration town and serve it
	@$(BIN)/sidereal demo --serve

test: $(READY)  ## run every test, on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: $(READY)  ## lint, formatting, types, import law
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports --no-logo

format: $(READY)  ## let ruff put the code in order
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

bench: $(READY)  ## measure, and print the figures as JSON
	@$(BIN)/python -m bench

lock:  ## choose versions anew and write requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --all-extras --group dev --upgrade pyproject.toml -o requirements.lock
	@! grep -nE '[a-z]+://' requirements.lock || { echo "requirements.lock must name no address" >&2; exit 1; }

clean:  ## remove what the tools made; keys and ledgers in var/ stay
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
