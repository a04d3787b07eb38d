//go:build s390x || ppc64 || mips || mips64

package interp

const bigEndian = true
