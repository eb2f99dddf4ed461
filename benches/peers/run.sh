#!/bin/sh
# Compares siftwire with what a moderator could use instead, on the same train and test files, in one run.
# Usage: benches/peers/run.sh FOLDER_OF_LABELLED_COMMENTS
# Installs bogofilter and SpamAssassin from Debian, scikit-learn and fastText from PyPI.
set -eu
corpus=${1:?usage: run.sh FOLDER_OF_LABELLED_COMMENTS}
here=$(dirname "$0")
work=${TMPDIR:-/tmp}/siftwire-peers
mkdir -p "$work"

command -v bogofilter >/dev/null && command -v sa-learn >/dev/null ||
    apt-get install -y --no-install-recommends bogofilter spamassassin
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet scikit-learn fasttext-wheel numpy
cargo build --release --quiet
"$work/venv/bin/python" "$here/peers.py" "$corpus" "$work" "${CARGO_TARGET_DIR:-target}/release/siftwire"
