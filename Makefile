# Two commands on a fresh machine: `make demo` and `make test`. Both set up what they need from the lock.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# Of the tests; three keep two cores busy, since many tests wait.
WORKERS ?= 3

.PHONY: setup demo test lint format lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Bright Run needs Python 3.11, 3.12 or 3.13 on the path."; exit 2; }
	@echo "Setting up $(VENV) from requirements.lock (a few minutes the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $(STAMP)

demo: $(STAMP)
	@test -z "$$BRIGHTRUN_DATABASE_URL" || $(BIN)/brightrun db upgrade
	@BRIGHTRUN_SIMULATOR_FAULTS="wrong_persona@3 lone_backslash@6" $(BIN)/brightrun build datasets/demo.yaml

test: $(STAMP)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP)
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

# Needs uv. Writes hashes and no index addresses.
lock:
	uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock

clean:
	rm -rf $(VENV) .venv-trainers .brightrun build *.egg-info
