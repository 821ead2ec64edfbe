# Orson's verbs. `make serve` and `make test` need nothing but Python 3.11+ with venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q
# Only what is typed for this call: an exported HOST is some other program's.
ADDRESS := $(if $(filter command\ line,$(origin HOST)),ORSON_HOST=$(HOST)) \
           $(if $(filter command\ line environment,$(origin PORT)),ORSON_PORT=$(PORT))
URL    := http://$(if $(filter command\ line,$(origin HOST)),$(HOST),127.0.0.1):$(or $(PORT),8000)

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help serve ask index test test-clients test-browser bench-page test-properties test-api test-vllm test-redis test-training quick check format bench bench-pages bench-resume bench-retrieval bench-search lock vendor clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# The stamp changes when the requirements do; an editable install follows the code by itself.
$(VENV)/.installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Orson needs Python 3.11 or newer; PYTHON=/path/to/python3.11 chooses one." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) \
	  || { echo "Could not make a virtual environment: on Debian or Ubuntu, 'apt install python3-venv'." >&2; exit 1; }
	@echo "Installing Orson into $(VENV) (once)..."
	@$(PIP) install --require-virtualenv -r requirements.lock
	@$(PIP) install --require-virtualenv --no-deps -e .
	@$(BIN)/python -c 'import xllamacpp' 2>$(VENV)/.trouble || { \
	  grep -q libgomp $(VENV)/.trouble \
	    && echo "llama.cpp needs the OpenMP library: 'apt install libgomp1', then again." >&2 \
	    || cat $(VENV)/.trouble >&2; exit 1; }
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-dev.lock
	@echo "Installing the test tools into $(VENV) (once)..."
	@$(PIP) install --require-virtualenv -r requirements-dev.lock
	@touch $@

serve: $(VENV)/.installed ## Run the gateway: embedded model, Redis and search (HOST=, PORT=)
	@$(ADDRESS) exec $(BIN)/orson serve

ask: $(VENV)/.installed ## Ask the running gateway: make ask Q="Who is Orson Kovats?"
	@$(BIN)/orson ask "$(Q)" --url $(URL)

index: $(VENV)/.installed ## Add your documents to the local search: make index P=~/notes
	@$(BIN)/orson index $(P)

test: $(VENV)/.tested ## Run the tests
	$(BIN)/python -m pytest

build/clients/.installed: tests/clients/requirements.lock
	@$(PYTHON) -m venv build/clients
	@build/clients/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

tests/clients/node_modules/.installed: tests/clients/package-lock.json
	@cd tests/clients && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

test-clients: $(VENV)/.tested build/clients/.installed tests/clients/node_modules/.installed ## Run stock clients against a running gateway (installs them)
	ORSON_CLIENTS=required $(BIN)/python -m pytest tests/clients

test-vllm: $(VENV)/.tested ## Run the engine tests on a real vLLM on the CPU (installs it: 3.5 GB)
	.ci/with-vllm $(BIN)/python -m pytest -m vllm
	VLLM_FLAGS="--stream-interval 4" ORSON_TEST_STREAM_INTERVAL=4 \
	  .ci/with-vllm $(BIN)/python -m pytest -m vllm tests/engines

test-browser: $(VENV)/.tested ## Run the browser chat's tests in Chromium (apt install chromium)
	ORSON_TEST_BROWSER=1 $(BIN)/python -m pytest tests/browser

test-properties: $(VENV)/.tested ## Look for new counterexamples: 3,000 random ones a property
	$(BIN)/python -m pytest --hypothesis-profile=thorough --timeout 1200 $$(grep -rl "from hypothesis import" tests)

test-api: $(VENV)/.tested ## Run Schemathesis over the OpenAPI document (installs it)
	.ci/with-schemathesis sh -c '$(BIN)/python -m tests.schema.serving "$$SCHEMATHESIS"'

test-redis: $(VENV)/.tested ## Run the tests of stores and state on the system's redis-server
	.ci/with-redis $(BIN)/python -m pytest tests/stores tests/state

test-training: ## Run the tests of training, torch included (installs it into build/training)
	.ci/with-training sh -c '"$$PYTHON" -m pytest tests/training/finetune tests/training/inside tests/training/test_adopting.py tests/training/test_model.py tests/training/test_stages.py'

quick: ## Train, serve and measure a tiny model in a minute or two: the short form of quick.sh
	.ci/with-training training/runs/quick.sh --short build/quick

check: $(VENV)/.tested ## Lint, types, format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.tested ## Rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.tested ## Measure the gateway; writes benchmarks/latest.json
	$(BIN)/python -m benchmarks.gateway

bench-retrieval: $(VENV)/.tested ## Measure the local index beside FTS5 and tantivy: DATA=folder
	@$(PIP) install --require-virtualenv 'tantivy>=0.25'
	$(BIN)/python -m benchmarks.retrieval $(DATA)

bench-search: $(VENV)/.tested ## Measure the search layer; key "search" of benchmarks/latest.json
	$(BIN)/python -m benchmarks.search

bench-page: $(VENV)/.tested ## Measure the browser chat's main thread under long answers
	$(BIN)/python -m benchmarks.page

bench-pages: $(VENV)/.tested ## Measure reading pages, and what a hostile one does to a neighbour
	$(BIN)/python -m benchmarks.pages

bench-resume: $(VENV)/.tested ## Measure resumes after a search on a real vLLM on the CPU (installs it)
	$(BIN)/python -m benchmarks.long_model build/long-model
	VLLM_MODEL=build/long-model .ci/with-vllm $(BIN)/python -m benchmarks.resume $(if $(ROUNDS),--rounds $(ROUNDS))

lock: ## Pin the newest versions that pyproject.toml allows
	$(PYTHON) -m venv build/lock && build/lock/bin/python -m pip install -q pip-tools
	build/lock/bin/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links \
	  --output-file requirements.lock pyproject.toml
	build/lock/bin/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links \
	  --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

vendor: ## Build the libraries of the browser chat anew (needs Node; the result is committed)
	cd vendoring && npm ci --silent && npm run --silent build

clean: ## Remove the virtual environment and caches; var/ with your data stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
