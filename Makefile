# What one types. The work is in scripts/, one file a command; they need Python 3.11 or later and
# set up everything else themselves.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock fixtures messages screenshots

help: ## this list
	@$(PYTHON) -m scripts.help $(MAKEFILE_LIST)

run: ## start the product with demo data (PORT=8000)
	@$(PYTHON) -m scripts.run

test: ## the whole suite on a private MariaDB and Redis (ARGS="tests/crm -x", WORKERS=2)
	@$(PYTHON) -m scripts.test $(ARGS)

check: ## lint, types, templates, translations, migrations, architecture
	@$(PYTHON) -m scripts.check $(ARGS)

bench: ## measure pages and jobs, print a table, write bench.json (ROWS=1000000)
	@$(PYTHON) -m scripts.bench $(ARGS)

lock: ## make the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(PYTHON) -m scripts.lock $(ARGS)

fixtures: ## make fixtures/ anew with the demo generator
	@$(PYTHON) -m scripts.fixtures

messages: ## gather texts into locale/fr, ready to be translated
	@$(PYTHON) -m scripts.messages

screenshots: ## take the pictures of README and guides, of the demo
	@$(PYTHON) -m scripts.screenshots
