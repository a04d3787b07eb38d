#!/bin/sh
# Prints the performance tables: native, qemu-user where installed, and emurun; then checkpoints of a
# guest of 1 GiB, and what checkpoints cost a guest that computes.
set -eu
cd "$(dirname "$0")/.."
go run ./tools/bench -emurun bin/emurun "$@"

echo
echo "Checkpoints of a guest with ${RESIDENT:-1024} MiB in memory"
go test ./checkpoint -run xxx -bench . -benchtime 3x | grep Benchmark

echo
echo "Seconds of a guest that computes, without checkpoints and with one every 5 s, three times each, in turn"
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
for _ in 1 2 3; do
	for flags in --discard "--discard --store $store --job bench --checkpoint-every 5s"; do
		start=$(date +%s%N)
		# shellcheck disable=SC2086
		bin/emurun $flags sh -c 'for i in 1 2 3 4 5 6 7 8; do testbins/bin/bench/sieve; done' >/dev/null
		end=$(date +%s%N)
		printf '%d.%03d  %s\n' $(((end - start) / 1000000000)) $(((end - start) / 1000000 % 1000)) "${flags#--discard}"
	done
done
