# Every target that needs something sets it up first; a machine that has all is left alone.
.DEFAULT_GOAL := help
.PHONY: help setup packer local preview check test shell bench bench-restarts bench-clouds lock clean

# Recipes run in a shell that has the project's own tools on PATH.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
IN_ENV := . tools/env &&

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## install what is missing on this machine; SOURCE=ubuntu-24.04|debian-12 chooses the base image
	@tools/setup $(if $(SOURCE),--source $(SOURCE))

packer: ## today's Packer for AWS, Google Cloud and Oracle Cloud, where the distribution's is in use; builds it, once
	@tools/setup --only todays-packer

local: setup ## bake, verify and publish the images of this machine: pulumi up -s local
	@$(IN_ENV) exec tools/up-local

preview: ## what `up` would make of staging, in simulated clouds: without an account
	@tools/setup --only clouds
	@exec tools/workflow/preview-simulated

# Pulumi, which may have to be built, is not waited for.
check: ## for people, in a minute or two: style, types, shell scripts, workflows, unit tests
	@tools/setup --only checks
	@$(IN_ENV) exec tools/check

# One worker more than cores (tests/conftest.py), but no more than keep busy beside the longest chain of
# tests, the one of the real machine.
test: setup ## style, types, shell scripts, workflows; then every test: units, the engine, templates, a real image
	@$(IN_ENV) tools/check style types shell templates workflows
	@$(IN_ENV) exec pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

shell: setup ## a shell with pulumi, packer and the virtual environment of this project
	@$(IN_ENV) exec bash --rcfile tools/env -i

bench: setup ## measure, in ratios
	@$(IN_ENV) python -m bench

bench-restarts: setup ## restart the machine of local images 60 times, and count hangs
	@$(IN_ENV) python -m bench.restarts

bench-clouds: setup ## measure the stacks of clouds, in simulated ones
	@$(IN_ENV) python -m bench.clouds

lock: setup ## write requirements.txt and requirements-dev.txt anew after a change to a requirements*.in
	@tools/lock

clean: ## remove bakes, published local images and the local state; keeps what set-up installed
	@tools/clean
