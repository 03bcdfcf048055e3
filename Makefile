# One-line doors to Snakemake and pytest; `make help` lists them. The workflow runs without make.
SHELL := bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
BASE_PYTHON := $(shell command -v python3.11 || command -v python3)

AUTHORS ?= data/gao2023
EVENTS ?= data
PROVO ?= data/provo
CONFIG ?= config.yaml
FILE ?= archive/readalike.zip
PROFILE ?= slurm

.PHONY: help environment demo report reading-brain reproduce real-models provo incontext demo-incontext resolve train-models \
  calibrate what-stands docs archive check verify-archive accept preflight cancel-orphans checks test test-landing test-slow \
  test-cluster test-faults test-faults-all slurm-packages latex-packages browser-packages

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

# Its models are small and have a thread each: two are extracted at a time, on one GPU too.
demo: environment  ## run the whole experiment on the embedded text, simulated readers and seven small models
	snakemake --profile workflow/profiles/demo --resources gpu=2
	@cat results/demo/verdict.txt

report: environment  ## run CONFIG=FILE, and the pages to look at: report.html and sentences.html in its folder of results
	snakemake --profile workflow/profiles/demo --configfile "$(CONFIG)"

reading-brain: environment  ## fetch the public Reading Brain events (30 MB) into data/
	@$(BIN)/python scripts/project/fetch_reading_brain.py --registry resources/reading-brain.sha256 --output data
	@echo "Next: .venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-brain.yaml"

# The configuration is the shipped one on your folders; its results stand in a folder of its name.
define on_your_folders
	@mkdir -p build
	@sed -e 's|data/gao2023|$(AUTHORS)|' -e 's|data/ds|$(EVENTS)/ds|g' -e 's|data/provo|$(PROVO)|' config/$(1).yaml > build/$(1).yaml
	snakemake --profile workflow/profiles/demo --configfile build/$(1).yaml
endef

reproduce: environment  ## the published numbers, from AUTHORS=DIR (the authors' files) and EVENTS=DIR (ds003974, ds003988)
	@test -d "$(AUTHORS)/expected_results" || { echo "AUTHORS=$(AUTHORS): no folder expected_results in it; name the \
	folder with the files that the paper's authors released"; exit 1; }
	@test -d "$(EVENTS)/ds003974" || { echo "EVENTS=$(EVENTS): no folder ds003974 in it; name the folder with ds003974 and \
	ds003988"; exit 1; }
	$(call on_your_folders,reproduce)
	@sed '/^## Reproduced/,$$d' results/reproduce/reproduction.md
	@echo "All of it: results/reproduce/reproduction.md; the rest: results/reproduce"

real-models: environment  ## language models up to 1.5 billion parameters, EVENTS=DIR as above, and PROVO=DIR where it is there
	@test -d "$(EVENTS)/ds003974" || { echo "EVENTS=$(EVENTS): no folder ds003974 in it; make reading-brain fetches it"; exit 1; }
	$(call on_your_folders,real-models)
	@cat results/real-models/verdict.txt

provo: environment  ## the bundled models and Provo's readers, from PROVO=DIR (sentences.tsv, fixations.csv.gz)
	@test -f "$(PROVO)/fixations.csv.gz" || { echo "PROVO=$(PROVO): no fixations.csv.gz in it; see \
	docs/your-own-readers.md"; exit 1; }
	$(call on_your_folders,provo)
	@cat results/provo/verdict.txt

incontext: environment  ## in-context learning and size: formulas, drawn prompts and what is trained (5 minutes)
	snakemake incontext --profile workflow/profiles/demo --configfile config/incontext.yaml
	@cat results/incontext/incontext/verdict.txt

demo-incontext: environment  ## what SmolLM2 and two bundled models answer under noise in their context
	snakemake incontext --profile workflow/profiles/demo --configfile config/incontext-models.yaml
	@cat results/incontext-models/incontext/verdict.txt

resolve: environment  ## pin the Hub's repositories that CONFIG=FILE names in revisions.lock; UPDATE=1: newer commits
	@$(BIN)/python scripts/project/resolve.py --config "$(CONFIG)" --lock revisions.lock $(if $(UPDATE),--update)

train-models: environment  ## train the bundled models again (Debian 12; under 90 minutes; goes on where it stopped)
	@$(BIN)/python scripts/project/train_bundled_models.py

# Counts stay in build/, so that it goes on where it stopped.
calibrate: environment  ## how often the tests over readers and sentences are wrong: docs/calibration.md (half an hour)
	@mkdir -p build
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.calibration --table build/calibration.csv --truth build/known-truth.csv

# NAME=FOLDER: the results of the targets above, or others; each counts where it was run.
RUNS ?= demo=results/demo authors-files=results/reproduce real-models=results/real-models provo=results/provo
RUNS_HERE = $(foreach run,$(RUNS),$(if $(wildcard $(lastword $(subst =, ,$(run)))/tables/robustness.csv),$(run)))

