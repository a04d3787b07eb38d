package procfs

import (
	"bytes"
	"fmt"
	"strings"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// ttyNumbers are tty_nr and tpgid of /proc/PID/stat.
func ttyNumbers(p *kernel.Process) (nr uint64, tpgid int32) {
	if s := p.Session; s.TTY != nil {
		return s.TTY.Number(), s.Foreground
	}
	return 0, -1
}

// sizes are the memory of a process in pages: all, resident, and by kind.
type sizes struct{ size, resident, anon, code, data, stack uint64 }

func sizesOf(p *kernel.Process) sizes {
	var s sizes
	if p.Zombie() || p.Mem == nil {
		return s
	}
	s.size, s.resident, s.anon = p.Mem.Size()/mem.PageSize, p.Mem.Resident()/mem.PageSize, p.Mem.Anonymous()/mem.PageSize
	l := &p.Mem.Layout
	for m := range p.Mem.Mappings() {
		n := m.Len() / mem.PageSize
		switch {
		case m.Name == "[stack]":
			s.stack += n
			s.data += n
		case m.Prot&mem.Write != 0 && m.Flags&mem.Shared == 0:
			s.data += n
		case m.Start <= l.StartCode && l.StartCode < m.End:
			s.code += n
		}
	}
	return s
}

// processStat writes /proc/PID/stat.
func (f *FS) processStat(w *bytes.Buffer, p *kernel.Process, t *kernel.Thread) error {
	tty, tpgid := ttyNumbers(p)
	s := sizesOf(p)
	ns := f.k.Config().NsPerStep
	tid, steps := p.PID, p.Steps()
	if t != nil {
		tid = t.TID
	}
	var l mem.Layout
	if p.Mem != nil && !p.Zombie() {
		l = p.Mem.Layout
	}
	ignored, caught := p.SignalSets()
	var pending, blocked uint64
	if t != nil {
		pending, blocked = t.PendingSignals(), t.SigMask
	}
	fields := []any{
		tid, "(" + name(p, t) + ")", string(stateOf(p, t)), p.PPID(), p.PGID, p.Session.SID, tty, tpgid, 4194304,
		0, 0, 0, 0, // faults
		ticks(int64(steps) * ns), 0, ticks(int64(p.ChildSteps()) * ns), 0,
		20 + p.Nice, p.Nice, len(p.Threads()), 0, ticks(p.Start()),
		s.size * mem.PageSize, s.resident, p.Limits[abi.RLIMIT_RSS].Cur,
		l.StartCode, l.EndCode, l.StartStack, 0, 0,
		pending & 0x7fffffff, blocked & 0x7fffffff, ignored & 0x7fffffff, caught & 0x7fffffff,
		0, 0, 0, 17, 0, 0, 0, 0, 0, 0,
		l.StartData, l.EndData, l.StartBrk, l.ArgStart, l.ArgEnd, l.EnvStart, l.EnvEnd, 0,
	}
	for i, x := range fields {
		if i > 0 {
			w.WriteByte(' ')
		}
		fmt.Fprint(w, x)
	}
	return w.WriteByte('\n')
}

// statm writes /proc/PID/statm.
func statm(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	s := sizesOf(p)
	_, err := fmt.Fprintf(w, "%d %d %d %d 0 %d 0\n", s.size, s.resident, s.resident-min(s.anon, s.resident), s.code, s.data)
	return err
}

var stateNames = map[byte]string{'R': "R (running)", 'S': "S (sleeping)", 'T': "T (stopped)", 'Z': "Z (zombie)"}

// status writes /proc/PID/status.
func (f *FS) status(w *bytes.Buffer, p *kernel.Process, t *kernel.Thread) error {
	c := &p.Cred
	tid := p.PID
	if t != nil {
		tid = t.TID
	}
	fmt.Fprintf(w, "Name:\t%s\n", name(p, t))
	if !p.Zombie() {
		fmt.Fprintf(w, "Umask:\t%04o\n", p.FS.Umask)
	}
	fmt.Fprintf(w, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", stateNames[stateOf(p, t)], p.PID, tid, p.PPID())
	fmt.Fprintf(w, "Uid:\t%d\t%d\t%d\t%d\nGid:\t%d\t%d\t%d\t%d\n", c.RUID, c.EUID, c.SUID, c.FSUID, c.RGID, c.EGID, c.SGID, c.FSGID)
	if !p.Zombie() {
		fmt.Fprintf(w, "FDSize:\t%d\n", (p.FDs.Len()+63)/64*64)
	}
	fmt.Fprintf(w, "Groups:\t%s \n", strings.Trim(fmt.Sprint(c.Groups), "[]"))
	fmt.Fprintf(w, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p.PID, tid, p.PGID, p.Session.SID)
	if !p.Zombie() {
		vmStatus(w, sizesOf(p))
	}
	fmt.Fprintf(w, "Threads:\t%d\nSigQ:\t0/%d\n", len(p.Threads()), p.Limits[abi.RLIMIT_SIGPENDING].Cur)
	sigStatus(w, p, t)
	fmt.Fprintf(w, "CapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\nCapBnd:\t%016x\nCapAmb:\t%016x\n", c.Inheritable, c.Permitted, c.Effective, c.Bounding, c.Ambient)
	nnp := 0
	if c.NoNewPrivs {
		nnp = 1
	}
	fmt.Fprintf(w, "NoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\n", nnp)
	fmt.Fprintf(w, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n")
	var vol, invol uint64
	if t != nil {
		vol, invol = t.Switches()
	}
	_, err := fmt.Fprintf(w, "voluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n", vol, invol)
	return err
}

func vmStatus(w *bytes.Buffer, s sizes) {
	const kb = mem.PageSize / 1024
	for _, x := range []struct {
		name  string
		pages uint64
	}{
		{"VmPeak", s.size}, {"VmSize", s.size}, {"VmLck", 0}, {"VmPin", 0}, {"VmHWM", s.resident}, {"VmRSS", s.resident},
		{"RssAnon", s.anon}, {"RssFile", s.resident - min(s.anon, s.resident)}, {"RssShmem", 0}, {"VmData", s.data - min(s.stack, s.data)},
		{"VmStk", s.stack}, {"VmExe", s.code}, {"VmLib", 0}, {"VmPTE", 0}, {"VmSwap", 0},
	} {
		fmt.Fprintf(w, "%s:\t%8d kB\n", x.name, x.pages*kb)
	}
}

func sigStatus(w *bytes.Buffer, p *kernel.Process, t *kernel.Thread) {
	var pending, blocked uint64
	if t != nil {
		pending, blocked = t.PendingSignals(), t.SigMask
	}
	ignored, caught := p.SignalSets()
	fmt.Fprintf(w, "SigPnd:\t%016x\nShdPnd:\t%016x\nSigBlk:\t%016x\nSigIgn:\t%016x\nSigCgt:\t%016x\n", pending, p.PendingSignals(), blocked, ignored, caught)
}

// mapLine writes the first line of a mapping in maps and smaps.
func mapLine(w *bytes.Buffer, m *mem.Mapping) {
	perm := []byte("---p")
	for i, b := range []mem.Prot{mem.Read, mem.Write, mem.Exec} {
		if m.Prot&b != 0 {
			perm[i] = "rwx"[i]
		}
	}
	if m.Flags&mem.Shared != 0 {
		perm[3] = 's'
	}
	off := m.Offset
	if m.Object == nil {
		off = 0
	}
	n := w.Len()
	fmt.Fprintf(w, "%08x-%08x %s %08x %02x:%02x %d", m.Start, m.End, perm, off, abi.Major(m.Dev), abi.Minor(m.Dev), m.Ino)
	w.WriteByte(' ')
	if m.Name != "" {
		const nameColumn = 73
		w.WriteString(strings.Repeat(" ", max(0, nameColumn-(w.Len()-n))))
		w.WriteString(m.Name)
	}
	w.WriteByte('\n')
}

// maps writes /proc/PID/maps.
func maps(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	if p.Zombie() {
		return nil
	}
	for m := range p.Mem.Mappings() {
		mapLine(w, m)
	}
	return nil
}

func residentOf(p *kernel.Process, m *mem.Mapping) uint64 {
	n := uint64(0)
	for a := m.Start; a < m.End; a += mem.PageSize {
		if p.Mem.InMemory(a) {
			n++
		}
	}
	return n * mem.PageSize / 1024
}

func smapLines(w *bytes.Buffer, rss uint64) {
	fmt.Fprintf(w, "Rss:            %8d kB\nPss:            %8d kB\nPss_Dirty:      %8d kB\n", rss, rss, rss)
	for _, name := range []string{"Shared_Clean", "Shared_Dirty", "Private_Clean"} {
		fmt.Fprintf(w, "%-16s%8d kB\n", name+":", 0)
	}
	fmt.Fprintf(w, "Private_Dirty:  %8d kB\nReferenced:     %8d kB\nAnonymous:      %8d kB\n", rss, rss, rss)
	for _, name := range []string{"LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked"} {
		fmt.Fprintf(w, "%-16s%8d kB\n", name+":", 0)
	}
}

// smaps writes /proc/PID/smaps.
func smaps(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	if p.Zombie() {
		return nil
	}
	for m := range p.Mem.Mappings() {
		mapLine(w, m)
		fmt.Fprintf(w, "Size:           %8d kB\nKernelPageSize: %8d kB\nMMUPageSize:    %8d kB\n", m.Len()/1024, 4, 4)
		smapLines(w, residentOf(p, m))
		w.WriteString("THPeligible:           0\nVmFlags: mr mw me \n")
	}
	return nil
}

// smapsRollup writes /proc/PID/smaps_rollup.
func smapsRollup(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	if p.Zombie() {
		return nil
	}
	var lo, hi, rss uint64
	for m := range p.Mem.Mappings() {
		if hi == 0 {
			lo = m.Start
		}
		hi = m.End
		rss += residentOf(p, m)
	}
	fmt.Fprintf(w, "%08x-%08x ---p 00000000 00:00 0                                [rollup]\n", lo, hi)
	smapLines(w, rss)
	return nil
}

var limitNames = [abi.RLIM_NLIMITS][2]string{
	{"Max cpu time", "seconds"}, {"Max file size", "bytes"}, {"Max data size", "bytes"}, {"Max stack size", "bytes"},
	{"Max core file size", "bytes"}, {"Max resident set", "bytes"}, {"Max processes", "processes"}, {"Max open files", "files"},
	{"Max locked memory", "bytes"}, {"Max address space", "bytes"}, {"Max file locks", "locks"}, {"Max pending signals", "signals"},
	{"Max msgqueue size", "bytes"}, {"Max nice priority", ""}, {"Max realtime priority", ""}, {"Max realtime timeout", "us"},
}

// limits writes /proc/PID/limits.
func limits(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	value := func(v uint64) string {
		if v == abi.RLIM_INFINITY {
			return "unlimited"
		}
		return fmt.Sprint(v)
	}
	fmt.Fprintf(w, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units")
	for i, n := range limitNames {
		l := p.Limits[i]
		fmt.Fprintf(w, "%-25s %-20s %-20s %-10s\n", n[0], value(l.Cur), value(l.Max), n[1])
	}
	return nil
}

// mountID numbers the mount of d as statx(2) does.
func (f *FS) mountID(d *vfs.Dentry) int {
	const first = 21
	if d != nil {
		for i, m := range f.k.Config().NS.Mounts() {
			if m == d.Mount() {
				return first + i
			}
		}
	}
	return first - 1
}

// mountOptions are the per-mount flags as text.
func mountOptions(m *vfs.Mount) string {
	s := "rw"
	if m.Flags&abi.ST_RDONLY != 0 {
		s = "ro"
	}
	for _, x := range []struct {
		bit  uint64
		name string
	}{{abi.ST_NOSUID, "nosuid"}, {abi.ST_NODEV, "nodev"}, {abi.ST_NOEXEC, "noexec"}} {
		if m.Flags&x.bit != 0 {
			s += "," + x.name
		}
	}
	return s + ",relatime"
}

// mountPlace is the directory that a mount covers, with octal escapes for blanks.
func (f *FS) mountPlace(p *kernel.Process, m *vfs.Mount) string {
	if m.At == nil {
		return "/"
	}
	path, _ := m.At.Path(f.k.Config().NS.Root())
	return strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace(path)
}

// mounts writes /proc/PID/mounts.
func (f *FS) mounts(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	for _, m := range f.k.Config().NS.Mounts() {
		fmt.Fprintf(w, "%s %s %s %s 0 0\n", m.Source, f.mountPlace(p, m), m.Type, mountOptions(m))
	}
	return nil
}

// mountinfo writes /proc/PID/mountinfo.
func (f *FS) mountinfo(w *bytes.Buffer, p *kernel.Process, _ *kernel.Thread) error {
	for _, m := range f.k.Config().NS.Mounts() {
		a, err := m.Root.Node.Attr()
		if err != nil {
			return err
		}
		parent := 1
		if m.At != nil {
			parent = f.mountID(m.At)
		}
		fmt.Fprintf(w, "%d %d %d:%d / %s %s - %s %s %s\n", f.mountID(m.Root), parent, abi.Major(a.Dev), abi.Minor(a.Dev),
			f.mountPlace(p, m), mountOptions(m), m.Type, m.Source, strings.SplitN(mountOptions(m), ",", 2)[0])
	}
	return nil
}
