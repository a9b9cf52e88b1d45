# `make demo` and `make test` need nothing but Python 3.11 with venv.
PYTHON ?= $(shell command -v python3.11 || echo python3)
EXTRAS ?= train,test,check
BIN := .venv/bin
# The modules that define the public names, whose examples are run.
PUBLIC = import tfmatting; print(*sorted(set(tfmatting._LAZY.values())))
EXAMPLES = tfmatting.exporting.compatibility.lint

# Set to measure branch coverage, as CI does: COVERAGE="--cov --cov-report=term".
COVERAGE ?=

.PHONY: demo test doctest slow check page browser docs clean

.venv/installed-run: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

.venv/installed-test: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS)]'
	touch $@

.venv/installed-docs: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

demo: .venv/installed-run
	$(BIN)/python examples/demo.py --output demo

test: .venv/installed-test doctest
	$(BIN)/python -m pytest -n 2 --dist loadfile $(COVERAGE)

# The examples of the docstrings, in an empty folder as a new user has it.
doctest: .venv/installed-test
	cd $$(mktemp -d) && PATH="$(CURDIR)/$(BIN):$$PATH" && python -m pytest -q -c /dev/null \
	  --rootdir . -p no:cacheprovider -o doctest_optionflags="ELLIPSIS NORMALIZE_WHITESPACE" \
	  --doctest-modules --pyargs $$(python -c '$(PUBLIC)') $(EXAMPLES)

# The page of `tfmatting serve`; needs Node.js and npm.
page:
	cd web && npm ci && npm run build

# The documentation, into build/site. It loads nothing from other hosts and opens from the disk.
docs: .venv/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# The page in Chromium (Debian's), as phones and desktops use it.
browser: page .venv/installed-test
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser

# Every test that is marked slow: the rare exports, the tf_keras copies, Ctrl-C and --resume.
slow: .venv/installed-test
	$(BIN)/python -m pytest -n 2 --dist load -m slow

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

clean:
	rm -rf .venv build *.egg-info demo
