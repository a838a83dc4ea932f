#!/bin/sh
# Makes .venv-trainers, where the trainers' proof runs; does nothing when it is there and up to date.
set -eu
cd "$(dirname "$0")/../.."
venv=.venv-trainers
# Outside of the lock: torch as its CPU build, LLaMA-Factory for its readers only, without what it asks for.
apart="torch==2.13.0 llamafactory==0.9.5"
made="$apart $(cat requirements-trainers.lock)"
if [ "$(cat $venv/made-from 2>/dev/null)" != "$made" ]; then
    python3 -m venv --clear $venv
    $venv/bin/pip install --quiet --no-deps $apart
    $venv/bin/pip install --quiet --no-deps --require-hashes -r requirements-trainers.lock
    printf '%s\n' "$made" >$venv/made-from
fi
