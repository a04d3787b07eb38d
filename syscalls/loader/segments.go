package loader

import (
	"errors"

	"emurun/abi"
	"emurun/emu/mem"
)

// dynBase is where position-independent programs with an interpreter are loaded: two
// thirds up the address space (ELF_ET_DYN_BASE).
const dynBase = mem.Limit / 3 * 2 &^ mem.PageMask

func pageDown(a uint64) uint64 { return a &^ mem.PageMask }
func pageUp(a uint64) uint64   { return (a + mem.PageMask) &^ mem.PageMask }

// fatal marks err as one that Linux meets after the old program is gone.
func fatal(err error) error {
	var e *Error
	var errno abi.Errno
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return &Error{Errno: e.Errno, Reason: e.Reason, Fatal: true}
	case errors.As(err, &errno):
		return &Error{Errno: errno, Reason: "cannot be mapped: " + errno.Error(), Fatal: true}
	}
	return err
}

// loadELF loads the program f, whose first bytes are head, with its interpreter.
func loadELF(s *mem.Space, f *File, head []byte, a Args, open Opener, info Info) (Start, error) {
	h, err := readHeader(f, head, abi.ENOEXEC)
	if err != nil {
		return Start{}, err
	}
	path, err := h.interp(f)
	if err != nil {
		return Start{}, err
	}
	var ld *File
	var ldHeader *header
	if path != "" {
		if ld, ldHeader, err = openInterp(path, open); err != nil {
			return Start{}, err
		}
	}
	st := stack{space: s, exec: h.execStack()}
	if err := st.strings(a); err != nil {
		return Start{}, err
	}
	prog, err := h.load(s, f, h.base(path != ""))
	if err != nil {
		return Start{}, fatal(err)
	}
	entry, base := prog.entry, uint64(0)
	if ld != nil {
		image, err := ldHeader.load(s, ld, 0)
		if err != nil {
			return Start{}, fatal(err)
		}
		entry, base = image.entry, image.bias
	}
	prog.layout(s, h.typ == etDyn && path == "")
	rsp := st.finish(a, info.auxv(h, prog, base), info)
	return Start{RIP: entry, RSP: rsp, Exe: f, Auxv: st.auxv}, fatal(st.err)
}

// openInterp opens the ELF interpreter at path.
func openInterp(path string, open Opener) (*File, *header, error) {
	f, err := open(path)
	if err != nil {
		var errno abi.Errno
		if errors.As(err, &errno) {
			return nil, nil, fail(errno, "needs the interpreter %s: %v", path, errno)
		}
		return nil, nil, err
	}
	head := make([]byte, headSize)
	n, err := f.Object.ReadAt(head, 0)
	if err != nil || n < ehdrSize {
		return nil, nil, fail(abi.EIO, "has the interpreter %s, which is too short", path)
	}
	h, err := readHeader(f, head, abi.ELIBBAD)
	var e *Error
	if errors.As(err, &e) {
		return nil, nil, fail(e.Errno, "has the interpreter %s, which %s", path, e.Reason)
	}
	return f, h, err
}

// base returns where the first segment goes: 0 for anywhere.
func (h *header) base(interp bool) uint64 {
	if h.typ != etDyn || !interp {
		return 0
	}
	_, align := h.extent()
	return dynBase &^ (align - 1)
}

// image is a program or interpreter in memory.
type image struct {
	bias, entry        uint64
	phdr               uint64 // address of the program headers, or 0
	startCode, endCode uint64
	startData, endData uint64
	brk                uint64
}

// load maps the segments of f. A position-independent file goes to base, or if that is
// 0 below the other mappings.
func (h *header) load(s *mem.Space, f *File, base uint64) (image, error) {
	size, align := h.extent()
	if size == 0 {
		return image{}, fail(abi.EINVAL, "has no loadable segments")
	}
	img := image{startCode: ^uint64(0)}
	first := true
	for _, p := range h.phdrs {
		if p.typ != ptLoad {
			continue
		}
		if first && h.typ == etDyn {
			if size > mem.Limit {
				return img, fail(abi.ENOMEM, "is larger than the address space")
			}
			if base == 0 {
				var err error
				if base, err = anywhere(s, size, align); err != nil {
					return img, err
				}
			}
			img.bias = base - pageDown(p.vaddr)
		}
		if err := h.segment(s, f, p, img.bias, first); err != nil {
			return img, err
		}
		first = false
		img.note(h, p)
	}
	img.entry = h.entry + img.bias
	if img.entry >= mem.Limit {
		return img, fail(abi.EINVAL, "has its entry outside the address space")
	}
	return img, nil
}

