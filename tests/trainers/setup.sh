#!/bin/sh
# Makes .venv-trainers, where the trainers' proof runs; does nothing when it is there and up to date.
set -eu
cd "$(dirname "$0")/../.."
venv=.venv-trainers
torch=2.13.0
made="$(cat requirements-trainers.lock) torch==$torch"
if [ "$(cat $venv/made-from 2>/dev/null)" != "$made" ]; then
    python3 -m venv --clear $venv
    # --no-deps: the lock names everything, and torch stands outside of it.
    $venv/bin/pip install --quiet --no-deps torch==$torch
    $venv/bin/pip install --quiet --no-deps --require-hashes -r requirements-trainers.lock
    printf '%s\n' "$made" >$venv/made-from
fi
