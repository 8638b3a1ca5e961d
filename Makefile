# Every target does its own set-up.  The two to know: `make demo` and `make test`.
# PYTHON picks the interpreter of the venv, ARGS goes to the command, DATA is where the benchmarks' recordings are.

PYTHON ?= python3
ARGS ?=
DATA ?=
BIN := .venv/bin
STAMP := .venv/.installed
PYTEST := $(BIN)/python -m pytest
WRITER := config/deploy/writer
WITHOUT_SERVERS := $(PYTEST) -n auto --dist worksteal --ignore=tests/system --ignore=tests/web
NONE_OF_THESE := [ $$? -eq 5 ]  # ARGS may name tests of one kind only
TOGETHER := $(MAKE) --no-print-directory --jobs=3 --output-sync=target
CODE := gateway drivers simulators tests $(wildcard benchmarks) $(WRITER)

.PHONY: help demo test test-fast check types style layers format bench lock sbom sheet clean setup debian npm deb live .venv

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

demo: $(STAMP) ## a simulated moulding site on this machine, no hardware
	$(BIN)/lotwatch demo $(ARGS)

# Tests start many processes: without bytecode each would compile everything anew, and pytest rewrite every assert.
test test-fast: export PYTHONDONTWRITEBYTECODE :=

test: debian ## everything: style, types, layers, docs, every test; the ten slowest are printed
	+@$(TOGETHER) npm types style layers
	$(WITHOUT_SERVERS) -m "not system" --durations=10 $(ARGS) || $(NONE_OF_THESE)
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m system --durations=10 $(or $(ARGS),tests/system tests/web) || $(NONE_OF_THESE)

test-fast: $(STAMP) npm ## the tests that need no server and take no third of a second, in under 90 s
	$(WITHOUT_SERVERS) -m "not system and not long" --durations=10 $(ARGS)

check: $(STAMP) ## style, types, layers
	+@$(TOGETHER) types style layers

types: $(STAMP)
	$(BIN)/mypy $(CODE)

style: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

layers: $(STAMP)
	$(BIN)/lint-imports --no-logo
	PYTHONPATH=$(WRITER) $(BIN)/lint-imports --no-logo --no-cache --config $(WRITER)/pyproject.toml

format: $(STAMP) ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## the figures; DATA=<folder of recordings>
	$(BIN)/python -m benchmarks $(if $(DATA),--data $(DATA)) $(ARGS)

setup: $(STAMP) ## the virtual environment in .venv
.venv: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	touch $@

debian: ## the Debian packages that system tests need (as root), or a word on what is skipped
	sh .ci/debian.sh

npm: ## what tests need from npm, or a word on what is skipped
	sh .ci/npm.sh

deb: $(STAMP) npm ## the Debian packages in dist/, without network
	$(BIN)/python .ci/deb.py dist
	$(BIN)/python .ci/deb_writer.py dist

live: deb ## the package under a systemd that runs, in namespaces of its own (root)
	$(BIN)/python .ci/live dist/lotwatch_*.deb dist/lotwatch-writer_*.deb

lock: ## new requirements/*.txt from pyproject.toml
	PYTHON="$(PYTHON)" ARGS="$(ARGS)" sh .ci/lock.sh

sbom: $(STAMP) ## dist/lotwatch.cdx.json: what is in the product, as CycloneDX
	$(BIN)/python .ci/sbom.py

sheet: $(STAMP) ## docs/security/sheet.md from docs/security/requirements.yaml
	$(BIN)/python .ci/sheet.py

clean: ## remove what the targets above made, the journals of the demo included
	rm -rf .venv .cache node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find gateway drivers simulators tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
