package inspect

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"

	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/syscalls/kernel"
)

// WriteCore writes a process as an ELF core file, core(5), which gdb opens: a note with the
// registers of each thread, and what is mapped and readable.
func WriteCore(w io.Writer, p *kernel.Process) error {
	if p.Zombie() || len(p.Threads()) == 0 {
		return fmt.Errorf("process %d has ended: it has no memory", p.PID)
	}
	notes := coreNotes(p)
	var maps []*mem.Mapping
	for m := range p.Mem.Mappings() {
		if m.Flags&mem.DontDump == 0 && m.Prot != 0 {
			maps = append(maps, m)
		}
	}
	b := bufio.NewWriterSize(w, 1<<20)
	head := coreHeader(len(notes), maps)
	b.Write(head)
	b.Write(notes)
	b.Write(make([]byte, up(len(head)+len(notes))-len(head)-len(notes)))
	for _, m := range maps {
		if err := coreMemory(b, p.Mem, m); err != nil {
			return err
		}
	}
	return b.Flush()
}

// up rounds n up to whole pages.
func up(n int) int { return (n + mem.PageSize - 1) &^ (mem.PageSize - 1) }

// Sizes of the structures of ELF64.
const (
	ehdrSize = 64
	phdrSize = 56
)

// coreHeader returns the ELF header and the program headers.
func coreHeader(notes int, maps []*mem.Mapping) []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // to memory: never fails
	h := elf.Header64{
		Type: uint16(elf.ET_CORE), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: ehdrSize,
		Ehsize: ehdrSize, Phentsize: phdrSize, Phnum: uint16(len(maps) + 1),
	}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	put(h)
	size := ehdrSize + phdrSize*(len(maps)+1)
	put(elf.Prog64{Type: uint32(elf.PT_NOTE), Off: uint64(size), Filesz: uint64(notes), Align: 4})
	off := uint64(up(size + notes))
	for _, m := range maps {
		flags := uint32(0)
		for _, x := range []struct {
			p mem.Prot
			f elf.ProgFlag
		}{{mem.Read, elf.PF_R}, {mem.Write, elf.PF_W}, {mem.Exec, elf.PF_X}} {
			if m.Prot&x.p != 0 {
				flags |= uint32(x.f)
			}
		}
		put(elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: flags, Off: off, Vaddr: m.Start, Filesz: m.Len(), Memsz: m.Len(), Align: mem.PageSize})
		off += m.Len()
	}
	return b.Bytes()
}

// coreMemory writes what m maps; a page that cannot be read, behind the end of a file, is zero.
func coreMemory(w io.Writer, s *mem.Space, m *mem.Mapping) error {
	var page [mem.PageSize]byte
	for a := m.Start; a < m.End; a += mem.PageSize {
		clear(page[:])
		_, _ = s.ReadAt(page[:], a)
		if _, err := w.Write(page[:]); err != nil {
			return err
		}
	}
	return nil
}

// Types of notes, elf(5).
const (
	ntPrstatus = 1
	ntFpregset = 2
	ntPrpsinfo = 3
	ntAuxv     = 6
	ntFile     = 0x46494c45
)

// coreNotes returns the notes of a process: its first thread's registers first.
func coreNotes(p *kernel.Process) []byte {
	var b bytes.Buffer
	for i, t := range p.Threads() {
		r := t.CPU.Regs()
		note(&b, ntPrstatus, prstatus(p, t, &r))
		if i == 0 {
			note(&b, ntPrpsinfo, prpsinfo(p))
			note(&b, ntAuxv, p.Auxv)
			note(&b, ntFile, fileNote(p.Mem))
		}
		note(&b, ntFpregset, fxsave(&r))
	}
	return b.Bytes()
}

// note appends a note with the name CORE.
func note(b *bytes.Buffer, kind uint32, p []byte) {
	for _, v := range []uint32{5, uint32(len(p)), kind} {
		b.Write(binary.LittleEndian.AppendUint32(nil, v))
	}
	b.WriteString("CORE\x00\x00\x00\x00")
	b.Write(p)
	b.Write(make([]byte, -len(p)&3))
}

