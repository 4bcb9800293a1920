# Names for people who like make; everything works without it: `python3 manage.py <command>`.
PYTHON ?= python3
MANAGE = $(PYTHON) manage.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench faults storm lock

help:    ## this list
	@sed -n 's/^\([a-z]*\): *## /  make \1\t/p' Makefile

setup:   ## build .venv/ from the lock; nothing to do when it is up to date
	@$(MANAGE) setup

demo:    ## the whole shop on this machine until Ctrl-C (PORT, DATA_DIR, DATABASE_URL, REDIS_URL, EMAIL_URL)
	@exec $(MANAGE) demo

test:    ## the whole suite, browser journeys included
	@$(MANAGE) test

faults:  ## only the tests that kill, freeze, fill up and crowd
	@$(MANAGE) test -m faults

storm:   ## everything that can go wrong while mails are sent, at once and in full size (minutes)
	@$(MANAGE) test -m faults --storm=full -s -p no:xdist tests/faults/test_storm.py

bench:   ## how fast, beside a floor measured in the same run
	@$(MANAGE) test -m bench -s

check:   ## style, types, import direction, templates, texts, migrations, deployment settings
	@$(MANAGE) check_all

format:  ## put code and templates into the form the checks ask for
	@$(MANAGE) format_all

lock:    ## write requirements.txt anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--group embedded --group test --group quality pyproject.toml -o requirements.txt
