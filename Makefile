# Everything works from a fresh clone with Python 3.11 or later and make. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
  $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(name))))
BIN := .venv/bin
READY := .venv/.ready

# One torch thread for each job: two jobs with two threads each are many times slower on two cores.
export OMP_NUM_THREADS := 1
export PYTHONUNBUFFERED := 1
# Builds and tests read the same data everywhere: the stand-ins, or a mirror named by COURSEKIT_DATA.
# `make book HF_HUB_OFFLINE=0` lets the chapters fetch the real data from the hub.
export HF_HUB_OFFLINE ?= 1
# Notebooks run in folders of their own, so a relative path to the mirror would lead nowhere.
ifdef COURSEKIT_DATA
export COURSEKIT_DATA := $(shell cd "$(COURSEKIT_DATA)" 2>/dev/null && pwd || echo "$(COURSEKIT_DATA)")
endif

.PHONY: help book pdf test test-notebooks test-real test-grading test-browser chapter proof sync claims grade-demo bench bench-packing bench-lemmas bench-grading bench-frameworks bench-epoch

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed and was not found; name it: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "This Python cannot make a virtual environment (on Debian: apt install python3-venv)." >&2; exit 2; }
	@echo "Installing what the course is tested with into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: $(READY) ## execute the chapters and build the book into _build/html
	@$(BIN)/python -m tools.build_book

pdf: book ## make the whole book one file, _build/book.pdf (needs Chromium)
	@$(BIN)/python -m tools.print_book

test: book ## check everything that needs no browser and no real data
	$(BIN)/ruff check .
	$(BIN)/pytest -n 2 tests src/coursekit --doctest-modules
	$(BIN)/python -m tools.check_pages

test-notebooks: $(READY) ## execute every notebook where it lies, as pytest does (the build of the book has executed them once)
	$(BIN)/pytest --nbmake book/ -n 2

test-real: $(READY) ## check what needs the real data (COURSEKIT_DATA names the mirror)
	@test -d "$${COURSEKIT_DATA:-}" || { echo "Set COURSEKIT_DATA to the folder of the mirror." >&2; exit 2; }
	$(BIN)/pytest --nbmake book/ -n 2
	@test -n "$$(find tests -name 'test_*_real.py')" || { echo "There is no tests/**/test_*_real.py." >&2; exit 2; }
	$(BIN)/pytest -n 2 $$(find tests -name 'test_*_real.py' | sort)

test-grading: $(READY) ## check sandbox and grader with submissions that are broken or dishonest
	@test -d solutions || { echo "This copy has no homework sources; the tests of the grader stand with them." >&2; exit 2; }
	$(BIN)/pytest -m sandbox tests/coursegrader

grade-demo: $(READY) ## build a set of submissions, honest and dishonest, and grade it
	@test -d solutions || { echo "This copy has no homework sources; the demo stands with them." >&2; exit 2; }
	@$(BIN)/python -m tools.grade_demo

test-browser: book ## look at every built page in Chromium, three widths, light and dark (with npm: axe as well)
	@test -f _build/axe/node_modules/axe-core/axe.min.js || npm install --silent --prefix _build/axe axe-core@4.14.1 || true
	@$(BIN)/python -m tools.look $(VIEWS)

chapter: $(READY) ## execute one chapter and show where its copy is: make chapter CH=04
	@$(BIN)/python -m tools.chapter "$(CH)"

proof: $(READY) ## write what a chapter prints, three seeds and the real data, as plain text: make proof CH=04
	@mirror="$${COURSEKIT_DATA:-../shared/data}"; $(BIN)/python -m tools.proof "$(CH)" --mirror "$$mirror"

sync: $(READY) ## write every chapter's .ipynb from its .py, the core path into index.md, and the first pages' pictures
	@$(BIN)/python -m tools.pairs
	@$(BIN)/python -m tools.core_path
	@$(BIN)/python -m tools.cover

claims: $(READY) ## check every claim for seeds 0-2 on stand-ins and mirror, and record it
	@mirror="$${COURSEKIT_DATA:-../shared/data}"; $(BIN)/python -m tools.run_claims --mirror "$$mirror" $(if $(CH),--chapters $(CH))

bench-packing: $(READY) ## time padded passes against packing, two threads
	@OMP_NUM_THREADS=2 $(BIN)/python -m benchmarks.packing

bench-lemmas: $(READY) ## time lemmatising, with and without a memory
	@$(BIN)/python -m benchmarks.lemmas

bench-grading: $(READY) ## time what the grader adds to a submission, and two jobs against one
	@test -d solutions || { echo "This copy has no homework sources; the benchmark of the grader stands with them." >&2; exit 2; }
	@$(BIN)/python -m benchmarks.grading

bench-epoch: $(READY) ## where an epoch of the reference recipe goes, part by part
	@$(BIN)/python -m benchmarks.epoch_budget

bench-frameworks: $(READY) ## time coursework A, packed PyTorch, Keras and coursekit on the same news (installs TensorFlow aside)
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@$(BIN)/python -m benchmarks.frameworks --keras-python .venv-bench/bin/python

bench: $(READY) ## time the published coursework's pipeline against coursekit
	@$(BIN)/python -m benchmarks.agnews_pipeline
