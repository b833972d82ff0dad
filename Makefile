# callqa: `make demo` does the main job on the sample calls, `make test` proves it.
PYTHON ?= $(shell for v in 3.11 3.12 3.13; do command -v python$$v && break; done || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := $(BIN)/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
DEMO_HOME ?= callqa-data/demo
DEMO_PORT ?= 8501
COVERAGE_OF ?= .
COVERAGE_TESTS ?= $(if $(filter .,$(COVERAGE_OF)),tests,tests/$(COVERAGE_OF))
export PYANNOTE_METRICS_ENABLED := 0

.PHONY: help install models demo demo-stop test test-fast lint format system-packages docs bench coverage screenshots lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(STAMP) models  ## virtual environment, pinned packages, models

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (set PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11: set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	mkdir -p $(VENV)/src && ln -sfn ../.. $(VENV)/src/callqa
	touch $@

models: $(STAMP)
	@$(BIN)/callqa models install

demo: install  ## inspect the sample calls, then open the dashboard on http://127.0.0.1:8501
	CALLQA_HOME=$(DEMO_HOME) $(BIN)/callqa run samples/ --metadata samples/metadata.csv
	@CALLQA_HOME=$(DEMO_HOME) tools/serve_demo.sh start $(BIN)/callqa $(DEMO_PORT)

demo-stop:  ## stop the dashboard that `make demo` started
	@CALLQA_HOME=$(DEMO_HOME) tools/serve_demo.sh stop

test: install system-packages lint  ## lint, types, every test: real models and a real browser included
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-fast: $(STAMP)  ## the tests that need neither models nor a browser
	$(BIN)/python -m pytest -m "not models and not browser"

lint: $(STAMP)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd $(VENV)/src && ../bin/mypy --config-file callqa/pyproject.toml -p callqa

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

system-packages:  ## Chromium, Chinese fonts and PostgreSQL for the tests (Debian, Ubuntu)
	@tools/system_packages.sh chromium fonts-noto-cjk postgresql

docs: $(STAMP)  ## the documentation site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: install  ## the short form of every benchmark, into bench-results/; bench-NAME for one
	$(BIN)/python tools/bench.py

bench-%: install
	$(BIN)/python tools/bench.py $*

coverage: $(STAMP)  ## lines the tests without models and browser reach; one room: make coverage COVERAGE_OF=inspect
	mkdir -p bench-results
	$(BIN)/python -m pytest -q -m "not models and not browser" --cov=$(COVERAGE_OF) --cov-config=tools/coverage.ini \
	  --cov-report=term:skip-covered --cov-report=json:bench-results/coverage.json $(COVERAGE_TESTS)

screenshots: install system-packages  ## take the pictures of docs/img anew, from the sample calls
	CALLQA_HOME=$(DEMO_HOME) $(BIN)/callqa run samples/ --metadata samples/metadata.csv --quiet
	$(BIN)/python tests/dashboard/screenshots.py $(DEMO_HOME)

lock: $(STAMP)  ## pin anew what pyproject.toml allows
	$(LOCK) --extra dev --upgrade -o requirements.lock pyproject.toml
	sed 's/ \\$$//; /--hash/d' requirements.lock > $(VENV)/versions.txt
	$(LOCK) --extra postgres -c $(VENV)/versions.txt -o deploy/requirements.lock pyproject.toml

clean:  ## remove the environment and the demo's data, not the models
	rm -rf $(VENV) $(DEMO_HOME) build dist *.egg-info
