# One target per task; every target sets up its needs.
#   make unit     the fast tests (minutes; a file in seconds)
#   make test     everything, as the continuous integration runs it
#   make help     the other targets

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

COLLECTIONS := $(CURDIR)/.cache/collections
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin:/sbin
export PYTHONPATH := $(COLLECTIONS)
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export LC_ALL := C.UTF-8
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis
PYTEST := python -m pytest

# Programs, not packages: scripts/install-programs knows the Debian package of each.
RUN_PROGRAMS  := git openssl python ssh
TEST_PROGRAMS := $(RUN_PROGRAMS) age bsdtar chromium curl faketime goss gpg ip java jq lftp lowntfs-3g mkfs.exfat mkfs.ext4 mmdebstrap mount.exfat-fuse mtree nft node npm oathtool promtool rclone receptor rsync rsyslogd softhsm2-util sqop ssh-audit sshd strace swtpm systemd-nspawn testssl zsh \
                 /usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so /usr/lib/systemd/systemd-journal-remote /usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so /usr/libexec/tangd /usr/share/keyrings/ubuntu-archive-keyring.gpg
LINT_PROGRAMS := $(RUN_PROGRAMS) gpg reuse shellcheck

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: .cache/ready/run ## two syncs and one repaired file, on loopback
	scripts/demo

# No test of the suites begins later, so that the whole run ends within an hour and a half even on a slow machine.
STARTED := $(shell date +%s)
UNTIL    = $(shell expr $(STARTED) + 4600)
test: setup ## the unit tests, the checks, and the tests that are reached or due, as the continuous integration runs it
	$(MAKE) unit
	$(MAKE) --jobs=2 suites logged-checks STARTED=$(STARTED)

# A part: make test-full SHARD=2/6. The first part has the targets that are not in the ledger.
SHARD := 1/1
test-full: setup .venv/installed-fuzz ## the whole in the long form, recorded; in parts of less than an hour: SHARD=1/6
	$(if $(filter 1/%,$(SHARD)),$(MAKE) unit ARGS="-n auto --long tests/unit")
	$(MAKE) --jobs=3 shard $(if $(filter 1/%,$(SHARD)),logged-checks logged-sanity-cores)

shard: .cache/ready/integration .venv/installed-fuzz
	scripts/suites shard $(SHARD)

# No test begins later than 270 seconds after the start.
check: .cache/ready/integration ## ruff, the unit tests, and the tests near to the changes since main: six minutes
	ruff check .
	$(MAKE) unit
	scripts/suites check $(shell expr $(STARTED) + 270)

checks: ## style, sanity, documentation, artifact, demo and targets, one after the other
	$(MAKE) lint sanity docs docsite artifact demo targets

# Most tests wait a lot, so there are more processes than processors. For a part without the ledger: ARGS='-k name'.
SUITES  := $(addprefix tests/, hosts trust integration faults)
WORKERS := $(shell expr 2 '*' $$(nproc))
suites: .cache/ready/integration ## the four suites below, in one pool of processes, chosen and recorded by the ledger
	$(if $(ARGS),$(PYTEST) --pool -n $(WORKERS) $(SUITES) $(ARGS),scripts/suites land $(UNTIL))

# For a target that runs in parallel with others: its output is printed at its end, as a whole.
logged-%: .cache/ready/integration
	status=0; $(MAKE) $* >.cache/$*.log 2>&1 || status=$$?; cat .cache/$*.log; exit $$status

setup: .cache/ready/lint .cache/ready/integration .venv/installed-docs ## install the needs of all targets

unit: .cache/ready/run ## unit tests; one file: make unit ARGS=tests/unit/test_x.py
	$(PYTEST) --timeout=180 -o faulthandler_timeout=240 --durations=5 $(or $(ARGS),-n auto tests/unit)

mutate: .cache/ready/integration ## defects in the changed files that no unit test notices: 5 minutes; ARGS=plugins/x.py
	nice scripts/mutate $(ARGS)

integration: .cache/ready/integration ## tests against real servers; one file: ARGS=tests/integration/test_x.py
	$(PYTEST) $(or $(ARGS),tests/integration)

targets: .cache/ready/integration ## ansible-test integration; other options: ARGS='-v secure_sync'
	scripts/run-targets $(ARGS)

