# Each target does its own set-up: a virtual environment in .venv with the project installed in editable form, which
# compiles the hook, and, for the tests, the Debian packages of a panel and a browser.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES_OF_INSTALLATION := pyproject.toml $(wildcard packaging/*.py) $(wildcard hook/*.c hook/*.h)

.PHONY: run test test-desktops check demo bench bench-long bench-replay screenshots format clean help

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(STAMP)  ## start Claude Monitor in the foreground
	@$(BIN)/claude-monitor tray

test: $(STAMP) .desktop  ## run the tests
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest --numprocesses auto --ignore tests/system
	@$(BIN)/python -m pytest tests/system
endif

test-desktops: $(STAMP) .desktop  ## try the icon in GNOME Shell and in sway with waybar, too; pictures in build/desktops
	@sh packaging/test-packages.sh $$($(BIN)/python -m tests.desktops --packages)
	@$(BIN)/python -m tests.desktops

check: $(STAMP)  ## format, lint, types, imports and tests, as CI does
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

demo: $(STAMP)  ## see all of it work in under a minute, in a throw-away home
	@$(BIN)/python -m tests.demo

bench: $(STAMP)  ## measure everything beside a control, in about a quarter of an hour; results in tests/bench/RESULTS.md
	@sh packaging/test-packages.sh gir1.2-ayatanaappindicator3-0.1
	@$(BIN)/python -m tests.bench $(ARGS)

bench-long: $(STAMP) .desktop  ## measure as long again: nine years on one tray, and the ten-millionth event
	@$(BIN)/python -m tests.bench --long $(ARGS)

bench-replay: $(STAMP)  ## measure a replay of a million events, in order and in five shuffled orders
	@$(BIN)/python -m tests.bench.bench_replay $(ARGS)

screenshots: $(STAMP) .desktop  ## make the README's pictures anew
	@$(BIN)/python -m tests.screenshots

format: $(STAMP)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: .desktop
.desktop:
	@sh packaging/test-packages.sh

$(STAMP): $(SOURCES_OF_INSTALLATION)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing. On Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
