# From a fresh clone with only python3 and make: `make demo`, `make test`, `make lint`.

PYTHON ?= python3
venv   := .venv
bin    := $(venv)/bin
stamps := $(venv)/.stamps
pip    := $(bin)/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all:

.PHONY: help demo test lint setup lock bench fuzz fuzz-guided pictures clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo      meter a real training run, print the report, leave emissions-report/'
	@echo 'make test      run the whole test suite'
	@echo 'make lint      ruff, mypy, zizmor, actionlint, shellcheck, schemas'
	@echo 'make bench     overhead and speed, as ratios'
	@echo 'make fuzz      odd input of every kind for MINUTES=5, and what it showed'
	@echo 'make fuzz-guided  one TARGET=footprint of it, led by which lines a case reaches (Python 3.12)'
	@echo 'make pictures  redraw the pictures of the comment (needs chromium)'
	@echo 'make lock      resolve the requirements anew'

setup: $(stamps)/dev

# All needed at run time, and `emissions` itself as an editable install.
$(stamps)/run: reporter/action/requirements.lock tests/requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.12")'
	test -x $(bin)/python || $(PYTHON) -m venv $(venv)
	$(pip) -r reporter/action/requirements.lock
	printf '%s\n' '$(CURDIR)' > "$$($(bin)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/emissions_reporter.pth"
	printf '#!/bin/sh\nexec "%s" -m reporter "$$@"\n' '$(CURDIR)/$(bin)/python' > $(bin)/emissions
	chmod +x $(bin)/emissions
	mkdir -p $(stamps) && touch $@

$(stamps)/dev: $(stamps)/run tests/requirements.lock
	$(pip) -r tests/requirements.lock
	touch $@

$(stamps)/demo: $(stamps)/run examples/requirements.lock
	$(pip) -r examples/requirements.lock
	touch $@

# For the tests in a browser; without npm they are skipped and say so.
$(stamps)/browser: tests/browser/package-lock.json | $(stamps)/dev
	if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/browser; fi
	touch $@

demo: $(stamps)/demo
	@mkdir -p .cache
	$(bin)/emissions run --name demo --metrics .cache/metrics.json -- $(bin)/python examples/train_digits.py --metrics .cache/metrics.json
	@echo
	@echo 'The same as a page: emissions-report/report.html'

# More than two workers would only disturb the timings of the metered commands.
test: $(stamps)/dev $(stamps)/browser
	$(bin)/python -m pytest --numprocesses 2 $(TESTS)

lint: $(stamps)/dev
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/zizmor --offline --no-progress --persona=pedantic --config .github/zizmor.yml .
	$(bin)/actionlint -config-file .github/actionlint.yaml -shellcheck $(bin)/shellcheck .github/workflows/*.yml
	$(bin)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(bin)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(bin)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(bin)/shellcheck --shell sh reporter/action/*.sh
	$(bin)/shellcheck .ci/run
	$(bin)/python -m pytest --quiet tests/lint

bench: $(stamps)/dev
	$(bin)/python -m benchmarks

fuzz: $(stamps)/dev
	$(bin)/python -m tests.fuzz --minutes $(or $(MINUTES),5)

fuzz-guided: $(stamps)/dev
	$(pip) -r tests/fuzz/requirements.lock
	$(bin)/python -m tests.fuzz.guided $(or $(TARGET),footprint) -max_total_time=$$((60 * $(or $(MINUTES),5)))

pictures: $(stamps)/browser $(stamps)/demo
	$(bin)/python docs/pictures/make.py

lock: $(stamps)/dev
	$(call locked,reporter/action/requirements.lock,what the action installs,)
	$(call locked,tests/requirements.lock,what the tests and linters need,--group dev)
	$(call locked,tests/fuzz/requirements.lock,what guided fuzzing needs,--group fuzz)
	$(call locked,examples/requirements.lock,what the demo needs,--group demo)
	$(call locked,.github/requirements.lock,what audits and releases need,--group audit)

# $(1) file, $(2) its purpose, $(3) options. Python 3.10 to 3.14 on every platform, with hashes.
define locked
	echo '# Written by `make lock` from pyproject.toml: $(2). Do not edit.' > $(1).new
	$(bin)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
		$(3) pyproject.toml >> $(1).new
	mv $(1).new $(1)
endef

clean:
	rm -rf $(venv) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist emissions-report