// anywhere returns a free place for size bytes.
func anywhere(s *mem.Space, size, align uint64) (uint64, error) {
	if align <= mem.PageSize {
		align = 0
	}
	if align > mem.Limit-size {
		return 0, abi.ENOMEM
	}
	a, ok := s.FindFree(0, pageUp(size+align))
	if !ok {
		return 0, abi.ENOMEM
	}
	if align > 0 {
		a = (a + align - 1) &^ (align - 1)
	}
	return a, nil
}

// segment maps one PT_LOAD segment.
func (h *header) segment(s *mem.Space, f *File, p phdr, bias uint64, first bool) error {
	a := p.vaddr + bias
	if a >= mem.Limit || p.filesz > p.memsz || p.memsz > mem.Limit || a > mem.Limit-p.memsz {
		return fail(abi.EINVAL, "has a segment outside the address space")
	}
	lo, fileEnd, end := pageDown(a), pageUp(a+p.filesz), pageUp(a+p.memsz)
	switch {
	case lo == end:
		return nil
	case lo < minAddress:
		return fail(abi.EPERM, "has a segment at address %#x, below the lowest allowed", a)
	case first && !s.Free(lo, max(fileEnd, end)):
		return fail(abi.EEXIST, "has a segment where the stack is")
	}
	prot := protOf(p.flags)
	if p.filesz > 0 {
		off := p.off - a&mem.PageMask
		if off&mem.PageMask != 0 || off > p.off {
			return fail(abi.EINVAL, "has a segment whose offset does not fit its address")
		}
		m := mem.Mapping{
			Start: lo, End: fileEnd, Prot: prot, Object: f.Object, Offset: off,
			Name: f.Path, Dev: f.Dev, Ino: f.Ino,
		}
		if err := s.Map(m); err != nil {
			return err
		}
	} else {
		fileEnd = lo
	}
	return bss(s, p, a, fileEnd, end, prot)
}

// bss zeroes what of the segment at a is not in the file: the rest of the last file page,
// and anonymous pages from fileEnd to end.
func bss(s *mem.Space, p phdr, a, fileEnd, end uint64, prot mem.Prot) error {
	if p.memsz <= p.filesz {
		return nil
	}
	if from := a + p.filesz; p.filesz > 0 && from < fileEnd {
		// Linux ignores the error unless the segment is writable.
		if err := s.Zero(from, fileEnd-from); err != nil && prot&mem.Write != 0 {
			return fail(abi.EFAULT, "is truncated: a segment is not in the file")
		}
	}
	if fileEnd >= end {
		return nil
	}
	if err := s.Admit(end-fileEnd, 0); err != nil {
		return err
	}
	return s.Map(mem.Mapping{Start: fileEnd, End: end, Prot: prot})
}

// minAddress is vm.mmap_min_addr.
const minAddress = 0x10000

func protOf(flags uint32) (p mem.Prot) {
	if flags&pfR != 0 {
		p |= mem.Read
	}
	if flags&pfW != 0 {
		p |= mem.Write
	}
	if flags&pfX != 0 {
		p |= mem.Exec
	}
	return p
}

// note records what a segment says about the layout.
func (img *image) note(h *header, p phdr) {
	a := p.vaddr + img.bias
	if img.phdr == 0 && p.off <= h.phoff && h.phoff < p.off+p.filesz {
		img.phdr = h.phoff - p.off + a
	}
	if p.flags&pfX != 0 {
		img.startCode = min(img.startCode, a)
		img.endCode = max(img.endCode, a+p.filesz)
	}
	img.startData = max(img.startData, a)
	img.endData = max(img.endData, a+p.filesz)
	img.brk = max(img.brk, a+p.memsz)
}

// layout tells s where the parts of the program are and where its heap begins. The
// heap of a program in the mmap area (a static-PIE one, or the interpreter run by
// itself) goes where other programs are, so that it has room.
func (img *image) layout(s *mem.Space, alone bool) {
	l := &s.Layout
	l.StartCode, l.EndCode = img.startCode, img.endCode
	l.StartData, l.EndData = img.startData, img.endData
	l.StartBrk = pageUp(img.brk)
	if alone {
		l.StartBrk = dynBase
	}
	l.Brk = l.StartBrk
}
