# Each goal sets up what it needs: a virtual environment in .venv, and cpcompat in it, installed from
# the wheel that is built here, so that what runs and what is tested is what users get.

VENV := .venv
PY := $(VENV)/bin/python
WHEEL := build/wheel/.built
SOURCES := $(shell find cpcompat -type f ! -name '*.pyc' ! -name _table.py) \
           pyproject.toml hatch_build.py README.md LICENSE
# The bundle of the web page; the file changes when the bundle does (tools/page.py).
BUNDLE := build/page.sha256
CHECKED := cpcompat tests bench tools examples hatch_build.py

# Without a terminal `make run` ends after one run; with one it stays, as a board does.
RUN_ARGS ?= $(shell test -t 0 || echo --runs 1)
PYTEST_ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := all
.PHONY: all help FORCE run test kills check bench docs page sabotage fuzz lab lab-machine lab-ratios clean

all: $(WHEEL)
	@echo "The wheel is in build/wheel. «make help» says what else there is."

help:
	@echo "make           build the web page, where its bundle is old, and the wheel"
	@echo "make run       set up, then run examples/weather on the simulated board"
	@echo "make test      set up, then run all tests"
	@echo "make kills     kill processes of a real board's program 500 times; no line stays driven"
	@echo "make lab       build the emulated Raspberry Pi, and run the tests that need it"
	@echo "make check     ruff, ruff format --check, mypy --strict"
	@echo "make bench     measure; writes bench/RESULTS.md, or what RESULTS names"
	@echo "make docs      write docs/status.md and the generated parts of the other pages"
	@echo "make page      bundle the page that the web workflow serves, old or not"
	@echo "make sabotage  break the product on purpose, one promise at a time; the tests must notice"
	@echo "make fuzz      try the web workflow for FUZZ_SECONDS (600); writes docs/reliability.md"
	@echo "make clean     remove what these made"

run: $(VENV)/.for-examples
	$(VENV)/bin/cpcompat run examples/weather $(RUN_ARGS)

test: $(VENV)/.for-test
	@tools/system-packages
	$(PY) -P -m pytest $(PYTEST_ARGS)

kills: $(VENV)/.for-test
	@tools/system-packages
	$(PY) -P -m pytest tests/programs/test_real_lines.py -k random_death --kills 500 $(PYTEST_ARGS)

check: $(VENV)/.for-test
	$(PY) -m ruff check $(CHECKED)
	$(PY) -m ruff format --check $(CHECKED)
	$(PY) -m mypy

bench: export RESULTS ?= bench/RESULTS.md
bench: $(VENV)/.for-test
	$(PY) -P bench/run.py
	$(PY) -P bench/hardware.py
	$(PY) -P bench/web.py

docs: $(VENV)/.for-test
	$(PY) -P tools/docs.py

# The emulated Raspberry Pi is in LAB_CACHE, by default ~/.cache/cpcompat-lab; it takes half a minute.
lab-machine: $(VENV)/.for-test
	@PYTHON=$(PY) tests/lab/build

lab: lab-machine
	$(PY) -P -m pytest tests/lab $(PYTEST_ARGS)

lab-ratios: lab-machine
	-$(PY) -P -m pytest -q tests/lab/test_ratios.py
	$(PY) -P -m tests.lab.ratios build/ratios.json

page: $(VENV)/.for-test
	$(PY) -P tools/page.py

sabotage: $(VENV)/.for-test
	@tools/system-packages
	$(PY) -P tools/sabotage.py

FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.for-test
	$(PY) -P tools/fuzz.py --seconds $(FUZZ_SECONDS)

clean:
	rm -rf $(VENV) build dist cpcompat/board/_table.py .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find cpcompat tests bench tools examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made: tools/make-venv
	@tools/make-venv $(VENV)
	@touch $@

# Looks each time, at checksums: it takes a moment, and times of files say nothing in a fresh clone.
$(BUNDLE): $(VENV)/.made FORCE
	@$(PY) -P tools/page.py --if-old $@

$(WHEEL): $(SOURCES) $(BUNDLE) $(VENV)/.made
	@echo "building the wheel"
	@rm -rf build/wheel
	@$(PY) -m pip wheel -q --no-deps -w build/wheel .
	@touch $@

$(VENV)/.for-examples: $(WHEEL)
	@echo "installing the wheel and the drivers of the examples"
	@$(PY) -m pip uninstall -q -y cpcompat 2>/dev/null
	@$(PY) -m pip install -q "$$(echo build/wheel/*.whl)[examples]"
	@touch $@

$(VENV)/.for-test: $(WHEEL)
	@echo "installing the wheel and the tools of the tests"
	@$(PY) -m pip uninstall -q -y cpcompat 2>/dev/null
	@$(PY) -m pip install -q "$$(echo build/wheel/*.whl)[examples,test,check]"
	@touch $@
