# `make demo` and `make test` set everything up by themselves; CONTRIBUTING.md has a line for each target.
# Environment and stamps lie in $(VENV), dependencies of the browser side in js/node_modules.

PYTHON ?= python3
VENV ?= .venv
LOWEST ?= .venv-lowest
NEWEST ?= .venv-newest
BROWSERS ?= .venv-browsers
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
FOREIGN ?= $(and $(shell command -v firefox-esr),$(shell command -v WebKitWebDriver),$(shell command -v xvfb-run))
# A newer Playwright sends commands that Firefox ESR does not know.
DRIVERS := 'playwright==1.58.0' 'selenium>=4.20'
PYTEST_ARGS ?=
PORT ?= 8888
SECONDS ?= 1200
# Half of what a test with a browser, a kernel or sockets does is to wait.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(3 * (os.cpu_count() or 1) // 2 or 1)")

BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest $(PYTEST_ARGS)
MODULES := js/node_modules/.package-lock.json
BUILT := jupyter_trame/labextension/package.json
MONITOR := $(addprefix jupyter_trame/narvi/apps/monitor/,index.html monitor.css monitor.js)
PRODUCTS := $(BUILT) $(MONITOR) $(addprefix jupyter_trame/static/,client.js igor-script.js igor.js index.html narvi/narvi.js narvi/narvi.mjs \
	page.css page.js ui/chart.js ui/code.js ui/markdown.js ui/markup.js ui/table.js widget.js)
JS_SOURCES := $(shell find js \( -name node_modules -o -name test \) -prune -o -type f -print)
PY_TESTS := $(filter-out %/__pycache__/ tests/e2e/ tests/notebooks/,$(wildcard tests/*/))
REAL := $(addprefix tests/e2e/test_,client_types.py drop_in.py drop_in_notebook.py foreign_server.py gateway.py hosts.py \
	hub.py marimo.py nginx.py proxy.py stock_page.py) tests/compat/test_dropin_apps.py
NETWORK := $(addprefix tests/,apps client extension files program system transports trio web)
DEEP := tests/conformance/test_breakers.py tests/faults tests/e2e
PACKAGING := hatch_build.py install.json $(wildcard jupyter-config/*/*)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo docs test bench setup build lint types test-structure test-js test-py test-notebooks test-e2e test-deep test-real test-browsers \
	test-coverage soak test-lowest test-newest chromium nginx format wheel clean

help:  ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(VENV)/.demo $(VENV)/.installed  ## start JupyterLab on the demo notebook
	$(BIN)/jupyter lab --notebook-dir=notebooks --port=$(PORT) $(if $(filter 0,$(shell id -u)),--allow-root) \
		--LabApp.default_url=/lab/tree/01_explore.ipynb

test: lint types test-structure test-js test-py test-notebooks test-e2e  ## everything below, the first failure stops

setup: $(VENV)/.dev $(VENV)/.installed  ## environment with all that tests need

build: $(BUILT)  ## the browser side: jupyter_trame/static and jupyter_trame/labextension

lint: $(VENV)/.dev $(MODULES)  ## ruff, biome, completeness of the lock file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	npm --prefix js run --silent lint
	node js/check-lock.mjs

types: $(VENV)/.dev $(MODULES)  ## mypy and tsc
	$(BIN)/mypy
	npm --prefix js run --silent typecheck

test-structure: setup  ## layers, exports, imports, the test file of each module, the wheel
	$(PYTEST) -n auto $(wildcard tests/test_*.py)

test-js: $(MODULES)  ## unit tests of the browser side
	npm --prefix js run --silent test

test-py: setup  ## unit and integration tests of the Python side
	$(PYTEST) -n $(WORKERS) --durations=15 $(PY_TESTS)

test-notebooks: setup  ## every notebook from top to bottom
	$(PYTEST) $(wildcard tests/notebooks)

test-e2e: setup chromium  ## real JupyterLab, Notebook, Voila and pages in Chromium
	CHROMIUM=$(or $(CHROMIUM),$$(command -v chromium)) $(PYTEST) -n $(WORKERS) --dist loadfile --durations=30 tests/e2e

test-deep: setup chromium  ## property and fuzz tests for many minutes, and cases that a shorter run leaves out
	$(PYTEST) -n auto --deep --timeout=3600 -m hypothesis $(PY_TESTS)
	CHROMIUM=$(or $(CHROMIUM),$$(command -v chromium)) $(PYTEST) --deep --timeout=3600 $(DEEP)

test-real: setup chromium nginx  ## every case that meets a real hub, Voila, Notebook 7, proxy or program of others
	CHROMIUM=$(or $(CHROMIUM),$$(command -v chromium)) $(PYTEST) -n $(WORKERS) --dist loadfile --deep --timeout=3600 --durations=15 \
		$(REAL)

test-browsers: $(BROWSERS)/.installed chromium  ## apps in Firefox ESR and WebKitGTK, with Chromium as control
	@[ -n "$(FOREIGN)" ] || $(call install,The tests in other browsers,firefox-esr webkit2gtk-driver xvfb xauth)
	CHROMIUM=$(or $(CHROMIUM),$$(command -v chromium)) WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=$(if $(filter 0,$(shell id -u)),1,0) \
		BROWSERS="chromium firefox webkit" xvfb-run -a $(BROWSERS)/bin/pytest $(PYTEST_ARGS) --deep --timeout=300 \
		tests/e2e/test_browsers.py

test-coverage: setup  ## branch coverage of what is not tested in kernels, each module against its floor
	$(PYTEST) -n auto --cov --cov-report= $(addprefix tests/,apps client conformance contract core execution extension \
		files igor narvi program protocol rpc runtime server services system testing transports trio typed_state vectors web)
	$(BIN)/python -m tests.coverage_floors

soak: setup  ## load and random cuts for twenty minutes (SECONDS), and then everything is as before
	$(BIN)/python -m tests.faults.soak $(SECONDS)

test-lowest: $(LOWEST)/.installed  ## what faces the network, with the lowest versions that are admitted
	$(LOWEST)/bin/pytest $(PYTEST_ARGS) -n auto $(NETWORK)

test-newest: $(NEWEST)/.installed  ## the same with the newest versions, pre-releases included
	$(NEWEST)/bin/pip install --quiet --disable-pip-version-check --upgrade --pre aiohttp ipykernel jupyter-server tornado trio
	$(NEWEST)/bin/pytest $(PYTEST_ARGS) -n auto $(NETWORK) tests/conformance tests/kernel

bench: setup chromium  ## measure, and write the tables of docs/performance.md; QUICK=1 prints the hot paths in two minutes
	CHROMIUM=$(or $(CHROMIUM),$$(command -v chromium)) $(BIN)/python -m benchmarks $(if $(QUICK),quick)

docs: $(VENV)/.dev $(MODULES)  ## the site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

format: $(VENV)/.dev $(MODULES)  ## rewrite the sources as lint wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm --prefix js run --silent fix

wheel: $(VENV)/.dev $(BUILT)  ## sdist and wheel in dist/
	$(BIN)/python -m build --outdir dist .

clean:  ## remove what was built, but not the environment
	rm -rf dist site jupyter_trame/static jupyter_trame/labextension test-results $(MONITOR)
	rm -f $(VENV)/.installed

# Debian's packages where root may install them; elsewhere one line that says what is missing.
# $(call install,<what for>,<packages>)
define install
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(2); } || \
	{ echo "$(1): install $(2) with your system's package manager" >&2; exit 1; }
