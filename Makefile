# `make` alone lists what there is. A first run installs everything into .venv, by the versions in constraints.txt.
# PORT=8100 and DUIJIE_DATA_DIR=/some/folder may be given before or after the command.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv

# pip may have been told of a mirror, or of a folder with wheels; uv reads none of that by itself.
pip_option = $(shell $(PYTHON) -m pip config get global.$(1) 2>/dev/null)
INDEX := $(or $(PIP_INDEX_URL),$(call pip_option,index-url))
WHEELS := $(or $(PIP_FIND_LINKS),$(call pip_option,find-links))
# Without a network all comes from such a folder.
OFFLINE := $(if $(or $(PIP_NO_INDEX),$(call pip_option,no-index)),--offline --no-index)
# PyTorch for processors alone: from such a folder, else from its own index. Elsewhere it comes with gigabytes of CUDA.
TORCH := $(if $(wildcard $(addsuffix /torch-*,$(WHEELS))),$(addprefix --find-links ,$(WHEELS)),--torch-backend cpu)
SOURCES := $(if $(OFFLINE),$(OFFLINE) $(addprefix --find-links ,$(WHEELS)),$(if $(INDEX),--default-index $(INDEX)) $(TORCH))

ifdef PORT
export DUIJIE_PORT := $(PORT)
endif

# Where Python may not keep what it has compiled, each process of a run or a test compiles every library anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help wheel bundle sbom run test tools openapi workflows collection client screenshots check fmt constraints bench-encode bench-matches bench-pages bench-stages bench-ablations bench-lexical bench-languages bench-latency bench-standing bench-snapshot bench-sizing soak bench-texts bench-imports bench-file-imports

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: .venv/.ok ## Start everything: database, worker and API
	@$(BIN)/duijie run

test: .venv/.dev ## Run the tests; choose with ARGS="tests/service -k need"
	$(BIN)/python -m pytest $(ARGS)

.PHONY: fuzz
fuzz: .venv/.dev ## Try every strange value in every place that a request has; the tests try some
	FUZZ=long $(BIN)/python -m pytest tests/service/api/test_every_value.py $(ARGS)

# mutmut keeps its results in mutants/: `.venv/bin/mutmut results` lists survivors, `.venv/bin/mutmut show NAME` one of them.
MODULES = $(subst /,.,$(ARGS:.py=.*))

.PHONY: mutants
mutants: .venv/.mutants ## Break pure modules in small ways and list what no test notices: ARGS="schemas/reading/lists.py"
	$(BIN)/mutmut run --max-children 1 $(if $(ARGS),"$(MODULES)")
	@$(BIN)/mutmut results

.venv/.mutants: .venv/.dev
	@$(call uv_install,--group mutants) || $(call pip_install,--group mutants)
	@touch $@

tools: .cache/tools/.ok ## Install what some tests need besides Python: Chromium, Java, nginx and what tests/package.json names
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(call apt_install,chromium fonts-noto-cjk)
	@command -v java >/dev/null || $(call apt_install,default-jre-headless)
	@command -v nginx >/dev/null || $(call apt_install,nginx-light)

apt_install = { apt-get update -qq && apt-get install -y -qq --no-install-recommends $(1); } >/dev/null

.cache/tools/.ok: tests/package.json tests/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)
	@npm ci --silent --no-audit --no-fund --prefix $(@D)
	@touch $@

wheel: .venv/.ok ## Build the wheel into dist/
	@rm -f dist/duijie-*.whl
	@$(UV) build --quiet --wheel $(SOURCES) --out-dir dist

# Everything that an installation without a network needs: the program, what it depends on, PostgreSQL and the model
# among it, and what a checkout is built with. For this machine's version of Python.
bundle: wheel ## Pack dist/duijie-bundle.tar, from which a machine without a network installs
	@mkdir -p dist/wheels
	@printf 'editables\nhatchling\npip\nuv\n' | $(UV) pip compile --quiet $(SOURCES) --constraint constraints.txt --no-header \
	  --no-annotate --emit-index-url --emit-find-links --output-file dist/requirements.txt pyproject.toml -
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist/wheels --requirement dist/requirements.txt
	@tar --create --file dist/duijie-bundle.tar --transform 's,^,duijie/,' --directory dist wheels \
	  $$(cd dist && ls duijie-*.whl) --directory $(CURDIR)/deploy install.sh

sbom: .venv/.ok ## Write dist/sbom.json, a bill of materials (CycloneDX) of what is installed to run the service
	@mkdir -p dist
	@test -x .cache/sbom/bin/cyclonedx-py || { $(UV) venv --quiet .cache/sbom && \
	  $(UV) pip install --quiet --python .cache/sbom/bin/python $(SOURCES) cyclonedx-bom==7.5.0; }
	@test -x .cache/sbom/run/bin/python || $(UV) venv --quiet .cache/sbom/run
	@$(UV) pip install --quiet --python .cache/sbom/run/bin/python $(SOURCES) --constraint constraints.txt --requirement pyproject.toml
	@.cache/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
	  --output-file dist/sbom.json .cache/sbom/run/bin/python

