package fp

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/digests.txt")

const (
	digestFile    = "testdata/digests.txt"
	digestVectors = 500
)

//go:embed testdata/digests.txt
var storedDigests string

// digest is FNV-1a over 64-bit words.
type digest uint64

func (d *digest) add(words ...uint64) {
	for _, w := range words {
		for range 8 {
			*d = (*d ^ digest(w&0xff)) * 0x100000001b3
			w >>= 8
		}
	}
}

// TestDigests holds the results and flags of every operation in every mode to those
// of the host where the file was written. There TestSSEHost and TestX87Host compare
// them with the CPU's; here every other host is compared with that one.
func TestDigests(t *testing.T) {
	got := map[string]string{}
	for _, name := range sseNames() {
		got[name] = sseDigest(name)
	}
	for _, ops := range []map[string]x87Op{x87Ops, transcendentals} {
		for name, op := range ops {
			got["x87."+name] = x87Digest(name, op)
		}
	}
	if *update {
		writeDigests(t, got)
	}
	want := readDigests()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s: digest %s, want %s; the host test of linux/amd64 finds the vector", name, got[name], want[name])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d digests stored for %d operations", len(want), len(got))
	}
}

func sseDigest(name string) string {
	op, g, d := sseOps[name], rng(len(name)), digest(0xcbf29ce484222325)
	for _, mode := range modes() {
		for range digestVectors {
			x, y, z := op.operands(&g)
			r, flags := op.do(x, y, z, mode)
			d.add(r, uint64(flags))
		}
	}
	return fmt.Sprintf("%016x", uint64(d))
}

func x87Digest(name string, op x87Op) string {
	g, d := rng(len(name)), digest(0xcbf29ce484222325)
	for _, cw := range modes80() {
		for range digestVectors {
			x, y, m := op.operands(&g)
			r := op.do(x, y, m, cw)
			d.add(r.R.Mant, uint64(r.R.SE), r.R2.Mant, uint64(r.R2.SE), uint64(r.SW))
		}
	}
	return fmt.Sprintf("%016x", uint64(d))
}

func writeDigests(t *testing.T, got map[string]string) {
	var b strings.Builder
	fmt.Fprintf(&b, "# %d operand sets in each mode; go test -update on linux/amd64 writes this\n", digestVectors)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		fmt.Fprintln(&b, name, got[name])
	}
	storedDigests = b.String()
	if err := os.WriteFile(digestFile, []byte(storedDigests), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readDigests() map[string]string {
	want := map[string]string{}
	for s := bufio.NewScanner(strings.NewReader(storedDigests)); s.Scan(); {
		if name, sum, ok := strings.Cut(s.Text(), " "); ok && name != "#" {
			want[name] = sum
		}
	}
	return want
}