what-stands: environment  ## docs/what-stands.md: what becomes of the paper's conclusions in the runs that are here, or RUNS="NAME=FOLDER ..."
	@$(BIN)/python scripts/project/what_stands.py --runs $(RUNS_HERE) --output docs/what-stands.md

docs: environment  ## the pages and the reference of the library as a site: build/site/docs/index.html
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs . build/site
	@echo "build/site/docs/index.html"

# What is missing is made first; with a cluster run that first, and this finds nothing to do.
archive: environment  ## what CONFIG=FILE made, as one file to keep or publish: archive/readalike.zip (an RO-Crate)
	snakemake --profile workflow/profiles/demo --configfile "$(CONFIG)"
	@$(BIN)/python scripts/project/archive.py --config "$(CONFIG)" --output archive/readalike.zip

# Any Python will do: a stranger has no environment yet.
verify-archive:  ## whether FILE=FILE, an archive of make archive, is whole and of one piece, and how to rebuild it
	@$(BASE_PYTHON) scripts/project/verify_archive.py "$(FILE)"

check: environment  ## compare every result of CONFIG=FILE with its record: what is damaged, missing or unknown
	@$(BIN)/python scripts/project/check.py --config "$(CONFIG)"

# For attention alone, which costs the most.
accept: environment  ## after a change of extraction's code: keep CONFIG=FILE's attention if bundled models (or MODELS="A B") agree
	@$(BIN)/python scripts/project/accept.py --config "$(CONFIG)" --models $(MODELS)

preflight: environment  ## what a run of CONFIG=FILE on a cluster (PROFILE=slurm) needs, and whether it is there
	@$(BIN)/python scripts/project/preflight.py --config "$(CONFIG)" --profile "$(PROFILE)"

cancel-orphans: environment  ## cancel the SLURM jobs that a killed snakemake left behind in this folder
	@$(BIN)/python scripts/project/cancel_orphans.py

checks: form types  ## checks of form

.PHONY: form types packages all-tests
form: environment
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow

# One core, and a minute without its cache: beside something else.
types: environment
	mypy
	snakemake --lint

# One after the other: apt has a lock.
packages:
	@$(MAKE) --jobs=1 latex-packages browser-packages slurm-packages

# Tests of one file run in one process, and those that share a cluster too (tests/conftest.py). Files of long tests first,
# so that no core waits for the others in the end.
PYTEST := pytest --dist loadfile --no-loadscope-reorder
LONGEST_FIRST := tests/cluster tests/workflow tests/reproduction tests/fuzz tests/unit

test: checks  ## checks of form, and tests (not slow ones, nor those on a cluster)
	$(PYTEST) -n 2 -m "not slow and not cluster and not rare" $(LONGEST_FIRST)

# Packages of Debian come while pip works, and types are looked at beside the tests. Those in one session, which makes once
# what tests of all kinds look at.
test-landing:  ## all that must hold before something lands
	@$(MAKE) --jobs=2 environment packages
	@$(MAKE) form
	@$(MAKE) --jobs=2 types all-tests

# A third process for two cores: those on a cluster mostly wait.
all-tests: environment
	$(PYTEST) -n 3 -m "not rare" $(LONGEST_FIRST)

test-slow: environment latex-packages browser-packages  ## tests that need many seeds or draws, LaTeX or a browser
	$(PYTEST) -n 2 -m "slow and not cluster and not rare" $(LONGEST_FIRST)

test-cluster: environment slurm-packages  ## the whole experiment on a SLURM of one node that the test starts (as root)
	pytest -m cluster tests/cluster/test_cluster.py

test-faults: environment slurm-packages  ## what goes wrong on a cluster, done on purpose on the same SLURM (as root)
	pytest -m "cluster and not rare" tests/cluster/test_faults.py tests/cluster/test_faults_of_slurm.py

test-faults-all: environment slurm-packages  ## the same, and rarer faults (preemption, limits, daemons restarted): before a release
	pytest -m cluster tests/cluster/test_faults.py tests/cluster/test_faults_of_slurm.py

# pdflatex and booktabs. Without them the tests of tables say so and skip.
latex-packages:
	@command -v pdflatex > /dev/null || { if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      texlive-latex-recommended > /dev/null; \
	  else echo "pdflatex is not installed, and installing it needs root and apt"; fi; }

# Debian's Chromium. Without it the tests of pages in a browser say so and skip.
browser-packages:
	@command -v chromium > /dev/null || { if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      chromium > /dev/null; \
	  else echo "chromium is not installed, and installing it needs root and apt"; fi; }

# Debian's packages; they start nothing by themselves where there is no systemd. Without them the tests say so and skip.
slurm-packages:
	@{ command -v slurmctld && command -v slurmdbd && command -v munged && command -v mariadbd; } > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      slurm-wlm slurmdbd munge mariadb-server > /dev/null; \
	  else echo "SLURM is not installed, and installing it needs root and apt"; fi; }
