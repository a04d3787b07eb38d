package main

import (
	"errors"
	"strconv"
	"strings"
)

// size is a number of bytes with an optional suffix: 512M, 2G, 1.5GiB.
type size uint64

var errSize = errors.New("want a number of bytes such as 512M or 2GiB")

// Set implements cli.Generic.
func (z *size) Set(s string) error {
	t := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I")
	shift := 0
	if i := strings.IndexAny(t, "KMGT"); i >= 0 && i == len(t)-1 {
		shift = 10 * (1 + strings.IndexByte("KMGT", t[i]))
		t = t[:i]
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || !(f >= 0 && f < float64(uint64(1)<<(62-shift))) {
		return errSize
	}
	*z = size(f * float64(uint64(1)<<shift))
	return nil
}

// String implements cli.Generic.
func (z *size) String() string {
	if *z == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(*z), 10)
}
