# Needs Python 3.11 or newer with venv, and make. Everything else is installed into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup test check bench bench-districting bench-game bench-map bench-orders bench-replan bench-rich bench-roads bench-routing soak vendor clean

run: setup  ## make the demo county on first use, then serve the map
	$(BIN)/python -m gridmap serve --demo

setup: $(VENV)/.ready

# Kernels are compiled once beside the gates, and modules once as well: each process of the tests would do it for itself.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.ready-tests  ## every gate and every test
	$(BIN)/python -m tests.warming & $(MAKE) --no-print-directory check && wait $$!
	$(BIN)/python -m pytest -m "not bench" -n 3 --no-loadscope-reorder $(PYTEST)

check: $(VENV)/.ready-tests  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-tests  ## figures, as ratios against a named peer in the same run
	$(BIN)/python -m pytest tests/bench -m bench -s $(PYTEST)

bench-map: $(VENV)/.ready-tests  ## the map and the tiles of a province, beside folium.GeoJson
	$(BIN)/python -m pytest tests/bench/bench_map.py tests/bench/bench_tiles.py -m bench -s $(PYTEST)

bench-districting: $(VENV)/.ready-tests  ## territories beside METIS, where it is installed, and proven optima; half an hour
	$(BIN)/python -m pytest tests/bench/bench_districting.py -m bench -s $(PYTEST)

bench-game: $(VENV)/.ready-tests  ## patrols that cannot be foretold against their bound, ten seeds; resumable
	$(BIN)/python -m pytest tests/bench/bench_game.py -m bench -s $(PYTEST)

bench-orders: $(VENV)/.ready-tests  ## orders of cells of a province: seen, placed and undone
	$(BIN)/python -m pytest tests/bench/bench_orders.py -m bench -s $(PYTEST)

bench-replan: $(VENV)/.ready-tests  ## plans of 500 places mended in the middle of their day; half an hour
	$(BIN)/python -m pytest tests/bench/bench_replan.py -m bench -s $(PYTEST)

bench-rich: $(VENV)/.ready-tests  ## the rich patrol model beside PyVRP, and plans repaired in two seconds; hours, resumable
	$(BIN)/python -m pytest tests/bench/bench_rich.py -m bench -s $(PYTEST)

bench-routing: $(VENV)/.ready-tests  ## the routing core on the literature's files, beside other solvers; hours, resumable
	$(BIN)/python -m pytest tests/bench/bench_routing.py -m bench -s $(PYTEST)

bench-roads: $(VENV)/.ready-tests  ## matrix, closures and single ways, beside pandana where it is installed
	$(BIN)/python -m pytest tests/bench/bench_roads.py tests/bench/bench_paths.py -m bench -s $(PYTEST)

soak: $(VENV)/.ready-tests  ## twenty minutes of a province's map: from the tenth on nothing may grow
	$(BIN)/python -m pytest tests/bench/soak.py -m bench -s $(PYTEST)

vendor:  ## refresh the third-party browser files from npm (needs npm)
	deploy/vendor/refresh

$(VENV)/.ready: requirements.txt deploy/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.ready-tests: $(VENV)/.ready tests/requirements.txt
	$(BIN)/pip install --quiet -r tests/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