// prstatus returns struct elf_prstatus of x86-64, 336 bytes.
func prstatus(p *kernel.Process, t *kernel.Thread, r *x86.Regs) []byte {
	le := binary.LittleEndian
	out := make([]byte, 336)
	le.PutUint64(out[16:], t.PendingSignals())
	le.PutUint64(out[24:], t.SigMask)
	for i, id := range []int32{t.TID, p.PPID(), p.PGID, p.Session.SID} {
		le.PutUint32(out[32+4*i:], uint32(id))
	}
	g := &r.GPR
	regs := []uint64{ // struct user_regs_struct
		g[x86.R15], g[x86.R14], g[x86.R13], g[x86.R12], g[x86.RBP], g[x86.RBX], g[x86.R11], g[x86.R10], g[x86.R9], g[x86.R8],
		g[x86.RAX], g[x86.RCX], g[x86.RDX], g[x86.RSI], g[x86.RDI], ^uint64(0), r.RIP, userCS, uint64(r.RFLAGS), g[x86.RSP], userSS,
		r.FSBase, r.GSBase, 0, 0, 0, 0,
	}
	for i, v := range regs {
		le.PutUint64(out[112+8*i:], v)
	}
	le.PutUint32(out[328:], 1) // the floating-point registers are there
	return out
}

// Selectors of 64-bit user code on Linux.
const (
	userCS = 0x33
	userSS = 0x2b
)

// prpsinfo returns struct elf_prpsinfo, 136 bytes.
func prpsinfo(p *kernel.Process) []byte {
	le := binary.LittleEndian
	out := make([]byte, 136)
	out[1] = 'R'
	le.PutUint32(out[16:], p.Cred.RUID)
	le.PutUint32(out[20:], p.Cred.RGID)
	for i, id := range []int32{p.PID, p.PPID(), p.PGID, p.Session.SID} {
		le.PutUint32(out[24+4*i:], uint32(id))
	}
	copy(out[40:55], p.Comm())
	copy(out[56:135], p.Exe().Path)
	return out
}

// fileNote returns NT_FILE: which files are mapped where.
func fileNote(s *mem.Space) []byte {
	var head, names []byte
	count := uint64(0)
	for m := range s.Mappings() {
		if m.Object == nil || len(m.Name) == 0 || m.Name[0] != '/' {
			continue
		}
		count++
		for _, v := range []uint64{m.Start, m.End, m.Offset / mem.PageSize} {
			head = binary.LittleEndian.AppendUint64(head, v)
		}
		names = append(append(names, m.Name...), 0)
	}
	out := binary.LittleEndian.AppendUint64(nil, count)
	out = binary.LittleEndian.AppendUint64(out, mem.PageSize)
	return append(append(out, head...), names...)
}

// fxsave returns the area that FXSAVE64 writes, SDM Vol. 1, 10.5.1.
func fxsave(r *x86.Regs) []byte {
	le := binary.LittleEndian
	out := make([]byte, 512)
	f := &r.FPU
	le.PutUint16(out[0:], f.CW)
	le.PutUint16(out[2:], f.SW)
	out[4] = f.Tag
	le.PutUint16(out[6:], f.FOP)
	le.PutUint64(out[8:], f.FIP)
	le.PutUint64(out[16:], f.FDP)
	le.PutUint32(out[24:], r.MXCSR)
	le.PutUint32(out[28:], 0xffff)
	top := int(f.SW >> 11 & 7)
	for i := range f.ST {
		x := &f.ST[(top+i)&7]
		le.PutUint64(out[32+16*i:], x.Mant)
		le.PutUint16(out[40+16*i:], x.SE)
	}
	for i, x := range r.XMM {
		le.PutUint64(out[160+16*i:], x.Lo)
		le.PutUint64(out[168+16*i:], x.Hi)
	}
	return out
}