hosts: .cache/ready/integration ## roles and policies on hosts of their own; one file: ARGS=tests/hosts/test_x.py
	$(PYTEST) $(or $(ARGS),tests/hosts)

trust: .cache/ready/integration ## compromised hosts against roles and playbooks; one file: ARGS=tests/trust/test_x.py
	$(PYTEST) $(or $(ARGS),tests/trust)

molecule: .cache/ready/integration ## the roles on hosts with systemd; one scenario: ARGS='-s sftp_server'
	ANSIBLE_HOME=$(CURDIR)/.cache/ansible molecule test $(or $(ARGS),--all)

faults: .cache/ready/integration ## faults and hostile peers; one file: ARGS=tests/faults/test_x.py
	$(PYTEST) $(or $(ARGS),tests/faults)

faults-long: .cache/ready/integration .venv/installed-fuzz ## the same for longer, with a new seed; a known seed: ARGS=--seed=7
	$(PYTEST) --timeout=7200 --long tests/faults $(ARGS)

guided-fuzz: .cache/ready/integration .venv/installed-fuzz ## parsers against inputs chosen by coverage: fourteen minutes
	$(PYTEST) --timeout=7200 --long tests/faults/test_guided_fuzz.py $(ARGS)

trial: .cache/ready/integration ## the same faults for other tools: the table in docs/reliability.md
	scripts/trial-peers $(ARGS)

lint: .cache/ready/lint ## ruff, mypy, shellcheck, yamllint, ansible-lint, licences
	scripts/lint

# The newest ansible-core has new rules first for the documentation of modules; all tests of all cores: make test-full.
sanity: .cache/ready/lint ## ansible-test sanity; one test: ARGS='--test pep8'
	scripts/sanity $(ARGS)
	$(if $(ARGS),,scripts/sanity --core 2.22 --test validate-modules)

# Optional: plain English has other words for these.
WORDS := anew|beside|deeds?|litter(s|ed)?|mend(s|ed|ing)?|nobody|shall|somebody|thereof|told|whence|whoever
words: ## list words that guides and documentation should avoid
	git grep --line-number --word-regexp --ignore-case --extended-regexp '$(WORDS)' -- '*.md' plugins roles playbooks changelogs/fragments || echo none

sanity-cores: .cache/ready/lint ## ansible-test sanity by the other supported versions of ansible-core
	for core in 2.19 2.20 2.22; do scripts/sanity --core "$$core" $(ARGS); done

docs: .cache/ready/lint ## check the documentation of the plugins and the changelog
	scripts/check-docs

docsite: .cache/ready/lint .venv/installed-docs ## build the site of the guides and the reference; a warning is an error
	scripts/docsite

artifact: .cache/ready/lint ## build the collection and check it with galaxy-importer
	scripts/check-artifact

release: .cache/ready/lint ## build, sign, verify and tag the version of galaxy.yml: make release KEY=FINGERPRINT
	scripts/release $(KEY)

bench: .cache/ready/integration ## compare the speed with other tools
	scripts/install-programs restic
	scripts/bench $(ARGS)

clean: ## remove all files that make created in this clone
	rm -rf .venv .cache .pytest_cache
	find . -name __pycache__ -prune -exec rm -r {} +

clean-cache: ## remove the cache of all clones: root file systems, Python environments
	"$$(scripts/find-python)" scripts/cache clean

.PHONY: help demo test test-full shard check checks suites setup unit mutate integration targets hosts trust molecule faults faults-long guided-fuzz trial lint words sanity sanity-cores docs docsite artifact release bench clean clean-cache

# Set-up, once: programs, the virtual environment, and the path under which Python finds the collection.
.cache/ready/run: .venv/installed-test
	scripts/link-collection $(COLLECTIONS)
	mkdir -p $(@D) && touch $@

.cache/ready/integration: .cache/ready/run .venv/installed-dev scripts/install-programs
	scripts/install-programs $(TEST_PROGRAMS)
	touch $@

.cache/ready/lint: .cache/ready/run .venv/installed-dev
	scripts/install-programs $(LINT_PROGRAMS)
	touch $@

.venv/installed-docs: .venv/installed-dev

.venv/installed-%: requirements/%.txt
	scripts/install-programs $(RUN_PROGRAMS)
	"$$(scripts/find-python)" scripts/make-venv $*
