PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run demo test check crash droplet bench image n8n sbom lock clean format

run: $(VENV)/.run             ## start everything on the embedded database; practice on an empty data directory
	$(BIN)/leadwake serve --practice

demo: $(VENV)/.run            ## practice with a live stream of sample leads
	$(BIN)/leadwake demo

test: $(VENV)/.dev            ## every test, on an embedded database; ARGS="…" for some of them
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(BIN)/python -m pytest --ignore tests/crash --ignore tests/droplet --ignore tests/n8n -n 3 --dist worksteal
	$(BIN)/python -m pytest tests/crash
endif

check: $(VENV)/.dev           ## lint, format, types, import contract, secrets in the tree, locks in migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m checks.secret_scan
	$(BIN)/python -m checks.migrations

crash: $(VENV)/.dev           ## the long kill test, and ninety days of two thousand leads
	$(BIN)/python -m pytest tests/crash tests/cli/test_cli_backup.py tests/properties/test_ninety_days.py --crash-long $(ARGS)

droplet: $(VENV)/.dev         ## install, upgrade, failed upgrade, the way back, on a scratch machine with systemd; as root
	$(BIN)/python -m pytest tests/droplet $(ARGS)

bench: $(VENV)/.dev $(VENV)/release/.done  ## the figures of the design, with the machine's own limit
	$(BIN)/python -m bench --python $(VENV)/release/bin/python $(ARGS)

image: $(VENV)/.dev           ## the image built without a Docker engine, started, answering a lead; as root on Debian
	$(BIN)/python tools/image.py

n8n: $(VENV)/.dev $(VENV)/n8n/.done  ## the four workflows in a real n8n, which it installs: 3 GB, minutes
	$(BIN)/python -m pytest tests/n8n --n8n $(VENV)/n8n $(ARGS)

sbom: $(VENV)/.dev            ## what is shipped and under which licences: docs/licences.md, dist/leadwake.cdx.json
	$(BIN)/python -m checks.licences

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: $(VENV)/.dev            ## resolve the dependencies again
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml --group build -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml --group build --group dev -c requirements.txt -o requirements-dev.txt

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Leadwake needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(VENV)/release/.done: requirements.txt pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/release  # as it is installed: no developer's package changes what is measured
	$(VENV)/release/bin/python -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements.txt
	$(VENV)/release/bin/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/n8n/.done: deploy/n8n/install.sh | $(BIN)/python
	sh deploy/n8n/install.sh $(VENV)/n8n
	@touch $@

clean:
	rm -rf $(VENV)
