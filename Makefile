# Every command of the project. `make` alone lists them; those that need the environment make it first.

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.stamp

# The environment is up to date when its stamp is newer than what it is made from, the stamp was written here (an
# environment does not survive being moved) and its interpreter and command are still there.
INTACT := $(shell test "$$(cat $(STAMP) 2>/dev/null)" = "$$(pwd -P)" && \
	test -x $(PYTHON) && test -x $(VENV)/bin/bubble-abm && echo yes)

.DEFAULT_GOAL := help
MUTATED := $(if $(MODULE),$(subst /,.,$(basename $(MODULE))).)
FIGURES := $(if $(QUICK),--quick,--publish)

.PHONY: help setup run view figures test mutation lint format types benchmark experiments docs golden wheel clean distclean force

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make .venv from uv.lock; nothing to do when it is up to date

$(STAMP): pyproject.toml uv.lock .python-version tools/setup.sh $(if $(INTACT),,force)
	@sh tools/setup.sh

run: $(STAMP) ## run the model into out/run; options in ARGS, as in make run ARGS="--seeds 3 --months 30"
	$(VENV)/bin/bubble-abm run --out out/run --overwrite $(ARGS)

view: $(STAMP) ## open the page that shows the bubble; options in ARGS, as in make view ARGS="--port 8800"
	$(VENV)/bin/bubble-abm view $(ARGS)

figures: $(STAMP) ## build every figure of the paper, running what it needs; QUICK=1 for small designs, options in ARGS
	$(VENV)/bin/bubble-abm figures $(FIGURES) $(ARGS)

test: $(STAMP) ## run every test and doctest, on all processors; options in ARGS, as in make test ARGS="-k ledger"
	$(PYTHON) -m pytest -n auto $(ARGS)

mutation: $(STAMP) ## change the economy bit by bit: which changes does no test notice? MODULE=markets/chips.py for one file
	rm -rf mutants
	NUMBA_DISABLE_JIT=1 $(VENV)/bin/mutmut run "bubble_abm.economy.$(MUTATED)*" $(ARGS)
	@$(VENV)/bin/mutmut results | awk '!/not checked/ { found = 1; print } END { if (!found) print "every change was noticed" }'

lint: $(STAMP) ## check style, likely bugs and formatting
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: $(STAMP) ## repair what lint can repair by itself
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types: $(STAMP) ## check the types of the package
	$(PYTHON) -m mypy

benchmark: $(STAMP) ## measure speed; options in ARGS
	$(PYTHON) -m tests.benchmarks $(ARGS)

experiments: $(STAMP) ## run every declared experiment into out/; QUICK=1 for the small forms
	@for file in experiments/e[0-9][0-9]_*.py; do \
		$(VENV)/bin/bubble-abm experiment $$(basename $$file .py) $(if $(QUICK),--quick) $(ARGS) || exit; done

docs: $(STAMP) ## write the generated documentation again
	$(PYTHON) -m bubble_abm.paper.docs

golden: $(STAMP) ## renew the golden numbers: results change, so say so in CHANGELOG.md and commit alone
	$(PYTHON) -m tests.regression.renew

wheel: $(STAMP) ## build wheel and source distribution into dist/, and try the wheel in an environment of its own
	@sh tools/check_wheel.sh

clean: ## remove caches and builds; results and .venv stay
	rm -rf build dist mutants .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -path ./.venv -prune -o -path ./.uv -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## clean, and remove .venv and .uv too; results stay
	rm -rf .venv .uv
