# Headroom: everything a newcomer or the continuous integration types. `make help` lists it.

PYTHON  ?=
PORT    ?= 8501
ADDRESS ?= 127.0.0.1
WORKERS ?= 2
CASES   ?= 100000
AWS_PORT ?= 4566

VENV := .venv
BIN  := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# -qq: pip reports errors only. --no-deps: the lock is complete, so exactly the lock is installed.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
PIP := $(BIN)/python -m pip install -qq --no-input

# The parts of the project that hold Python today.
has_python = $(foreach part,$(1),$(if $(shell find $(part) -name '*.py' -print -quit 2>/dev/null),$(part)))
TYPED = $(call has_python,app.py setup.py headroom simulator pricing pages scripts validation tests bench)

##@ Use
.PHONY: help
help: ## show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nSettings: PYTHON=python3.12 (used when .venv is made), PORT=8501, ADDRESS=127.0.0.1, WORKERS=2 (test processes)\n'

.PHONY: install
install: $(VENV)/.runtime $(VENV)/.project ## make .venv and install exactly requirements.lock into it

.PHONY: run
run: install ## install, compile the kernels, start the app on http://ADDRESS:PORT
	@exec $(BIN)/headroom serve --port $(PORT) --address $(ADDRESS)

.PHONY: demo-aws
demo-aws: install-dev ## the app with an AWS on loopback, to try deploying without an account (docs/deploy.md)
	@exec $(BIN)/python -m scripts.demo_aws $(AWS_PORT)

##@ Check
.PHONY: test
test: ## everything: lint, types, all tests, browser tests (this is what CI runs)
	@$(MAKE) --no-print-directory lint types
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory browser

.PHONY: lint
lint: install-dev ## ruff: rules and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: format
format: install-dev ## ruff: format and repair what can be repaired safely
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

.PHONY: types
types: install-dev ## mypy, strict
	@$(BIN)/mypy $(TYPED)

# Neighbouring tests, which share fixtures, stay in one process; who has none left takes from the other.
TESTS = $(BIN)/python -m pytest -q -n $(WORKERS) --dist=worksteal

.PHONY: unit
unit: install-dev ## the fast tests only: neither slow nor browser
	@$(TESTS) -m "not slow and not browser"

.PHONY: tests
tests: coverage ## all tests that need no browser: the fast ones with coverage, then the slow ones
	@$(TESTS) -m "slow and not browser and not exhaustive"

.PHONY: drills
drills: install-dev ## deployments lost or killed at every single call, on an AWS on loopback: a quarter of an hour
	@$(TESTS) -m exhaustive

.PHONY: coverage
coverage: install-dev ## the fast tests, and how much of each package they run; compiled kernels cannot be seen
	@$(TESTS) -m "not slow and not browser" --cov --cov-report=
	@for part in headroom/advisor headroom/sharing headroom/work headroom/ui headroom/cli simulator pricing pages; do \
		printf '%-18s %3s %% of the lines run by the fast tests\n' $$part \
			"$$($(BIN)/python -m coverage report --include="$$part/*" --format=total)"; done
	@echo "File by file: $(BIN)/python -m coverage report --show-missing"

.PHONY: coverage-nojit
coverage-nojit: install-dev ## the kernels as plain Python, against their twins: which lines the tests run
	@NUMBA_DISABLE_JIT=1 $(TESTS) -m "not slow and not browser" tests/simulator/kernels tests/simulator/traffic/test_kernels.py \
		tests/simulator/scaling/test_against_a_story.py tests/simulator/engine/test_histogram.py \
		--cov=simulator/kernels --cov=tests/reference --cov-report=term-missing --cov-config=/dev/null

.PHONY: browser
browser: install-dev ## the tests in a real browser, found or installed by scripts/browser.py
	@if ! grep -rqs --include='*.py' 'mark\.browser' tests; then echo "No browser tests yet."; exit 0; fi; \
	HEADROOM_BROWSER="$$($(BIN)/python scripts/browser.py)"; export HEADROOM_BROWSER; \
	$(BIN)/python -m pytest -q -m browser

.PHONY: fuzz
fuzz: install-dev ## broken files, links, uploads and stores, CASES of them in all (100,000): no traceback, hang or lost value
	@HEADROOM_FUZZ_CASES=$$(( $(CASES) / 6 )) $(TESTS) tests/fuzz --hypothesis-profile=fuzz -s

.PHONY: bench
bench: install-dev ## measure speed against other simulators: figures, never a gate (FULL=1: the long runs too)
	@$(BIN)/python -m bench.run $(if $(FULL),--full)
	@$(BIN)/python -m bench.regret $(if $(FULL),--full)
	@$(BIN)/python -m bench.commands $(if $(FULL),,dashboard bursty-function classification-api nightly-profiles documents)
	@$(if $(FULL),$(BIN)/python -m bench.first_page --write,true)

.PHONY: validate
validate: install-dev ## hold the simulator against theory, other simulators and measurements: writes docs/validation.md
	@$(BIN)/python -m validation

##@ Maintain
.PHONY: install-dev
install-dev: install $(VENV)/.dev ## add the test tools to .venv

.PHONY: lock
lock: $(VENV)/pyvenv.cfg ## write both lock files anew from requirements*.txt (takes the newest allowed versions)
	@scripts/lock $(BIN)/python

.PHONY: clean
clean: ## remove .venv and everything generated
	@rm -rf $(VENV) bench/.venvs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how .venv is made: each stamp is newer than the file it was made from ---------------------------------------

$(VENV)/pyvenv.cfg:
	@python="$$(scripts/find-python $(PYTHON))"; \
	echo "Making $(VENV) with $$("$$python" -V)"; \
	"$$python" -m venv --clear $(VENV)

$(VENV)/.runtime: requirements.lock | $(VENV)/pyvenv.cfg
	@echo "Installing the runtime packages of requirements.lock (about 600 MB when unpacked; a minute or two the first time)"
	@$(PIP) --no-deps -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the test tools of requirements-dev.lock"
	@$(PIP) --no-deps -r requirements-dev.lock
	@touch $@

$(VENV)/.project: pyproject.toml setup.py $(VENV)/.runtime
	@$(PIP) --no-deps -e .
	@$(BIN)/python -m pip check > /dev/null
	@touch $@
