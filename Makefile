# One-line doors to Snakemake and pytest; `make help` lists them. The workflow runs without make.
SHELL := bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
BASE_PYTHON := $(shell command -v python3.11 || command -v python3)

.PHONY: help environment demo test test-slow

help:  ## name the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

environment: $(VENV)/.installed  ## make .venv from the pinned requirements and install the library

$(VENV)/.installed: envs/requirements.txt pyproject.toml
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; found $$($(BASE_PYTHON) --version)"; exit 1; }
	$(BASE_PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$(grep -E '^torch==' envs/requirements.txt)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r envs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: environment  ## run the whole experiment on the embedded text, simulated readers and a small model
	snakemake --profile workflow/profiles/demo
	@cat results/summary.txt

test: environment  ## all tests and checks of form
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow
	mypy
	snakemake --lint
	pytest -n 2 --dist loadfile -m "not slow"

test-slow: environment  ## tests that need many seeds or draws
	pytest -n 2 --dist loadfile -m slow
