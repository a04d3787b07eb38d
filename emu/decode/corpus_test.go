package decode_test

import (
	"bufio"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"emurun/emu/decode"
	"emurun/emu/x86/isa"
)

// corpus are programs that Debian 12 installs, and the Go tool. data is how
// many differences are tolerated where tables lie between the functions: objdump
// reads them as code and loses step.
var corpus = []struct {
	path  string
	pkg   string
	data  int
	large bool
}{
	{path: "/lib/x86_64-linux-gnu/libc.so.6", pkg: "libc6"},
	{path: "/lib/x86_64-linux-gnu/libm.so.6", pkg: "libc6"},
	{path: "/lib64/ld-linux-x86-64.so.2", pkg: "libc6"},
	{path: "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", pkg: "libstdc++6"},
	{path: "/usr/lib/x86_64-linux-gnu/libcrypto.so.3", pkg: "libssl3", data: 2000},
	{path: "/usr/bin/bash", pkg: "bash"},
	{path: "/usr/bin/git", pkg: "git"},
	{path: "/usr/bin/python3.11", pkg: "python3"},
	{path: "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", pkg: "gcc", large: true},
	{path: goTool(), pkg: "Go", large: true},
}

// goTool returns the path of the go command, "" without one.
func goTool() string {
	path, err := exec.LookPath("go")
	if err != nil {
		return ""
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	return path
}

// wantInstructions is how many instructions the whole corpus must have.
const wantInstructions = 5_000_000

// findings are differences, or instructions not offered, and how often they were seen.
type findings map[string]int

// total returns the number of findings.
func (f findings) total() int {
	n := 0
	for _, k := range f {
		n += k
	}
	return n
}

// report logs the most frequent findings.
func (f findings) report(t *testing.T, title string) {
	keys := slices.SortedFunc(maps.Keys(f), func(a, b string) int { return f[b] - f[a] })
	t.Logf("%s: %d", title, f.total())
	for _, k := range keys[:min(20, len(keys))] {
		t.Logf("  %7d %s", f[k], k)
	}
}

// TestCorpus compares every instruction of real programs: its length with
// objdump's, its operation and operands with x86asm's.
func TestCorpus(t *testing.T) {
	if _, err := exec.LookPath("objdump"); err != nil {
		t.Skip("SKIPPED: objdump is missing (Debian package binutils)")
	}
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	count, files := 0, 0
	for _, f := range corpus {
		t.Run(filepath.Base(f.path), func(t *testing.T) {
			if f.large && testing.Short() {
				t.Skip("large: not with -short")
			}
			c := comparison{rows: rows, bad: findings{}, missing: findings{}}
			if err := c.file(f.path); errors.Is(err, os.ErrNotExist) {
				t.Skipf("SKIPPED: %s is missing (%s)", f.path, f.pkg)
			} else if err != nil {
				t.Fatal(err)
			}
			count, files = count+c.n, files+1
			t.Logf("%d instructions, %d of them of extensions that are not offered", c.n, c.missing.total())
			if n := c.bad.total(); n > 0 {
				c.bad.report(t, "differences")
				if n > f.data {
					t.Errorf("%d differences, of which %d may be data", n, f.data)
				}
			}
		})
	}
	t.Logf("%d instructions", count)
	if files == len(corpus) && count < wantInstructions {
		t.Errorf("%d instructions, want at least %d", count, wantInstructions)
	}
}

// comparison compares one file's instructions.
type comparison struct {
	rows         []isa.Row
	n            int
	bad, missing findings
}

// file compares .text of one file, instruction by instruction as objdump finds them.
func (c *comparison) file(name string) error {
	f, err := elf.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	text := f.Section(".text")
	code, err := text.Data()
	if err != nil {
		return err
	}
	cmd := exec.Command("objdump", "-d", "-w", "--no-show-raw-insn", "-j", ".text", name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	sc := bufio.NewScanner(out)
	var prev uint64
	var prevText []byte
	for sc.Scan() {
		addr, ins, ok := parseLine(sc.Bytes())
		if !ok {
			continue
		}
		if prev != 0 && addr > prev {
			c.instruction(code[prev-text.Addr:], int(addr-prev), prevText)
		}
		prev, prevText = addr, append(prevText[:0], ins...)
	}
	if err := sc.Err(); err != nil {
		return err
	}
	return cmd.Wait()
}

// parseLine reads a line of objdump, "  401000:\tpush   %rbp".
func parseLine(line []byte) (addr uint64, text []byte, ok bool) {
	i := bytes.Index(line, []byte(":\t"))
	if i < 0 {
		return 0, nil, false
	}
	addr, err := strconv.ParseUint(string(bytes.TrimLeft(line[:i], " ")), 16, 64)
	return addr, line[i+2:], err == nil
}

// instruction compares one instruction.
func (c *comparison) instruction(code []byte, length int, text []byte) {
	c.n++
	var in decode.Inst
	err := decode.Decode(code, &in)
	name := objdumpName(text)
	switch {
	case err != nil && (name == "(bad)" || name == ""):
	case err != nil && !offers(name):
		c.missing[name]++
	case err != nil:
		c.bad[fmt.Sprintf("%v: %s", err, name)]++
	case int(in.Len) != length && inGap(objdumpGaps, &c.rows[in.Row-1], &in, code[:in.Len]):
	case int(in.Len) != length:
		c.bad[fmt.Sprintf("length %d, objdump %d: %s", in.Len, length, name)]++
	default:
		r := &c.rows[in.Row-1]
		if inGap(x86asmGaps, r, &in, code[:length]) {
			return
		}
		if diff := compare(r, &in, code); diff != "" {
			c.bad[r.Name+": "+diff]++
		}
	}
}

// objdumpName returns the operation in a line of objdump, without prefixes; "" if
// there are only prefixes, which objdump splits off where it does not like the order.
func objdumpName(text []byte) string {
	for _, w := range strings.Fields(string(text)) {
		switch w {
		case "bnd", "notrack", "rep", "repz", "repnz", "lock", "data16", "addr32", "cs", "ds", "es", "ss", "fs", "gs",
			"xacquire", "xrelease":
			continue
		}
		if !strings.HasPrefix(w, "rex") {
			return w
		}
	}
	return ""
}
