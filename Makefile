# `make demo` and `make test` need nothing but Python 3.11 with venv.
PYTHON ?= $(shell command -v python3.11 || echo python3)
EXTRAS ?= train,test,check
BIN := .venv/bin

.PHONY: demo test matrix check clean

.venv/installed-run: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

.venv/installed-test: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS)]'
	touch $@

demo: .venv/installed-run
	$(BIN)/python examples/demo.py --output demo

test: .venv/installed-test
	$(BIN)/python -m pytest -n 2 --dist loadfile

matrix: .venv/installed-test
	$(BIN)/python -m pytest -n 2 --dist load -m slow tests/export

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

clean:
	rm -rf .venv build *.egg-info demo
