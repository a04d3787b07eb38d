// Package crosstest runs tests of a package on other architectures: under Debian's
// qemu-user on arm64, riscv64 and the big-endian s390x, and under Node on js/wasm.
//
// Such a test must carry in its binary what it reads: it runs in an empty directory.
package crosstest
