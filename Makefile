# What people do with this course. `make` alone prints the list.
# Written for GNU Make 3.81 (macOS) and newer, with any POSIX shell (Windows: the one of Git Bash).

ifeq ($(OS),Windows_NT)
BIN := Scripts
else
BIN := bin
endif

# The learner's environment has JupyterLab; the tests' has not: it imports nbformat four times faster.
LAB_PYTHON := .venv/$(BIN)/python
TEST_PYTHON := .venv-test/$(BIN)/python
PUBLISH_PYTHON := .venv-publish/$(BIN)/python
LAB_READY := .venv/installed
TEST_READY := .venv-test/installed
PUBLISH_READY := .venv-publish/installed
LIBRARIES_READY := .venv-libraries/installed
HUB_READY := .venv-hub/installed
HUB_PROXY := .venv-hub/node_modules
AXE := .venv-publish/node_modules
PORT ?= 8000

# Many containers set this. Without bytecode each kernel would compile the course and its libraries
# anew: then a test that starts one takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

# Many tests wait for a server or a kernel: two workers keep a core busy.
WORKERS ?= 4
BROWSERS ?= 2
PYTEST := $(TEST_PYTHON) -m pytest -n $(WORKERS) --dist load --maxschedchunk 1
LESSONS := $(TEST_PYTHON) -m pytest -n $(WORKERS) --dist loadscope -p tests.validation notebooks

# Root, as in a container, must say so; without a display the address is printed instead.
LAB_FLAGS :=
ifeq ($(shell id -u 2>&1),0)
LAB_FLAGS += --allow-root
endif
ifeq ($(shell uname -s)$(DISPLAY)$(WAYLAND_DISPLAY),Linux)
LAB_FLAGS += --no-browser
endif

.DEFAULT_GOAL := help
.PHONY: help lab board hub test test-browser screenshots stories test-site lite lite-serve test-lite bench-lite save links handouts test-handouts transcripts engines newest-redis mutants kernel-starts slowly slow-server repeat killed libraries class bench hub-load site generated lint format clean

help:  ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

lab: $(LAB_READY)  ## open the lessons in JupyterLab (more options: LAB_ARGS="--port 9999")
	@$(LAB_PYTHON) -m publish.lab $(LAB_FLAGS) $(LAB_ARGS)

board: $(LAB_READY)  ## open the board of a class, for the instructor (COURSE_CLASS=redis://... make board)
	@$(LAB_PYTHON) -m publish.board $(LAB_FLAGS) $(LAB_ARGS)

hub: $(HUB_READY) $(HUB_PROXY)  ## open a hub for a room on this machine (needs npm; more options: HUB_ARGS="--port 9999")
	@.venv-hub/$(BIN)/python -m publish.hub $(HUB_ARGS)

test: $(TEST_READY)  ## run every test, and every lesson on the embedded broker and on a real server
	$(PYTEST)
	COURSE_BROKER=embedded $(LESSONS)
ifeq ($(OS),Windows_NT)
	@echo "No real server has a package for Windows: the lessons ran on the embedded broker only."
else
	COURSE_BROKER=server COURSE_SERVER="$$($(TEST_PYTHON) -m tests.real_servers Valkey)" $(LESSONS)
endif

test-browser: $(LAB_READY) $(PUBLISH_READY) $(AXE)  ## press the live labs in JupyterLab (needs chromium; npm too, for accessibility)
	$(PUBLISH_PYTHON) -m pytest -n $(BROWSERS) --no-loadscope-reorder tests/browser

screenshots: $(LAB_READY) $(PUBLISH_READY)  ## retake the pictures of docs/labs.md (needs chromium)
	$(PUBLISH_PYTHON) -m tests.browser.screenshots

stories: $(TEST_READY)  ## record the story of each lab again
	$(TEST_PYTHON) -m tools.stories

test-site: site $(AXE)  ## build the site and read it (needs chromium; npm too, for accessibility)
	$(PUBLISH_PYTHON) -m pytest -n $(BROWSERS) tests/site

lite: $(PUBLISH_READY)  ## build the browser edition into build/lite (needs npm)
	$(PUBLISH_PYTHON) -m publish.lite

lite-serve: $(PUBLISH_READY)  ## serve the browser edition on this machine (another port: PORT=8001)
	$(PUBLISH_PYTHON) -m publish.lite.server build/lite $(PORT)

test-lite: lite $(AXE)  ## run every lesson in the browser edition and compare (needs chromium)
	$(PUBLISH_PYTHON) -m pytest tests/lite $(LITE_ARGS)

bench-lite: lite site  ## measure how soon the first cell runs in the browser edition
	$(PUBLISH_PYTHON) -m tests.lite.plain
	$(PUBLISH_PYTHON) -m tests.lite.bench

save: $(TEST_READY)  ## run and save the lessons (one: make save NB=notebooks/04_....ipynb)
	$(TEST_PYTHON) -m publish.save_notebooks $(NB)

links: $(TEST_READY)  ## write the links between lessons and the table in README
	$(TEST_PYTHON) -m publish.navigation

handouts: $(PUBLISH_READY)  ## print the handouts as HTML and PDF (needs chromium; another one: CHROMIUM=/path)
	@$(if $(CHROMIUM),CHROMIUM="$(CHROMIUM)") $(PUBLISH_PYTHON) -m publish.handouts

test-handouts: handouts $(TEST_READY)  ## print the handouts and read them (needs chromium)
	$(PYTEST) tests/publish/test_handouts.py

