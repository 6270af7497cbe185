# Written for GNU make 3.81 (macOS) and a POSIX sh. Dependencies stand in pyproject.toml.

PYTHON ?=
ARGS ?=
export PYTHON

environment = sh tools/environment.sh
python = .venv/bin/python

.PHONY: help lab test notebooks bench experiments data clean
.DEFAULT_GOAL := help

help:
	@echo 'make lab         make the environment in .venv and open the lessons in JupyterLab'
	@echo '                 (ARGS=--no-browser: only the server)'
	@echo 'make test        run everything that must hold: code, types, lessons, widgets'
	@echo 'make notebooks   build and run the notebooks from notebooks/src'
	@echo 'make bench       measure, side by side with what it is compared to'
	@echo 'make experiments ARGS=NAME   run an experiment and keep its table (hours, all together);'
	@echo '                 without ARGS, say which tables are out of date'
	@echo 'make data        make the bundled recordings again, from their Debian packages'
	@echo 'make clean       remove .venv and what was built; the notebooks and recordings stay'
	@echo 'PYTHON=/path/to/python chooses the interpreter that .venv is made with.'

lab:
	@$(environment)
	@$(python) -m avtutor.cli lab $(ARGS)

test:
	@$(environment) test
	@$(python) -m pytest $(ARGS)

notebooks:
	@$(environment) test
	@$(python) notebooks/build.py $(ARGS)

bench:
	@$(environment) bench
	@$(python) -m benchmarks $(ARGS)

experiments:
	@$(environment) test
	@$(python) -m experiments $(ARGS)

data:
	@$(environment) test
	@$(python) data/build/build.py $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .hypothesis tests/browser/failures
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
