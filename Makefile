# Two commands do all the set-up: `make demo` runs the main job, `make test` passes the tests.
# Everything is installed into .venv (and .venv-sam, .venv-sdk where a target needs them); `make clean` removes what was built.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.8
UV := .venv/tools/bin/uv
PY := .venv/bin/python
export UV_CACHE_DIR ?= $(HOME)/.cache/uv

.PHONY: help demo test test-all check bench compile clean

help: ## what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/.local ## the whole loop: a CSV becomes a model behind an endpoint, with a yes in between
	@.venv/bin/retrain demo $(ARGS)

test: check ## the checks, then the unit, contract, integration and end-to-end tests
	$(PY) -m pytest -q -m "not slow" $(ARGS)

test-all: test .venv-sdk/.done ## the same, and: the compiled pipeline definitions are fresh
	.venv-sdk/bin/python -m pipelines.compile --check

check: .venv/.dev ## ruff, mypy --strict, cfn-lint, the model files
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PY) -m mypy
	.venv/bin/cfn-lint template.yaml
	.venv/bin/retrain check

bench: .venv/.local ## upload-to-prediction beside a plain script; writes benchmarks/results.md
	$(PY) -m benchmarks.run $(ARGS)

compile: .venv-sdk/.done ## compile models/*.yaml to pipelines/compiled/*.json with the SageMaker SDK
	.venv-sdk/bin/python -m pipelines.compile

clean: ## remove the environments and everything that was built here
	-[ ! -x .venv/bin/retrain ] || .venv/bin/retrain down
	rm -rf .venv .venv-sdk .venv-sam .retrain .aws-sam build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments: each stamp is newer than the lock file that it was made from

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Retrain needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making .venv (about 800 MB, once)"
	@$(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .venv/tools "uv==$(UV_VERSION)" 2> >(grep -v WARNING >&2 || true)

.venv/.local: requirements/local.txt pyproject.toml | $(UV)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/local.txt
	@$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch $@

# many short processes: bytecode is made ahead, also where PYTHONDONTWRITEBYTECODE is set
.venv/.dev: requirements/dev.txt .venv/.local
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-sdk/.done: requirements/sdk.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-sdk
	@$(UV) pip install --quiet --python .venv-sdk/bin/python --require-hashes -r requirements/sdk.txt
	@touch $@

.venv-sam/.done: requirements/sam.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-sam
	@$(UV) pip install --quiet --python .venv-sam/bin/python --require-hashes -r requirements/sam.txt
	@touch $@
