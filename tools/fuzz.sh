#!/bin/sh
# Runs every fuzz target for a while: tools/fuzz.sh [SECONDS EACH]
set -eu
cd "$(dirname "$0")/.."
for file in $(grep -rl '^func Fuzz' --include='*_test.go' .); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
		echo "== $(dirname "$file") $target"
		go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "${1:-30}s"
	done
done
