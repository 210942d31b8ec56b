# Shorthands for what CONTRIBUTING.md describes; each runs in the environment of `just setup`.

bin := ".venv/bin"

_default:
    @{{just_executable()}} --list

# make .venv with everything to work on Rung
setup:
    ./bootstrap dev

# run the tests, or some: just test tests/unit -k grammar
test *arguments:
    {{bin}}/pytest {{arguments}}

# ruff's findings, and what it would format
lint:
    {{bin}}/ruff check
    {{bin}}/ruff format --check

# let ruff format and mend what it can
format:
    {{bin}}/ruff check --fix
    {{bin}}/ruff format

# mypy, strict
types:
    {{bin}}/mypy

# who may import whom
layers:
    {{bin}}/lint-imports

# all benchmarks, or some: just bench decide; all of them write docs/benchmarks.md
bench *sections:
    {{bin}}/python -m benchmarks {{sections}}

# wheel and sdist into dist/
build:
    {{bin}}/python -m build

# all that must hold for the last commit, in a clean clone of it
ci:
    #!/usr/bin/env bash
    set -euo pipefail
    clone=$(mktemp -d)
    trap 'rm -rf "$clone"' EXIT
    git clone --quiet . "$clone"
    CI=true bash "$clone/.ci/run" </dev/null

# type anything at all at `check` and `decide`, which must never give a traceback
fuzz cases="20000":
    {{bin}}/python -m tests.campaigns.command_line {{cases}}

# random policies through the formatter, which must never change what they mean
formatting cases="5000":
    {{bin}}/python -m tests.campaigns.formatting {{cases}}

# prove all that comes with Rung, and write the proof files anew
prove:
    for policy in $(find policies -name '*.rung'); do \
        {{bin}}/rung prove "$policy" --root policies --demanded --write || [ $? = 3 ]; \
    done

# random migrations judged and then run on a real PostgreSQL, which must never contradict the verdict
migrations cases="1000" first="0":
    {{bin}}/python -m tests.agreement.migrations_campaign {{cases}} {{first}}

# mistakes made in projects' migrations, and what is said of them held against a real PostgreSQL
miswritten cases="1000" seed="0" *folders="tests/agreement/bookshop":
    {{bin}}/python -m tests.campaigns.miswritten {{cases}} {{seed}} {{folders}}

# rewrite the expectations of the conformance cases
update-cases:
    {{bin}}/pytest tests/conformance --update-cases

# evaluator and encoder on random requests, which must agree
agreement cases="20000":
    {{bin}}/python -m tests.campaigns.encoding {{cases}}

# two random policies in one world and what each says of requests, which must be what its evaluator says
beside pairs="500":
    {{bin}}/python -m tests.campaigns.beside {{pairs}}

# what is proved of random small policies, against their histories and all their states
histories policies="100":
    {{bin}}/python -m tests.campaigns.enumeration {{policies}}
    {{bin}}/python -m tests.campaigns.walking {{policies}}
    {{bin}}/python -m tests.campaigns.telling {{policies}}

# the prover with one mistake at a time, which the agreement tests must notice
mutants count="300" seed="1" kind="":
    {{bin}}/python -m tests.campaigns.mutants {{count}} {{seed}} {{kind}}
