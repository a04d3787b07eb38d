package loader

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/emu/mem"
)

// content is a file in memory.
type content []byte

func (c content) ReadPage(p []byte, index uint64) error {
	if off := index << mem.PageShift; off < uint64(len(c)) {
		copy(p, c[off:])
	}
	return nil
}

// testELF is what the tests' ELF files are made of.
type testELF struct {
	typ, machine uint16
	entry        uint64
	phdrs        []phdr
	interp       string
	size         int // of the file
}

// The segments of program: text, then data with 0x300 bytes of which 0x100 are in the
// file, and 0x2000 of bss.
var program = testELF{
	typ: etExec, machine: emX8664, entry: 0x401000, size: 0x3000,
	phdrs: []phdr{
		{typ: ptLoad, flags: pfR | pfX, off: 0, vaddr: 0x400000, filesz: 0x1800, memsz: 0x1800, align: 0x1000},
		{typ: ptLoad, flags: pfR | pfW, off: 0x1f00, vaddr: 0x402f00, filesz: 0x100 + 0x200, memsz: 0x2300, align: 0x1000},
	},
}

// with returns e changed by f.
func (e testELF) with(f func(e *testELF)) testELF {
	e.phdrs = append([]phdr(nil), e.phdrs...)
	f(&e)
	return e
}

// dynamic is a position-independent program with an interpreter.
func dynamic(e *testELF) {
	e.typ, e.entry, e.interp = etDyn, 0x1000, "/lib/ld.so"
	for i := range e.phdrs {
		e.phdrs[i].vaddr -= 0x400000
	}
}

func (e testELF) bytes() []byte {
	le := binary.LittleEndian
	b := make([]byte, e.size)
	for i := range b {
		b[i] = byte(i>>8) ^ byte(i) | 1 // never zero
	}
	clear(b[:ehdrSize])
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], e.typ)
	le.PutUint16(b[18:], e.machine)
	le.PutUint64(b[24:], e.entry)
	le.PutUint64(b[32:], ehdrSize)
	le.PutUint16(b[54:], phdrSize)
	phdrs := e.phdrs
	if e.interp != "" {
		copy(b[0x800:], e.interp+"\x00")
		phdrs = append([]phdr{{typ: ptInterp, off: 0x800, filesz: uint64(len(e.interp)) + 1}}, phdrs...)
	}
	le.PutUint16(b[56:], uint16(len(phdrs)))
	for i, p := range phdrs {
		q := b[ehdrSize+i*phdrSize:]
		le.PutUint32(q, p.typ)
		le.PutUint32(q[4:], p.flags)
		for j, v := range []uint64{p.off, p.vaddr, p.vaddr, p.filesz, p.memsz, p.align} {
			le.PutUint64(q[8+8*j:], v)
		}
	}
	return b
}

// world is a pool and files by path.
type world struct {
	pool  *mem.Pool
	files map[string][]byte
}

func newWorld() *world { return &world{mem.NewPool(64 << 20), map[string][]byte{}} }

func (w *world) open(path string) (*File, error) {
	b, ok := w.files[path]
	if !ok {
		return nil, abi.ENOENT
	}
	return &File{Object: mem.NewObject(w.pool, content(b), uint64(len(b))), Path: path, Ino: uint64(len(path))}, nil
}

func (w *world) load(path string, a Args) (*mem.Space, Start, error) {
	s := mem.NewSpace(w.pool)
	f, err := w.open(path)
	if err != nil {
		return nil, Start{}, err
	}
	st, err := Load(s, f, a, w.open, Info{UID: 7, Random: [16]byte{1, 2, 3}})
	return s, st, err
}

