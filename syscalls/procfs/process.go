package procfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// processEntry is /proc/PID. It belongs to the process's user.
func (f *FS) processEntry(p *kernel.Process) entry {
	e := subdir(strconv.Itoa(int(p.PID)), func() []entry { return f.processList(p) })
	e.proc = p
	return e
}

// processList is the entries of /proc/PID.
func (f *FS) processList(p *kernel.Process) []entry {
	l := f.threadList(p, p.Leader)
	l = append(l,
		subdir("task", func() []entry { return f.tasks(p) }),
		subdir("net", netList),
		setting("oom_score_adj", line("0"), func([]byte) error { return nil }),
		text("coredump_filter", line("00000033")),
		text("mountstats", nothing),
		f.checkpoint(),
	)
	return l
}

// tasks is /proc/PID/task.
func (f *FS) tasks(p *kernel.Process) []entry {
	var l []entry
	for _, t := range p.Threads() {
		l = append(l, f.threadEntry(p, t))
	}
	return l
}

// threadEntry is /proc/PID/task/TID.
func (f *FS) threadEntry(p *kernel.Process, t *kernel.Thread) entry {
	e := subdir(strconv.Itoa(int(t.TID)), func() []entry {
		l := f.threadList(p, func() *kernel.Thread { return t })
		return append(l, text("children", func(w *bytes.Buffer) error { return children(w, p) }))
	})
	e.proc, e.thread = p, t
	return e
}

func children(w *bytes.Buffer, p *kernel.Process) error {
	for _, c := range p.Children() {
		fmt.Fprintf(w, "%d ", c.PID)
	}
	return nil
}

func line(s string) func(*bytes.Buffer) error {
	return func(w *bytes.Buffer) error {
		w.WriteString(s)
		return w.WriteByte('\n')
	}
}

// threadList is what /proc/PID and /proc/PID/task/TID have both. who returns the thread; nil
// for a leader that has exited.
func (f *FS) threadList(p *kernel.Process, who func() *kernel.Thread) []entry {
	with := func(gen func(w *bytes.Buffer, p *kernel.Process, t *kernel.Thread) error) func(*bytes.Buffer) error {
		return func(w *bytes.Buffer) error { return gen(w, p, who()) }
	}
	l := []entry{
		text("stat", with(f.processStat)),
		text("status", with(f.status)),
		text("statm", with(statm)),
		text("cmdline", func(w *bytes.Buffer) error {
			return copyMemory(w, p, func(l *mem.Layout) (uint64, uint64) { return l.ArgStart, l.ArgEnd })
		}),
		text("environ", func(w *bytes.Buffer) error {
			return copyMemory(w, p, func(l *mem.Layout) (uint64, uint64) { return l.EnvStart, l.EnvEnd })
		}),
		text("auxv", func(w *bytes.Buffer) error { _, err := w.Write(p.Auxv); return err }),
		text("maps", with(maps)),
		text("smaps", with(smaps)),
		text("smaps_rollup", with(smapsRollup)),
		text("limits", with(limits)),
		text("mounts", with(f.mounts)),
		text("mountinfo", with(f.mountinfo)),
		text("cgroup", line("0::/")),
		text("io", line("rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0")),
		text("wchan", func(w *bytes.Buffer) error { return w.WriteByte('0') }),
		text("schedstat", line("0 0 0")),
		text("sessionid", func(w *bytes.Buffer) error { _, err := w.WriteString("4294967295"); return err }),
		text("loginuid", func(w *bytes.Buffer) error { _, err := w.WriteString("4294967295"); return err }),
		text("oom_score", line("0")),
		text("oom_adj", line("0")),
		text("personality", func(w *bytes.Buffer) error { _, err := fmt.Fprintf(w, "%08x\n", p.Personality); return err }),
		text("uid_map", line("         0          0 4294967295")),
		text("gid_map", line("         0          0 4294967295")),
		setting("comm", with(comm), func(b []byte) error {
			if t := who(); t != nil {
				t.SetComm(strings.TrimRight(string(b), "\n"))
			}
			return nil
		}),
		magic("exe", func() (*vfs.Dentry, error) {
			if d := p.Exe().Dentry; d != nil && !p.Zombie() {
				return d, nil
			}
			return nil, abi.ENOENT
		}),
		magic("cwd", func() (*vfs.Dentry, error) { return living(p, func() *vfs.Dentry { return p.FS.Cwd() }) }),
		magic("root", func() (*vfs.Dentry, error) { return living(p, func() *vfs.Dentry { return p.FS.Root() }) }),
		{name: "fd", mode: abi.S_IFDIR | 0o500, list: func() []entry { return fds(p) }},
		{name: "fdinfo", mode: abi.S_IFDIR | 0o555, list: func() []entry { return f.fdinfos(p) }},
		{name: "mem", mode: abi.S_IFREG | 0o600, memory: true},
		subdir("ns", namespaces),
	}
	return l
}

func living(p *kernel.Process, get func() *vfs.Dentry) (*vfs.Dentry, error) {
	if p.Zombie() {
		return nil, abi.ENOENT
	}
	return get(), nil
}

