# `make demo` and `make test` need nothing but Python 3.11, 3.12 or 3.13 with venv.
PYTHON ?= $(shell command -v python3.11 || echo python3)
# Dates of the archives, so that two builds of one commit are equal.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 315532800)
EXTRAS ?= train,compress,test,check
BIN := .venv/bin
# The modules that define the public names, whose examples are run.
PUBLIC = import tfmatting; print(*sorted(set(tfmatting._LAZY.values())))
EXAMPLES = tfmatting.exporting.compatibility.lint

# pip-audit finds no fault with packages that it could not look up.
LOOKED_UP = import json, sys; \
  left = [one["name"] for one in json.load(open("build/audit.json"))["dependencies"] \
    if "skip_reason" in one and one["name"] != "tfmatting"]; \
  sys.exit(f"Not looked up: {len(left)} packages, such as {left[0]}." if left else 0)

# Set to measure branch coverage, as CI on GitHub does: COVERAGE="--cov --cov-report=term".
COVERAGE ?=

.PHONY: demo test doctest slow fuzz benchmarks audit check page browser docs dist lowest third-party clean

.venv/installed-run: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

.venv/installed-test: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS)]'
	touch $@

.venv/installed-audit: .venv/installed-test
	$(BIN)/pip install --quiet '.[audit]'
	touch $@

.venv/installed-docs: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

demo: .venv/installed-run
	$(BIN)/python examples/demo.py --output demo

test: .venv/installed-test doctest
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(COVERAGE)

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
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

# Every reader with fifty times as many changed files as in `make test`; other ones every day.
fuzz: .venv/installed-test
	TFMATTING_FUZZ_FIRST=$$(($$(date +%s) / 86400 * 100000)) $(BIN)/python -m pytest -n 2 --dist load -m slow tests/fuzz

# The benchmarks of speed, into build/benchmarks, on an idle machine. SELFIE and FILM are files.
benchmarks: .venv/installed-test
	$(BIN)/python benchmarks/all.py -o build/benchmarks \
	  $(if $(SELFIE),--selfie $(SELFIE)) $(if $(FILM),--film $(FILM))

# What is installed, as CycloneDX has it, and which of it has known vulnerabilities.
audit: .venv/installed-audit
	mkdir -p build
	$(BIN)/python -m cyclonedx_py environment --output-format JSON --output-file build/sbom.json
	$(BIN)/pip-audit --local --skip-editable --format json --output build/audit.json
	$(BIN)/python -c '$(LOOKED_UP)'

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

# The source archive and the wheel, built twice and compared; into dist. `make page` goes before.
dist: .venv/installed-release
	$(BIN)/python tools/build_distributions.py dist
	$(BIN)/python -m twine check --strict dist/*

.venv/installed-release: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[release]'
	touch $@

# The light package with the lowest versions that setup.cfg allows.
LOWEST = unit/imaging unit/photos unit/video unit/inference/test_pretrained.py unit/test_files.py
lowest: .venv-lowest/installed
	.venv-lowest/bin/python -m pytest -q -p no:warnings -k 'not tensorflow' \
	  $(addprefix tests/,$(LOWEST))

.venv-lowest/installed: setup.cfg requirements/lowest.txt
	python3.11 -m venv .venv-lowest
	.venv-lowest/bin/pip install --quiet --constraint requirements/lowest.txt \
	  '.[heif,video,parquet,onnxruntime,plots,serve]' scikit-image 'pytest>=8' 'hypothesis>=6.100'
	touch $@

# THIRD_PARTY.md from the metadata of what is installed.
third-party: .venv/installed-test
	$(BIN)/python tools/third_party.py

clean:
	rm -rf .venv .venv-lowest dist build *.egg-info demo