func TestErrors(t *testing.T) {
	static := program
	pie := program.with(dynamic)
	raw := func(b []byte, at int, v byte) []byte { b[at] = v; return b }
	for _, c := range []struct {
		name   string
		file   []byte
		want   abi.Errno
		fatal  bool
		reason string
	}{
		{"empty", nil, abi.ENOEXEC, false, "not an ELF file"},
		{"text", []byte("echo hello\n"), abi.ENOEXEC, false, "not an ELF file"},
		{"i386", static.with(func(e *testELF) { e.machine = 3 }).bytes(), abi.ENOEXEC, false, "i386"},
		{"arm64", static.with(func(e *testELF) { e.machine = 183 }).bytes(), abi.ENOEXEC, false, "arm64"},
		{"unknown machine", static.with(func(e *testELF) { e.machine = 999 }).bytes(), abi.ENOEXEC, false, "machine 999"},
		{"x32", raw(static.bytes(), identClass, 1), abi.ENOEXEC, false, "32-bit"},
		{"big-endian", raw(static.bytes(), identData, dataBig), abi.ENOEXEC, false, "big-endian"},
		{"object file", static.with(func(e *testELF) { e.typ = 1 }).bytes(), abi.ENOEXEC, false, "not a program"},
		{"core file", static.with(func(e *testELF) { e.typ = 4 }).bytes(), abi.ENOEXEC, false, "not a program"},
		{"header only", static.bytes()[:ehdrSize], abi.ENOEXEC, false, "truncated"},
		{"half a header", static.bytes()[:30], abi.ENOEXEC, false, "corrupt headers"},
		{"phentsize", raw(static.bytes(), 54, 32), abi.ENOEXEC, false, "corrupt headers"},
		{"no program headers", raw(static.bytes(), 56, 0), abi.ENOEXEC, false, "corrupt headers"},
		{"too many program headers", raw(static.bytes(), 57, 0xff), abi.ENOEXEC, false, "corrupt headers"},
		{"no segments", static.with(func(e *testELF) { e.phdrs[0].typ, e.phdrs[1].typ = 5, 5 }).bytes(), abi.EINVAL, true, "no loadable"},
		{"filesz > memsz", static.with(func(e *testELF) { e.phdrs[1].memsz = 1 }).bytes(), abi.EINVAL, true, "outside"},
		{"kernel address", static.with(func(e *testELF) { e.phdrs[0].vaddr = 1 << 63 }).bytes(), abi.EINVAL, true, "outside"},
		{"wrapping segment", static.with(func(e *testELF) { e.phdrs[1].memsz = ^uint64(0) - 0x1000 }).bytes(), abi.EINVAL, true, ""},
		{"low address", static.with(func(e *testELF) { e.phdrs[0].vaddr = 0 }).bytes(), abi.EPERM, true, "below the lowest"},
		{"over the stack", static.with(func(e *testELF) { e.phdrs[0].vaddr = mem.Limit - 0x4000 }).bytes(), abi.EEXIST, true, "stack"},
		{"offset not congruent", static.with(func(e *testELF) { e.phdrs[1].off++ }).bytes(), abi.EINVAL, true, "offset"},
		{"entry in the kernel", static.with(func(e *testELF) { e.entry = 1 << 63 }).bytes(), abi.EINVAL, true, "entry"},
		{"bss larger than memory", static.with(func(e *testELF) { e.phdrs[1].memsz = 1 << 40 }).bytes(), abi.ENOMEM, true, ""},
		{"data behind the end", static.with(func(e *testELF) { e.size = 0x1800 }).bytes(), abi.EFAULT, true, "truncated"},
		{"interpreter missing", pie.with(func(e *testELF) { e.interp = "/none" }).bytes(), abi.ENOENT, false, "/none"},
		{"interpreter is text", pie.with(func(e *testELF) { e.interp = "/text" }).bytes(), abi.ELIBBAD, false, "/text"},
		{"interpreter is short", pie.with(func(e *testELF) { e.interp = "/short" }).bytes(), abi.EIO, false, "/short"},
		{"interpreter for arm64", pie.with(func(e *testELF) { e.interp = "/arm" }).bytes(), abi.ELIBBAD, false, "arm64"},
		{"interpreter name without end", raw(pie.bytes(), 0x800+len("/lib/ld.so"), 'x'), abi.ENOEXEC, false, "interpreter name"},
		{"interpreter name empty", pie.with(func(e *testELF) {
			e.interp = ""
			e.phdrs = append(e.phdrs, phdr{typ: ptInterp, filesz: 1})
		}).bytes(), abi.ENOEXEC, false, "interpreter name"},
		{"interpreter name behind the end", pie.with(func(e *testELF) {
			e.interp = ""
			e.phdrs = append(e.phdrs, phdr{typ: ptInterp, off: 0x9000, filesz: 10})
		}).bytes(), abi.EIO, false, "truncated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.files["/p"] = c.file
			w.files["/text"] = []byte(strings.Repeat("text ", 30))
			w.files["/short"] = []byte("\x7fELF")
			w.files["/arm"] = static.with(func(e *testELF) { e.machine = 183 }).bytes()
			_, _, err := w.load("/p", Args{Filename: "/p", Argv: []string{"p"}})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an Error", err)
			}
			if e.Errno != c.want || e.Fatal != c.fatal || !strings.Contains(e.Reason, c.reason) {
				t.Errorf("got %v fatal %v %q, want %v fatal %v %q", e.Errno, e.Fatal, e.Reason, c.want, c.fatal, c.reason)
			}
		})
	}
}