openapi: .venv/.ok ## Write docs/openapi.json anew, after a change that is meant
	$(BIN)/python -c "import json; from service.app import create_app; print(json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True))" > docs/openapi.json.part && mv docs/openapi.json.part docs/openapi.json

workflows: .venv/.ok ## Write docs/workflows.md anew from the tables of the rooms
	$(BIN)/python -c "from service.api.workflows_document import render; print(render(), end='')" > docs/workflows.md.part && mv docs/workflows.md.part docs/workflows.md

collection: .venv/.ok ## Write examples/duijie.postman_collection.json anew, from docs/openapi.json
	$(BIN)/python examples/collection.py docs/openapi.json examples/duijie.postman_collection.json

# The generator wants an older typer than the service does, so it gets an environment of its own.
client: .venv/.ok ## Generate a typed Python client from docs/openapi.json into examples/python
	@test -x .cache/client/bin/openapi-python-client || { $(UV) venv --quiet .cache/client && \
	  $(UV) pip install --quiet --python .cache/client/bin/python $(if $(INDEX),--default-index $(INDEX)) openapi-python-client==0.29.1 ruff==0.17.6; }
	@PATH=$(CURDIR)/.cache/client/bin:$$PATH openapi-python-client generate --path docs/openapi.json --config examples/python/client.yaml --meta none \
	  --fail-on-warning --overwrite \
	  --output-path examples/python/duijie_client

screenshots: .venv/.dev ## Take docs/screenshots anew; needs what `make tools` installs
	$(BIN)/python -m tests.browser.screenshots

check: .venv/.dev ## Format, lint, types, layers, migrations, Dockerfile
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/duijie migrate --check
	$(BIN)/hadolint Dockerfile

fmt: .venv/.dev ## Format the code, and repair what can be repaired
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

soak: .venv/.dev ## Work and kill for ten minutes, then count: ARGS="--minutes 60"
	$(BIN)/python -m tests.soak $(ARGS)

bench-sizing: .venv/.dev ## Measure: memory, disk and speed by the number of postings
	$(BIN)/python -m benchmarks.sizing $(ARGS)

bench-encode: .venv/.dev ## Measure: encoding through the worker, beside the bare model
	$(BIN)/python -m benchmarks.encode $(ARGS)

bench-matches: .venv/.dev ## Measure: matches among 10,000 and 100,000 capabilities
	$(BIN)/python -m benchmarks.matches $(ARGS)

bench-pages: .venv/.dev ## Measure: a page with twenty matches beside the JSON that it shows
	$(BIN)/python -m benchmarks.pages $(ARGS)

bench-stages: .venv/.dev ## Measure: each stage of a match beside vectors alone
	$(BIN)/python -m benchmarks.stages $(ARGS)

bench-ablations: .venv/.dev ## Measure: what each part of the score is worth: ARGS="DIR …" with judged sets
	$(BIN)/python -m benchmarks.ablations $(ARGS)

bench-lexical: .venv/.dev ## Measure: engines for words among 100,000 texts, with changes
	$(BIN)/python -m benchmarks.lexical $(ARGS)

bench-languages: .venv/.dev ## Measure: needs in five languages against Chinese capabilities
	$(BIN)/python -m benchmarks.languages $(ARGS)

bench-latency: .venv/.dev ## Measure: from the 201 to matchable
	$(BIN)/python -m benchmarks.latency $(ARGS)

bench-standing: .venv/.dev ## Measure: one posting with 10,000 subscriptions waiting
	$(BIN)/python -m benchmarks.standing $(ARGS)

bench-snapshot: .venv/.dev ## Measure: matches while a snapshot of the index is written
	$(BIN)/python -m benchmarks.snapshot $(ARGS)

bench-texts: .venv/.dev ## Measure: free texts of many requests, encoded one by one and together
	$(BIN)/python -m benchmarks.texts $(ARGS)

bench-imports: .venv/.dev ## Measure: seconds and memory of each command before it does anything
	$(BIN)/python -m benchmarks.imports $(ARGS)

bench-file-imports: .venv/.dev ## Measure: memory that imports take, by the size of the file
	$(BIN)/python -m benchmarks.file_imports $(ARGS)

constraints: .venv/.ok ## Bring constraints.txt up to date with the newest releases
	echo uv | $(UV) pip compile --quiet --python-version 3.11 --group dev $(SOURCES) --no-header --no-annotate \
	  --no-emit-find-links --output-file .venv/resolved.txt --upgrade pyproject.toml -
	@{ head -n 1 constraints.txt; sed 's/+cpu$$//' .venv/resolved.txt; } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt

# Where uv does not get what it needs, pip may: it knows this machine's own settings.
uv_install = $(UV) pip install --quiet --python $(BIN)/python $(SOURCES) --constraint constraints.txt $(1)
pip_install = $(BIN)/python -m pip install --quiet --constraint constraints.txt $(1)

.venv/.ok: pyproject.toml constraints.txt
	@echo "Installing into .venv; the first time takes a minute or two."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	@$(call uv_install,--editable .) || $(call pip_install,--editable .)
	@touch $@

.venv/.dev: .venv/.ok
	@$(call uv_install,--group dev) || { $(call pip_install,--upgrade pip) && $(call pip_install,--group dev); }
	@touch $@
