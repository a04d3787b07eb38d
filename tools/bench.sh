#!/bin/sh
# Prints the performance tables: native, qemu-user where installed, and emurun.
set -eu
cd "$(dirname "$0")/.."
exec go run ./tools/bench -emurun bin/emurun "$@"
