package loader

import (
	"encoding/binary"
	"fmt"

	"emurun/abi"
)

// Constants of elf(5).
const (
	etExec, etDyn         = 2, 3
	emX8664               = 62
	ptLoad, ptInterp      = 1, 3
	ptGNUStack            = 0x6474e551
	pfX, pfW, pfR         = 1, 2, 4
	ehdrSize, phdrSize    = 64, 56
	maxPhdrs              = 65536 / phdrSize
	pathMax               = 4096
	identClass, identData = 4, 5
	class64, dataBig      = 2, 2
)

// machines names the architectures that users meet, for error texts.
var machines = map[uint16]string{
	3: "i386", 8: "MIPS", 20: "PowerPC", 21: "ppc64", 22: "s390", 40: "ARM", 183: "arm64",
	243: "RISC-V", 258: "LoongArch",
}

// header is the part of an ELF header that loading needs.
type header struct {
	typ, machine     uint16
	entry, phoff     uint64
	phentsize, phnum uint16
	phdrs            []phdr
}

// phdr is a program header.
type phdr struct {
	typ, flags                       uint32
	off, vaddr, filesz, memsz, align uint64
}

// readHeader checks the ELF header in head and reads the program headers. bad is the
// error number for what is wrong: ENOEXEC, or ELIBBAD for an interpreter.
func readHeader(f *File, head []byte, bad abi.Errno) (*header, error) {
	if string(head[:4]) != "\x7fELF" {
		return nil, fail(bad, "is not an ELF file")
	}
	le := binary.LittleEndian
	h := &header{
		typ: le.Uint16(head[16:]), machine: le.Uint16(head[18:]), entry: le.Uint64(head[24:]),
		phoff: le.Uint64(head[32:]), phentsize: le.Uint16(head[54:]), phnum: le.Uint16(head[56:]),
	}
	if err := h.checkKind(head, bad); err != nil {
		return nil, err
	}
	if h.phentsize != phdrSize || h.phnum == 0 || h.phnum > maxPhdrs {
		return nil, fail(bad, "has corrupt headers: %d program headers of %d bytes", h.phnum, h.phentsize)
	}
	raw := make([]byte, int(h.phnum)*phdrSize)
	if n, err := f.Object.ReadAt(raw, h.phoff); err != nil || n < len(raw) {
		return nil, fail(bad, "is truncated: its program headers are missing")
	}
	for ; len(raw) > 0; raw = raw[phdrSize:] {
		h.phdrs = append(h.phdrs, phdr{
			typ: le.Uint32(raw), flags: le.Uint32(raw[4:]), off: le.Uint64(raw[8:]), vaddr: le.Uint64(raw[16:]),
			filesz: le.Uint64(raw[32:]), memsz: le.Uint64(raw[40:]), align: le.Uint64(raw[48:]),
		})
	}
	return h, nil
}

// checkKind checks that the file is a program for this machine.
func (h *header) checkKind(head []byte, bad abi.Errno) error {
	if head[identData] == dataBig { // big-endian: the machine number reads swapped
		return fail(bad, "is for a big-endian machine, not x86-64")
	}
	if h.machine != emX8664 {
		name, ok := machines[h.machine]
		if !ok {
			name = fmt.Sprintf("machine %d", h.machine)
		}
		return fail(bad, "is for %s, not x86-64", name)
	}
	if head[identClass] != class64 {
		return fail(bad, "is a 32-bit (x32) program, which is not supported")
	}
	if h.typ != etExec && h.typ != etDyn {
		return fail(bad, "is an ELF file but not a program")
	}
	return nil
}

// interp returns the path of the interpreter that PT_INTERP names, or "".
func (h *header) interp(f *File) (string, error) {
	for _, p := range h.phdrs {
		if p.typ != ptInterp {
			continue
		}
		if p.filesz > pathMax || p.filesz < 2 {
			return "", fail(abi.ENOEXEC, "has a corrupt interpreter name")
		}
		b := make([]byte, p.filesz)
		if n, err := f.Object.ReadAt(b, p.off); err != nil || n < len(b) {
			return "", fail(abi.EIO, "is truncated: its interpreter name is missing")
		}
		if b[len(b)-1] != 0 {
			return "", fail(abi.ENOEXEC, "has a corrupt interpreter name")
		}
		for i, c := range b {
			if c == 0 {
				return string(b[:i]), nil
			}
		}
	}
	return "", nil
}

// execStack reports whether PT_GNU_STACK asks for an executable stack.
func (h *header) execStack() bool {
	for _, p := range h.phdrs {
		if p.typ == ptGNUStack {
			return p.flags&pfX != 0
		}
	}
	return false
}

// extent returns the page-aligned distance from the first to the last byte of the
// PT_LOAD segments, which are as Linux expects in ascending order, and the largest
// alignment.
func (h *header) extent() (size, align uint64) {
	lo, hi := ^uint64(0), uint64(0)
	align = 1
	for _, p := range h.phdrs {
		if p.typ != ptLoad {
			continue
		}
		lo = min(lo, pageDown(p.vaddr))
		hi = max(hi, p.vaddr+p.memsz)
		if p.align&(p.align-1) == 0 {
			align = max(align, p.align)
		}
	}
	if hi <= lo {
		return 0, align
	}
	return hi - lo, align
}
