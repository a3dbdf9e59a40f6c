# Postern's commands for people and for CI. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PACKAGES := libssl-dev libcurl4-openssl-dev libjwt-dev libpg-query-dev libpq-dev pkg-config postgresql-15
TEST_PACKAGES := python3-venv python3-dev postgresql-server-dev-15 postgresql-contrib gcc make \
	libpostgresql-jdbc-java openjdk-17-jdk-headless \
	shellcheck fish zsh groff-base strace systemd sqitch libdbd-pg-perl
BENCH_PACKAGES := pgbouncer haproxy

PYTHON := .venv/bin/python
RELEASE := .ci/swift build

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## install the Debian packages that the gateway needs
	@.ci/install $(PACKAGES)

.PHONY: build
build: setup ## build the release executable, .build/release/postern
	$(RELEASE) --product postern

.PHONY: postern-job
postern-job: setup ## build .build-job/release/postern-job: exec and connect for CI images, which need glibc alone
	.ci/build-job

.PHONY: demo
demo: build ## the main job, from token to journal, on a private PostgreSQL (ARGS=--keep leaves it running)
	.build/release/postern demo $(ARGS)

.PHONY: test
test: setup ## all tests; ends with a line that counts them
	@.ci/install $(TEST_PACKAGES)
	@.ci/install-glewlwyd
	@.ci/test

.PHONY: regress
regress: build .venv ## PostgreSQL's regression suite, direct and through Postern, compared file by file
	@.ci/install $(TEST_PACKAGES)
	$(PYTHON) Tests/Regress/run.py

.PHONY: differential
differential: setup .venv ## the facts of PostgreSQL's own statements, against a newer grammar and a server
	@.ci/install $(TEST_PACKAGES)
	$(RELEASE) --product postern-facts
	$(PYTHON) Tests/Differential/run.py $(ARGS)

.PHONY: fuzz
fuzz: setup ## nearly SQL, nearly tokens and keys (ARGS="--count 5000000 --seconds 600 --seed 2"); keeps what it fails on
	$(RELEASE) --product postern-fuzz
	.build/release/postern-fuzz --corpus Fuzz/corpus \
		$(foreach folder,$(wildcard .cache/regress/source-*/src/test/regress/sql),--corpus $(folder)) $(ARGS)
	for target in token bearer keys discovery kept; do \
		.build/release/postern-fuzz --target $$target --corpus Fuzz/corpus $(ARGS) || exit; \
	done

.PHONY: endure
endure: build .venv ## the slow tests: 100,000 broken connections, 200 kills under load
	cd Tests/Integration && POSTERN_CHURN=100000 ../../$(PYTHON) -m pytest test_churn.py --timeout=1800
	cd Tests/Integration && POSTERN_KILLS=200 ../../$(PYTHON) -m pytest test_crash.py -s --timeout=1800

.PHONY: bench
bench: build .venv ## Postern against PgBouncer, HAProxy and a direct connection (ARGS=--quick for two minutes' worth)
	@.ci/install $(TEST_PACKAGES) $(BENCH_PACKAGES)
	@# A gateway that records no statement, to measure what the journal costs. Nothing else builds it.
	$(RELEASE) --product postern --scratch-path .build-unrecorded -Xswiftc -DPOSTERN_UNRECORDED
	POSTERN_UNRECORDED_BIN=$(CURDIR)/.build-unrecorded/release/postern $(PYTHON) Benchmarks/bench.py $(ARGS)
	$(PYTHON) Benchmarks/refusals.py

.PHONY: lint
lint: ## formatting, import rules, file sizes
	swift format lint --strict --recursive Sources Tests Fuzz Package.swift
	.ci/lint

.PHONY: format
format: ## format the Swift sources
	swift format --in-place --recursive Sources Tests Fuzz Package.swift

.PHONY: clean
clean: ## remove what was built
	rm -rf .build .build-job .build-unrecorded .venv .cache

.venv: Tests/Integration/requirements.txt
	@.ci/install python3-venv
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/Integration/requirements.txt
	@touch .venv
