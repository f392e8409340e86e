# Two targets do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test coverage fuzz gallery docs release pythons platforms clean

demo: .venv/.installed
	@echo "Working out al-Qusayr, April - June 2013: on a new machine the first time compiles, and takes some minutes ..."
	@$(BIN)/qsim run pincer_2013

coverage: .venv/.installed-test
	$(BIN)/pytest --cov --cov-report=term

gallery: .venv/.installed-test
	$(BIN)/python docs/gallery.py

docs: .venv/.installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "The site lies in outputs/site/index.html"

# Source and wheel, twice, to the same bytes; and the wheel at work in an environment of its own.
release: .venv/.installed-test
	rm -rf dist build/release
	@for out in dist build/release/again; do \
		SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir $$out . > /dev/null || exit 1; done
	@for file in dist/*; do cmp "$$file" "build/release/again/$${file##*/}" || exit 1; done
	$(PYTHON) -m venv build/release/env
	build/release/env/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt dist/*.whl
	cd build/release && env/bin/qsim check example && env/bin/qsim conflicts qusayr > /dev/null && env/bin/qsim --version
	sha256sum dist/*

test: .venv/.installed-test
	$(BIN)/ruff check qsim tests scenarios benchmarks docs
	$(BIN)/ruff format --check qsim tests scenarios benchmarks docs
	$(BIN)/oxlint --config tests/page/oxlint.json --deny-warnings qsim/page qsim/editing tests/page
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses=2 --dist=loadfile
	QSIM_QUICK=1 sh -c 'for script in scenarios/*.py; do $(BIN)/python $$script > /dev/null || exit 1; echo "ran $$script"; done'
	$(BIN)/python tests/pythons.py --others $(SHORT_PART)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qsim needs Python 3.11 or newer; set PYTHON=python3.x")'
	@echo "Making an environment in .venv ..."
	@$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing qsim and what it needs into .venv, once: some 130 MB (numba, scipy, matplotlib, shapely); pip says what it is at, and is silent for some minutes while it unpacks."
	@$(subst --quiet,--progress-bar off,$(PIP)) --editable .
	@touch $@

.venv/.installed-test: .venv/.installed
	@echo "Installing what the tests need (once) ..."
	@$(PIP) --editable '.[test,dev,docs]'
	@touch $@

.venv/.installed-docs: .venv/.installed
	@echo "Installing what the documentation needs (once) ..."
	@$(PIP) --editable '.[docs]'
	@touch $@

# Hours of it: as many spoilt folders as QSIM_FUZZ says, a hundredth as many command lines and prompts, and a summary of what became of them.
fuzz: .venv/.installed-test
	QSIM_FUZZ=$${QSIM_FUZZ:-100000} $(BIN)/pytest tests/fuzz/test_words.py -q
	PYTHONPATH=tests $(BIN)/python tests/fuzz/many.py $${QSIM_FUZZ:-100000} --seed $${SEED:-1} --found build/fuzz.json

# A part of the suite with each Python of the machine (of the path, pyenv or uv), in an environment of its own below build/: minutes each.
# `make test` ends with a short part of it on the others.
SHORT_PART := tests/golden tests/terminal/test_map.py tests/terminal/test_text.py tests/record/test_dates.py tests/record/test_reading.py tests/record/test_ledger.py tests/record/test_scenario.py
PART ?= tests/record tests/terminal tests/golden tests/geography tests/simulation/test_model.py tests/draw/test_render.py tests/test_names.py
pythons: .venv/.installed-test
	$(BIN)/python tests/pythons.py $(PART)

# Whether all pinned versions have wheels for these systems and Pythons: a dry run that installs nothing. It needs uv.
platforms:
	@for system in linux windows aarch64-apple-darwin; do for python in 3.11.7 3.12 3.13 3.14; do \
		MACOSX_DEPLOYMENT_TARGET=14.0 $(UV) pip compile --quiet --all-extras --only-binary :all: --constraint constraints.txt \
			--python-platform $$system --python-version $$python pyproject.toml > /dev/null || exit 1; \
		echo "$$system, Python $$python: every requirement has a wheel"; done; done

clean:
	rm -rf .venv outputs/*/ .mypy_cache .ruff_cache .pytest_cache .hypothesis