func namespaces() []entry {
	var l []entry
	for i, n := range []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} {
		l = append(l, link(n, func() (string, error) { return fmt.Sprintf("%s:[%d]", n, 4026531835+i), nil }))
	}
	return l
}

// copyMemory writes a part of the process's memory, at most a megabyte.
func copyMemory(w *bytes.Buffer, p *kernel.Process, where func(*mem.Layout) (lo, hi uint64)) error {
	if p.Zombie() || p.Mem == nil {
		return nil
	}
	lo, hi := where(&p.Mem.Layout)
	if hi < lo || hi-lo > 1<<20 {
		return nil
	}
	b := make([]byte, hi-lo)
	n, _ := p.Mem.ReadAt(b, lo) // what the program unmapped is not shown
	w.Write(b[:n])
	return nil
}

func comm(w *bytes.Buffer, p *kernel.Process, t *kernel.Thread) error {
	_, err := fmt.Fprintln(w, name(p, t))
	return err
}

func name(p *kernel.Process, t *kernel.Thread) string {
	if t != nil {
		return t.Comm()
	}
	return p.Comm()
}

func stateOf(p *kernel.Process, t *kernel.Thread) byte {
	if p.Zombie() || t == nil {
		return 'Z'
	}
	return t.StateLetter()
}

// fds is /proc/PID/fd: magic links to the open files.
func fds(p *kernel.Process) []entry {
	var l []entry
	if p.Zombie() {
		return nil
	}
	for fd := int32(0); fd < p.FDs.Len(); fd++ {
		if f, err := p.FDs.File(fd); err == nil {
			e := magic(strconv.Itoa(int(fd)), func() (*vfs.Dentry, error) { return fdPlace(p, fd) })
			e.mode = abi.S_IFLNK | fdMode(f)
			l = append(l, e)
		}
	}
	return l
}

// fdPlace returns where an open file is.
func fdPlace(p *kernel.Process, fd int32) (*vfs.Dentry, error) {
	if p.Zombie() {
		return nil, abi.ENOENT
	}
	f, err := p.FDs.File(fd)
	if err != nil {
		return nil, abi.ENOENT
	}
	return f.Dentry, nil
}

// fdMode is the permission bits of the link: how the file is open.
func fdMode(f *vfs.OpenFile) uint32 {
	m := uint32(0)
	if f.Readable() {
		m |= 0o500
	}
	if f.Writable() {
		m |= 0o300
	}
	return m
}

// fdinfos is /proc/PID/fdinfo.
func (f *FS) fdinfos(p *kernel.Process) []entry {
	var l []entry
	if p.Zombie() {
		return nil
	}
	for fd := int32(0); fd < p.FDs.Len(); fd++ {
		if _, err := p.FDs.File(fd); err == nil {
			l = append(l, text(strconv.Itoa(int(fd)), func(w *bytes.Buffer) error { return f.fdinfo(w, p, fd) }))
		}
	}
	return l
}

// fdinfo writes /proc/PID/fdinfo/FD.
func (f *FS) fdinfo(w *bytes.Buffer, p *kernel.Process, fd int32) error {
	if p.Zombie() {
		return abi.ENOENT
	}
	of, err := p.FDs.File(fd)
	if err != nil {
		return abi.ENOENT
	}
	flags := of.Flags
	if on, err := p.FDs.CloseOnExec(fd); err == nil && on {
		flags |= abi.O_CLOEXEC
	}
	a, err := of.Node.Attr()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n", of.Pos, flags, f.mountID(of.Dentry), a.Ino)
	return err
}

// memNode is /proc/PID/mem.
type memNode struct{ head }

// Open implements vfs.Node.
func (n *memNode) Open(uint32) (vfs.File, error) { return &memFile{p: n.at.proc}, nil }

type memFile struct {
	vfs.FileDefaults
	p *kernel.Process
}

// Seekable implements vfs.File.
func (*memFile) Seekable() bool { return true }

// Read implements vfs.File.
func (f *memFile) Read(p []byte, off int64) (int, error) {
	if f.p.Zombie() {
		return 0, nil
	}
	n, err := f.p.Mem.ReadAt(p, uint64(off))
	return partly(n, err)
}

// Write implements vfs.File.
func (f *memFile) Write(p []byte, off int64) (int, error) {
	if f.p.Zombie() {
		return 0, nil
	}
	n, err := f.p.Mem.WriteAt(p, uint64(off))
	return partly(n, err)
}

// partly is the result of an access that ends in a hole: EIO if it begins there.
func partly(n int, err error) (int, error) {
	if n == 0 && err != nil {
		return 0, abi.EIO
	}
	return n, nil
}

// netList is /proc/PID/net: the headings of tables that are empty.
func netList() []entry {
	const sock = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
	return []entry{
		constant("dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0"),
		constant("tcp", sock), constant("udp", sock), constant("tcp6", sock), constant("udp6", sock),
		constant("unix", "Num       RefCount Protocol Flags    Type St Inode Path"),
		constant("route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"),
		constant("if_inet6", "00000000000000000000000000000001 01 80 10 80       lo"),
	}
}
