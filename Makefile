# Needs Python 3.11 or 3.12 with venv and pip, and make. Nothing else.
# Another interpreter: make demo PYTHON=/path/to/python3.12

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
TEST_STAMP := $(VENV)/.ready-test
VALIDATORS ?= $(VENV)-validators
# Two processes, a file to one of them, the longest files first (tests/conftest.py).
FILES := -n 2 --dist loadfile --no-loadscope-reorder
# pytest keeps what it makes of the test files for the next run, and our own commands start quicker.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test fast env lint validators clean

help:
	@echo 'make demo   take the sample corpus the whole way on an embedded Doccano'
	@echo 'make test   check the code and run all tests (needs Chromium, PostgreSQL and nginx)'
	@echo 'make fast   the unit tests only (under a minute)'
	@echo 'make lint   ruff, mypy, import-linter'
	@echo 'make validators  what the standards say of a dataset (their own validators, a second environment)'
	@echo 'make env    the environment in $(VENV)'
	@echo 'make clean  remove the environment and what the demo made here'

demo: $(STAMP)
	@$(BIN)/annotate demo

test: $(TEST_STAMP) lint
	@$(BIN)/python tools/require.py chromium postgresql nginx openssl
	@sh tools/validators.sh "$(VALIDATORS)" "$(BIN)/python"
	@$(BIN)/python -m pytest -n 2 --hypothesis-profile=thorough -m "not server and not browser and not validators"
	@ANNOTATE_VALIDATORS_ENV="$(abspath $(VALIDATORS))" $(BIN)/python -m pytest -m "validators"
	@$(BIN)/python -m pytest $(FILES) -m "server or browser"

fast: $(TEST_STAMP)
	@$(BIN)/python -m pytest $(FILES) -m "not server and not browser and not validators and not matrix"

validators: $(TEST_STAMP)
	@sh tools/validators.sh "$(VALIDATORS)" "$(BIN)/python"
	@ANNOTATE_VALIDATORS_ENV="$(abspath $(VALIDATORS))" $(BIN)/python -m pytest -m "validators"

lint: $(TEST_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

env: $(STAMP)

$(STAMP): pyproject.toml constraints.txt tools/environment.sh
	@PYTHON="$(PYTHON)" sh tools/environment.sh "$(VENV)" .
	@touch $@

$(TEST_STAMP): $(STAMP)
	@PYTHON="$(PYTHON)" sh tools/environment.sh "$(VENV)" ".[test]"
	@touch $@

clean:
	@if [ -x $(BIN)/annotate ]; then $(BIN)/annotate server stop || true; fi
	rm -rf $(VENV) $(VALIDATORS) corpus/.state corpus/built corpus/ledger corpus/snapshots corpus/suggestions exports/demo
