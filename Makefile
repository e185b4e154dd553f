# Everything runs inside .venv, made here from requirements.lock on first use.
# `make PYTHON=python3.12 test` picks another interpreter for it.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/complete

# What `make demo` shows, in the order it is run.
DEMO_BUILD = $(BIN)/generator build examples/recitation/recitation.toml --roster examples/recitation/roster.csv --out output
DEMO_GRADE = $(BIN)/grader batch examples/recitation/submissions --keys output/recitation/keys --out output/recitation/marks

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench gallery lock clean
.SILENT:

help:
	echo "make demo    build the example assignment and grade its submissions, into output/"
	echo "make test    run the test suite"
	echo "make lint    check style, format and types"
	echo "make bench   measure speed against what else one could use"
	echo "make gallery one instance and solution of every exercise, into docs/gallery.pdf"
	echo "make lock    renew requirements.lock from pyproject.toml"
	echo "make clean   remove .venv, caches and everything in output/"

demo: $(READY)
	$(DEMO_BUILD)
	$(DEMO_GRADE)
	echo
	echo "A worksheet       output/recitation/sheets/ab101.pdf"
	echo "Its solution      output/recitation/solutions/ab101.pdf"
	echo "A marked form     output/recitation/marks/reports/gb106.txt"
	echo "The class report  output/recitation/marks/summary.txt"

test: $(READY)
	$(BIN)/python -m pytest -n auto

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.grading

# Removed before and written after the installation, so that a half-finished .venv is made anew.
$(READY): requirements.lock pyproject.toml
	command -v "$(PYTHON)" >/dev/null || { \
	  echo "There is no $(PYTHON) here: install Python 3.11 or newer, or run make PYTHON=/path/to/python3." >&2; exit 1; }
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than 3.11: run make PYTHON=/path/to/a/newer/python3." >&2; exit 1; }
	"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module: on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; }
	echo "Setting up .venv (about a minute the first time) ..."
	test -f $@ && $(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	rm -f $@
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

gallery: $(READY)
	$(BIN)/generator gallery docs/gallery.pdf

# Always resolved in a throw-away environment, never in .venv; hashes for every platform.
lock:
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	"$(PYTHON)" -m venv "$$folder" && "$$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv && \
	"$$folder/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev \
	  --generate-hashes --no-header pyproject.toml -o "$$folder/lock" && { \
	  echo "# Every package of .venv with its hashes, for Linux, macOS and Windows, Python 3.11 and newer."; \
	  echo "# Made from pyproject.toml by \`make lock\`; run that again to renew it, do not edit."; \
	  cat "$$folder/lock"; } > requirements.lock

clean:
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find generator grader tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
	find output -mindepth 1 ! -name .gitkeep -delete
