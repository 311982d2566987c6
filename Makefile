# Each target does all its own set-up: a machine with Python 3.11 and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 4
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# For every platform and Python that pmsync runs on, and without the address that this machine fetches from.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
TESTS ?= tests

.PHONY: demo test check verify bench dev lock format schema clean

demo: $(VENV)/.pmsync  ## Run the main job on the embedded tenant
	@$(BIN)/pmsync demo

test: $(VENV)/.dev  ## Run the tests (TESTS=path for some of them)
	$(BIN)/python -m pytest $(TESTS) -q -n $(JOBS) --dist loadfile

check: $(VENV)/.dev  ## Format, lint, types, import contracts, tests with branch coverage, schema and README drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python examples/generate.py --check
	$(BIN)/pmsync schema --out schema --check
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --cov --cov-report=
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='pmsync/planning/*,pmsync/loading/*,pmsync/statestore/*' --fail-under=100

verify: $(VENV)/.dev  ## Prove the promises of docs/reliability.md at full length (PROOFS=kill_points for some)
	$(BIN)/python -m verify $(PROOFS)

bench: $(VENV)/.bench  ## Measure what pmsync costs, as ratios to a floor or a peer (BENCH="--quick --only B3,B13" for some)
	$(BIN)/python -m benchmarks --json bench.json $(BENCH)

dev: $(VENV)/.dev  ## A virtual environment with everything a developer needs

lock: $(VENV)/.dev  ## Lock the newest versions that pyproject.toml allows: what runs, what developers use, what make bench runs beside
	$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(VENV)/.pmsync  ## Write the JSON Schemas and the page of codes anew
	$(BIN)/pmsync schema --out schema
	$(BIN)/pmsync explain --format markdown > docs/codes.md

clean:
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "pmsync needs Python 3.11 or newer; say PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Only what a lock file names by hash is fetched, and only wheels: building one would fetch what is in no lock.
$(VENV)/.pmsync: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes --only-binary :all: --requirement requirements.lock
	$(INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.pmsync
	$(INSTALL) --require-hashes --only-binary :all: --requirement requirements-dev.lock
	@touch $@

$(VENV)/.bench: requirements-bench.lock | $(VENV)/.dev
	$(INSTALL) --require-hashes --only-binary :all: --requirement requirements-bench.lock
	@touch $@
