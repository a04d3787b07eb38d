#!/bin/sh
# Installs the Debian packages that the tests and the demo run as guests or as
# oracles. Without root or apt it says what is missing, and the tests that need it
# skip with the reason.
set -u

# command:package; what is already there is not asked for.
want="busybox:busybox-static gawk:gawk mawk:mawk bc:bc jq:jq m4:m4 lua5.4:lua5.4 sqlite3:sqlite3 xz:xz-utils
bzip2:bzip2 /usr/bin/python3:python3 dash:dash git:git make:make gcc:gcc objdump:binutils openssl:openssl perl:perl
qemu-aarch64:qemu-user node:nodejs musl-gcc:musl-tools find:findutils file:file mkfs.ext4:e2fsprogs mount:mount"

missing=
for w in $want; do
	command -v "${w%%:*}" >/dev/null 2>&1 || missing="$missing ${w#*:}"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/tmp/emurun-setup.log 2>&1 </dev/null && exit 0
	echo "could not install everything (see /tmp/emurun-setup.log):$missing" >&2
else
	echo "not installed, and not root with apt:$missing" >&2
fi
echo "the tests that need these are skipped" >&2
exit 0