func TestScriptLine(t *testing.T) {
	for _, c := range []struct{ line, name, arg string }{
		{"#!/bin/sh\n", "/bin/sh", ""},
		{"#! /bin/sh -e \n", "/bin/sh", "-e"},
		{"#!\t/bin/sh\t-e  -x\t\n", "/bin/sh", "-e  -x"},
		{"#!/bin/sh", "/bin/sh", ""},
		{"#!/bin/sh\x00-e\n", "/bin/sh", ""},
		{"#!/bin/sh -e\x00-x\n", "/bin/sh", "-e"},
		{"#!sh\n", "sh", ""},
		{"#!/bin/sh -a\r\n", "/bin/sh", "-a\r"},
		{"#!\n/bin/sh", "", ""},
		{"#!   \n", "", ""},
		{"#!" + strings.Repeat(" ", 300), "", ""},
		{"#!/" + strings.Repeat("x", 251) + " y\n", "/" + strings.Repeat("x", 251), ""},
		{"#!/" + strings.Repeat("x", 252) + "\n", "/" + strings.Repeat("x", 252), ""},
		{"#!/" + strings.Repeat("x", 253) + "\n", "", ""}, // no room to see its end
		{"#!/bin/sh " + strings.Repeat("a", 300), "/bin/sh", strings.Repeat("a", 245)},
	} {
		head := make([]byte, headSize)
		copy(head, c.line)
		name, arg, err := parseScript(head)
		if got, want := []string{name, arg}, []string{c.name, c.arg}; !cmp.Equal(got, want) || (err != nil) != (c.name == "") {
			t.Errorf("%.40q: got %q %v, want %q", c.line, got, err, want)
		}
	}
}

func TestScript(t *testing.T) {
	w := newWorld()
	w.files["/bin/sh"] = program.bytes()
	w.files["/s1"] = []byte("#!/bin/sh -e\n")
	w.files["/s2"] = []byte("#!/s1\n")
	w.files["/loop"] = []byte("#!/loop\n")
	for _, c := range []struct {
		path string
		argv []string
		want []string
		err  error
	}{
		{"/s1", []string{"zero", "one"}, []string{"/bin/sh", "-e", "./given", "one"}, nil},
		{"/s2", []string{"zero", "one"}, []string{"/bin/sh", "-e", "/s1", "./given", "one"}, nil},
		{"/s1", nil, []string{"/bin/sh", "-e", "./given"}, nil},
		{"/loop", []string{"x"}, nil, abi.ELOOP},
	} {
		s, st, err := w.load(c.path, Args{Filename: "./given", Argv: c.argv})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", c.path, err, c.err)
		}
		if err == nil {
			got := readStack(t, s, st)
			if diff := cmp.Diff(c.want, got.argv); diff != "" {
				t.Errorf("%s: argv (-want +got)\n%s", c.path, diff)
			}
			if got.execfn != "./given" || st.Exe.Path != "/bin/sh" {
				t.Errorf("%s: execfn %q, exe %q", c.path, got.execfn, st.Exe.Path)
			}
		}
	}
}

// frame is the initial stack as a program sees it.
type frame struct {
	argv, envp []string
	execfn     string
	aux        map[uint64]uint64
}