transcripts: $(TEST_READY)  ## record on a real server what the real-only cells print
	$(TEST_PYTHON) -m publish.record_transcripts $(NB)

engines: $(TEST_READY)  ## run every lesson on every broker found here and print a table
	@$(TEST_PYTHON) -m tests.newest_redis || true
	$(TEST_PYTHON) -m tools.engines

newest-redis: $(TEST_READY)  ## fetch Redis 8.6 into build/, for the tests and for make engines (36 MB)
	@$(TEST_PYTHON) -m tests.newest_redis

mutants: $(TEST_READY)  ## tell small lies about Redis and print which cell notices (one: LIE=name)
	$(TEST_PYTHON) -m tests.mutants $(LIE)

kernel-starts: $(TEST_READY)  ## start 300 kernels on busy cores and count the silent ones (fewer: STARTS=30)
	$(TEST_PYTHON) -m tools.kernel_starts $(STARTS)

slowly: $(TEST_READY)  ## play every scenario with pauses: no reply that is compared may depend on time
	$(TEST_PYTHON) -m tests.differential.slowly

slow-server: $(TEST_READY)  ## read every lesson on real servers with pauses of 31 seconds (SERVERS="Valkey")
	$(TEST_PYTHON) -m tools.slow_server $(SERVERS)

repeat: $(TEST_READY)  ## run the lessons again and again, alone and on busy cores (REPEAT_ARGS="--help")
	$(TEST_PYTHON) -m tools.repeat $(REPEAT_ARGS)

killed: $(TEST_READY)  ## kill notebooks at random moments and look for what they leave (KILLED_ARGS="TIMES SEED")
	$(TEST_PYTHON) -m tools.killed $(KILLED_ARGS)

libraries: $(TEST_READY) $(LIBRARIES_READY)  ## let faults happen to task libraries and count their jobs (one: LIBRARIES_ARGS="--library rq")
	$(TEST_PYTHON) -m tools.libraries $(LIBRARIES_ARGS)

class: $(TEST_READY)  ## send the answers of 300 learners through one Redis that is killed twice (fewer: CLASS_ARGS="30 everysec")
	$(TEST_PYTHON) -m tools.classroom $(CLASS_ARGS)

bench: $(TEST_READY)  ## measure the embedded broker, the validation of the lessons, flow(), and how labs redraw
	$(TEST_PYTHON) -m tools.bench
	$(TEST_PYTHON) -m tools.floor
	$(TEST_PYTHON) -m tools.redraw
	@if command -v npm >/dev/null && command -v chromium >/dev/null; then $(MAKE) bench-lite; \
	else echo "The browser edition was not measured: that needs npm and Chromium."; fi

hub-load: $(HUB_READY) $(HUB_PROXY)  ## let thirty learners work on a hub at once, and measure (HUB_LOAD_ARGS="--help")
	.venv-hub/$(BIN)/python -m tools.hub_load $(HUB_LOAD_ARGS)

site: $(PUBLISH_READY)  ## build the site with the lessons to read, into build/site
	$(PUBLISH_PYTHON) -m publish.site

generated: $(TEST_READY)  ## write again what is generated: three pages on the embedded broker, its table of commands
	$(TEST_PYTHON) -m tests.differential.table
	$(TEST_PYTHON) -m tests.differential.report
	$(TEST_PYTHON) -m tests.embedded_redis.rules

lint: $(TEST_READY)  ## check the style of code and notebooks, the types, and which room imports which
	$(TEST_PYTHON) -m ruff check
	$(TEST_PYTHON) -m ruff format --check
	$(TEST_PYTHON) -m mypy embedded_redis helpers publish
	.venv-test/$(BIN)/lint-imports --no-cache

format: $(TEST_READY)  ## put code and notebooks into that style
	$(TEST_PYTHON) -m ruff check --fix
	$(TEST_PYTHON) -m ruff format

clean:  ## remove the environments, caches and builds that these commands made
	rm -rf .venv .venv-* build .pytest_cache .ruff_cache .mypy_cache
	find . \( -path ./my_notebooks -o -path ./my_class \) -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -print | xargs rm -rf

# Installing happens again only when one of these files is newer than the environment.
$(LAB_READY): requirements.txt pyproject.toml publish/environment.sh
	@sh publish/environment.sh .venv requirements.txt

$(TEST_READY): tests/requirements.txt pyproject.toml publish/environment.sh
	@sh publish/environment.sh .venv-test tests/requirements.txt

$(PUBLISH_READY): publish/requirements.txt tests/requirements.txt pyproject.toml publish/environment.sh
	@sh publish/environment.sh .venv-publish publish/requirements.txt

$(LIBRARIES_READY): helpers/libraries/requirements.txt publish/environment.sh
	@sh publish/environment.sh .venv-libraries helpers/libraries/requirements.txt

$(HUB_READY): classroom/requirements.txt requirements.txt pyproject.toml publish/environment.sh
	@sh publish/environment.sh .venv-hub classroom/requirements.txt

$(HUB_PROXY): $(HUB_READY)
	@npm install --silent --no-audit --no-fund --prefix .venv-hub configurable-http-proxy@5.3.0 || \
		{ echo "A hub needs npm, for the proxy in front of it: install Node.js 20 or newer." >&2; exit 1; }

$(AXE): $(PUBLISH_READY)
	@npm install --silent --no-audit --no-fund --prefix .venv-publish axe-core@4.14.1 || \
		echo "Accessibility is not checked: npm could not install axe-core."
