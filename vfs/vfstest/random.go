package vfstest

import (
	"fmt"
	"math/rand"
)

// RandomLine makes an operation on a few names, so that they meet.
func RandomLine(r *rand.Rand) Line {
	path := func() string {
		p := string(rune('a' + r.Intn(4)))
		for r.Intn(2) == 0 {
			p += "/" + string(rune('a'+r.Intn(4)))
		}
		return p
	}
	pick := func(s ...string) string { return s[r.Intn(len(s))] }
	num := func(n int) string { return fmt.Sprint(r.Intn(n)) }
	calls := [][]string{
		{"mkdir", path(), pick("755", "700", "2775")},
		{"mkdir", path(), "755"},
		{"open", path(), pick("creat|wronly", "creat|excl|rdwr", "creat|trunc|wronly", "rdonly", "rdwr|trunc"), "644"},
		{"write", path(), num(20000), pick("hello", "some-longer-text", "x")},
		{"write", path(), num(9), pick("hello", "some-longer-text", "x")},
		{"append", path(), "tail"},
		{"truncate", path(), num(12000)},
		{"unlink", path()},
		{"rmdir", path()},
		{"rename", path(), path(), "-"},
		{"rename", path(), path(), "-"},
		{"rename", path(), path(), pick("-", "noreplace", "exchange")},
		{"link", path(), path()},
		{"symlink", pick("a", "b/c", "./d", "none"), path()},
		{"chmod", path(), pick("600", "755", "4711")},
		{"chown", path(), num(3), num(3)},
		{"setxattr", path(), pick("user.a", "user.b"), num(9)},
		{"removexattr", path(), "user.a"},
		{"fallocate", path(), pick("-", "keep|punch", "zero", "keep"), num(9000), num(9000)},
		{"read", path()},
		{"ls", path()},
		{"lstat", path()},
		{"readlink", path()},
	}
	c := calls[r.Intn(len(calls))]
	return Line{Op: c[0], Args: c[1:]}
}
