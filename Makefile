# The commands of the project. `make` without arguments lists them; commands that need the environment create it first.

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.stamp

# The environment is up to date if its stamp is newer than its sources and was written in this folder (an environment
# cannot be moved), and its interpreter and command exist.
INTACT := $(shell test "$$(cat $(STAMP) 2>/dev/null)" = "$$(pwd -P)" && \
	test -x $(PYTHON) && test -x $(VENV)/bin/bubble-abm && echo yes)

.DEFAULT_GOAL := help
MUTATED := $(if $(MODULE),$(subst /,.,$(basename $(MODULE))).)
FIGURES := $(if $(QUICK),--quick,--publish)

.PHONY: help setup run view figures test mutation lint format types coverage benchmark torture visits pace pictures fuzz experiments recovery docs site docking predictions robustness timesplit golden wheel clean distclean force

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## create .venv from uv.lock, unless it is up to date

$(STAMP): pyproject.toml uv.lock .python-version tools/setup.sh $(if $(INTACT),,force)
	@sh tools/setup.sh

run: $(STAMP) ## run the model into out/run; options in ARGS, as in make run ARGS="--seeds 3 --months 30"
	$(VENV)/bin/bubble-abm run --out out/run --overwrite $(ARGS)

view: $(STAMP) ## open the page that shows the bubble; options in ARGS, as in make view ARGS="--port 8800"
	$(VENV)/bin/bubble-abm view $(ARGS)

figures: $(STAMP) ## build all figures of the paper, running the experiments they need; QUICK=1 for small designs, options in ARGS
	$(VENV)/bin/bubble-abm figures $(FIGURES) $(ARGS)

test: $(STAMP) ## run all tests and doctests on all processors; options in ARGS, as in make test ARGS="-k ledger"
	$(PYTHON) -m pytest -n auto --dist loadfile $(ARGS)

mutation: $(STAMP) ## list the small changes to the economy that no test detects; MODULE=markets/chips.py for one file
	rm -rf mutants
	NUMBA_DISABLE_JIT=1 $(VENV)/bin/mutmut run "bubble_abm.economy.$(MUTATED)*" $(ARGS)
	@$(VENV)/bin/mutmut results | awk '!/not checked/ { found = 1; print } END { if (!found) print "every change was detected" }'

lint: $(STAMP) ## check style, likely bugs and formatting
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: $(STAMP) ## fix what lint can fix automatically
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types: $(STAMP) ## check the types of the package
	$(PYTHON) -m mypy

coverage: $(STAMP) ## measure how often intervals of sensitivity indices contain known ones; ARGS="--designs 200"
	$(PYTHON) -m tests.study.sensitivity.coverage $(ARGS)

benchmark: $(STAMP) ## measure speed; options in ARGS
	$(PYTHON) -m tests.benchmarks $(ARGS)

torture: $(STAMP) ## run the economy at points of all declared ranges for MINUTES (3), or POINTS of them, and report what breaks
	$(PYTHON) -m tests.torture $(if $(POINTS),--points $(POINTS),--minutes $(or $(MINUTES),3)) $(ARGS)

visits: $(STAMP) ## open and close the page VISITS (1000) times in a browser, and report what the server has kept
	$(PYTHON) -m tests.browser.visits --visits $(or $(VISITS),1000)

pace: $(STAMP) ## measure the page in a browser: first charts, seeds, frames, memory of ten tabs
	$(PYTHON) -m tests.browser.pace

pictures: $(STAMP) ## take pictures of the page at five moments, three widths, light and dark; ARGS="--language zh --out DIR"
	$(PYTHON) -m tests.browser.pictures $(ARGS)

fuzz: $(STAMP) ## hand over random scenario files, links, descriptions and damaged results for MINUTES (3)
	$(PYTHON) -m tests.fuzz --minutes $(or $(MINUTES),3)

experiments: $(STAMP) ## run all declared experiments; results in out/, QUICK=1 for the small forms
	@for file in experiments/e[0-9][0-9]_*.py; do \
		$(VENV)/bin/bubble-abm experiment $$(basename $$file .py) $(if $(QUICK),--quick) $(ARGS) || exit; done

recovery: $(STAMP) ## calibrate on facts of the model's own at members of an ensemble; ARGS="--ensemble FILE --truths 20"
	$(PYTHON) -m tests.study.calibration.recovery $(ARGS)

predictions: $(STAMP) ## write docs/predictions.md from the shipped ensemble; another one in ARGS="--ensemble FILE"
	$(PYTHON) -m bubble_abm.paper.predictions $(ARGS)

robustness: $(STAMP) ## write docs/robustness.md from the shipped ensemble; options in ARGS, as in ARGS="--members 50"
	$(VENV)/bin/bubble-abm experiment e15 --no-figures
	$(PYTHON) -m bubble_abm.paper.robustness --result out/e15_robustness $(ARGS)

timesplit: $(STAMP) ## match facts up to UNTIL (2024-06) only, and write docs/time-split.md; options of the search in ARGS
	$(VENV)/bin/bubble-abm calibrate --until $(or $(UNTIL),2024-06) --out out/until $(ARGS)
	$(PYTHON) -m bubble_abm.paper.time_split --ensemble out/until/ensemble.parquet

docs: $(STAMP) ## update the generated documentation
	$(PYTHON) -m bubble_abm.paper.docs

site: $(STAMP) ## build the documentation site in out/site, where a warning is an error; runs the tutorials if they have changed
	$(PYTHON) docs/build_site.py

docking: $(STAMP) ## update the docking kit, for who builds the model again
	$(PYTHON) -m bubble_abm.paper.docking

golden: $(STAMP) ## update the golden numbers after results change; note it in CHANGELOG.md and commit it separately
	$(PYTHON) -m tests.regression.renew

wheel: $(STAMP) ## build wheel and source distribution in dist/, and test the wheel in a new environment
	@sh tools/check_wheel.sh

clean: ## remove caches and builds, but not results and .venv
	rm -rf build dist mutants .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -path ./.venv -prune -o -path ./.uv -prune -o -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## clean, and also remove .venv and .uv, but not results
	rm -rf .venv .uv