endef

chromium:
	@[ -n "$(CHROMIUM)" ] || $(call install,The browser tests need Chromium (or CHROMIUM=<path>),chromium fonts-dejavu-core)

nginx:
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || $(call install,The tests of a proxy need nginx,nginx-light)

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=<path>" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || $(call install,Python's venv module is missing,python3-venv)
	$(PYTHON) -m venv $(VENV)

$(LOWEST)/.installed: pyproject.toml tests/constraints-lowest.txt $(PACKAGING) | $(BIN)/python $(BUILT)
	$(BIN)/python -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet --disable-pip-version-check --constraint tests/constraints-lowest.txt \
		--editable '.[test]'
	@touch $@

$(NEWEST)/.installed: pyproject.toml $(PACKAGING) | $(BIN)/python $(BUILT)
	$(BIN)/python -m venv $(NEWEST)
	$(NEWEST)/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(BROWSERS)/.installed: pyproject.toml $(PACKAGING) | $(BIN)/python $(BUILT)
	$(BIN)/python -m venv $(BROWSERS)
	$(BROWSERS)/bin/pip install --quiet --disable-pip-version-check --editable '.[test]' $(DRIVERS)
	@touch $@

$(MODULES): js/package-lock.json js/package.json js/.npmrc
	npm --prefix js ci
	@touch $@

# All products get one date: the hook and make compare it with the sources.
$(BUILT): $(JS_SOURCES) $(MODULES)
	npm --prefix js run --silent build
	@touch $(PRODUCTS)

# Dependencies change with pyproject.toml only; what is built or copied is reinstalled in two seconds.
$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(BIN)/python $(BUILT)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed: $(BUILT) $(PACKAGING) | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