func readStack(t *testing.T, s *mem.Space, st Start) frame {
	t.Helper()
	if st.RSP&15 != 0 {
		t.Errorf("RSP %#x is not aligned", st.RSP)
	}
	at := st.RSP
	word := func() uint64 {
		v, err := s.Uint64(at)
		if err != nil {
			t.Fatal(err)
		}
		at += 8
		return v
	}
	text := func(a uint64) string {
		x, err := s.ReadString(a, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	f := frame{aux: map[uint64]uint64{}}
	for range word() {
		f.argv = append(f.argv, text(word()))
	}
	if word() != 0 {
		t.Error("argv does not end in NULL")
	}
	for p := word(); p != 0; p = word() {
		f.envp = append(f.envp, text(p))
	}
	for k := word(); k != abi.AT_NULL; k = word() {
		f.aux[k] = word()
	}
	f.execfn = text(f.aux[abi.AT_EXECFN])
	if x := text(f.aux[abi.AT_PLATFORM]); x != "x86_64" {
		t.Errorf("platform %q", x)
	}
	if b, _ := s.Uint8(f.aux[abi.AT_RANDOM] + 2); b != 3 {
		t.Error("AT_RANDOM is not the random bytes")
	}
	return f
}

func TestStatic(t *testing.T) {
	w := newWorld()
	w.files["/p"] = program.bytes()
	s, st, err := w.load("/p", Args{Filename: "p", Argv: []string{"p", "", "x"}, Envp: []string{"A=1", "B=2"}})
	if err != nil {
		t.Fatal(err)
	}
	f := readStack(t, s, st)
	if diff := cmp.Diff([]string{"p", "", "x"}, f.argv); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A=1", "B=2"}, f.envp); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[uint64]uint64{
		abi.AT_PHDR: 0x400040, abi.AT_PHENT: 56, abi.AT_PHNUM: 2, abi.AT_ENTRY: 0x401000, abi.AT_BASE: 0,
		abi.AT_PAGESZ: 4096, abi.AT_UID: 7, abi.AT_CLKTCK: 100,
	} {
		if f.aux[key] != want {
			t.Errorf("aux %d: got %#x, want %#x", key, f.aux[key], want)
		}
	}
	if s.Layout.StartBrk != 0x406000 {
		t.Errorf("brk starts at %#x", s.Layout.StartBrk)
	}
	b := program.bytes()
	for at, want := range map[uint64]byte{
		0x400000: 0x7f, 0x401800: b[0x1800], 0x402f00: b[0x1f00], 0x4031ff: b[0x21ff], 0x403200: 0, 0x405200: 0,
	} {
		if got, err := s.Uint8(at); got != want || err != nil {
			t.Errorf("byte at %#x: got %#x %v, want %#x", at, got, err, want)
		}
	}
	if _, err := s.Uint8(0x406000); err == nil {
		t.Error("memory behind the bss")
	}
}

func TestDynamic(t *testing.T) {
	w := newWorld()
	w.files["/p"] = program.with(dynamic).bytes()
	w.files["/lib/ld.so"] = program.with(func(e *testELF) { dynamic(e); e.interp = "" }).bytes()
	s, st, err := w.load("/p", Args{Filename: "p", Argv: []string{"p"}})
	if err != nil {
		t.Fatal(err)
	}
	f := readStack(t, s, st)
	const base = 0x7ffff7fff000 - 0x6000
	for key, want := range map[uint64]uint64{
		abi.AT_PHDR: 0x555555554040, abi.AT_ENTRY: 0x555555555000, abi.AT_BASE: base,
	} {
		if f.aux[key] != want {
			t.Errorf("aux %d: got %#x, want %#x", key, f.aux[key], want)
		}
	}
	if st.RIP != base+0x1000 {
		t.Errorf("RIP %#x", st.RIP)
	}
	if s.Layout.Brk != 0x55555555a000 {
		t.Errorf("brk %#x", s.Layout.Brk)
	}
	s, st, err = w.load("/lib/ld.so", Args{Filename: "ld.so", Argv: []string{"ld.so"}})
	if err != nil || st.RIP != base+0x1000 || s.Layout.Brk != dynBase {
		t.Errorf("interpreter alone: RIP %#x brk %#x %v", st.RIP, s.Layout.Brk, err)
	}
}

func TestTooBig(t *testing.T) {
	w := newWorld()
	w.files["/p"] = program.bytes()
	many := make([]string, 50_000)
	for i := range many {
		many[i] = strings.Repeat("x", 40)
	}
	for _, c := range []struct {
		name string
		a    Args
		want error
	}{
		{"longest string", Args{Argv: []string{strings.Repeat("x", MaxArgStrlen-1)}}, nil},
		{"longer string", Args{Argv: []string{strings.Repeat("x", MaxArgStrlen)}}, abi.E2BIG},
		{"many", Args{Argv: many[:40_000]}, nil},
		{"too many", Args{Argv: many}, abi.E2BIG},
	} {
		if _, _, err := w.load("/p", c.a); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// FuzzLoad loads arbitrary bytes as program and interpreter: it must neither panic nor
// use more memory than the pool has.
func FuzzLoad(f *testing.F) {
	f.Add(program.bytes()[:0x400], []byte("#!/bin/sh"))
	f.Add(program.with(dynamic).bytes()[:0x900], program.with(dynamic).bytes()[:0x400])
	f.Fuzz(func(t *testing.T, prog, ld []byte) {
		w := &world{mem.NewPool(4 << 20), map[string][]byte{"/p": prog, "/lib/ld.so": ld}}
		s, st, err := w.load("/p", Args{Filename: "/p", Argv: []string{"p"}})
		if err == nil && (st.RIP >= mem.Limit || st.RSP >= mem.Limit) {
			t.Errorf("RIP %#x RSP %#x", st.RIP, st.RSP)
		}
		if s != nil {
			s.Release()
		}
	})
}
