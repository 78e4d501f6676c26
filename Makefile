# make run: the assistant. make test: the tests. Both set up what they need, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test lint types check index encoder fit baselines benchmark figures clean

run: $(STAMP)
	$(BIN)/python app.py

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

index: $(STAMP)
	$(BIN)/policy-assistant index

encoder: $(STAMP)
	$(BIN)/python -m training.encoder
	$(BIN)/python -m training.verdicts
	$(BIN)/python -m training.export

fit: $(STAMP)
	$(BIN)/python -m training.fit

baselines: $(STAMP)
	$(BIN)/python -m benchmarks.baselines

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.against_peer --check
	$(BIN)/python -m benchmarks.evaluation --check
	$(BIN)/python -m benchmarks.page_load --check
	$(BIN)/python -m benchmarks.figures

figures: $(STAMP)
	$(BIN)/python -m benchmarks.figures

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
