# Each target sets up what it needs; a second call does nothing twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help run play test check bench lock format clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN) ## Run the bot and its page (HOST, PORT: QUIZBOT_HOST, QUIZBOT_PORT)
	@$(BIN)/quizbot run

play: $(RUN) ## Play in the terminal
	@$(BIN)/quizbot play

test: $(DEV) ## Run the tests
	@$(BIN)/python -m pytest

check: $(DEV) ## Lint, types, import contracts, content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/quizbot content check

bench: $(DEV) ## Measure, each figure beside its floor
	@$(BIN)/python -m tests.bench

format: $(DEV) ## Put code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(DEV) ## Renew the lock files, for every supported Python and system
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what was made, but no data
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quizbot needs Python 3.11 or newer. Name one with make PYTHON=python3.12 run")'
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing (once, about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	@echo "Installing what tests need (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
