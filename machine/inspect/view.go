package inspect

import (
	"fmt"
	"time"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/emu/x86"
	"emurun/machine"
	"emurun/syscalls"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// View is a machine in words and numbers.
type View struct {
	Step      uint64    `json:"step"`
	UptimeNs  int64     `json:"uptime_ns"` // CLOCK_MONOTONIC
	Time      string    `json:"time"`      // CLOCK_REALTIME
	Hostname  string    `json:"hostname"`
	Status    *int32    `json:"wait_status,omitempty"` // of the first process, once it has ended
	Processes []Process `json:"processes"`
	Mounts    []Mount   `json:"mounts"`
}

// Process is a process.
type Process struct {
	PID     int32    `json:"pid"`
	PPID    int32    `json:"ppid"`
	Group   int32    `json:"pgid"`
	Session int32    `json:"sid"`
	UID     uint32   `json:"uid"`
	Name    string   `json:"name"`
	Zombie  bool     `json:"zombie,omitempty"`
	Exe     string   `json:"exe,omitempty"`
	Cwd     string   `json:"cwd,omitempty"`
	Steps   uint64   `json:"steps"`
	Pending []string `json:"pending_signals,omitempty"`
	Threads []Thread `json:"threads"`
	Maps    []Map    `json:"maps"`
	Files   []File   `json:"files"`
}

// Thread is a thread.
type Thread struct {
	TID   int32     `json:"tid"`
	State string    `json:"state"` // as /proc/PID/stat has it
	Call  string    `json:"call,omitempty"`
	Steps uint64    `json:"steps"`
	At    string    `json:"at"` // the next instruction
	Regs  Registers `json:"registers"`
}

// Registers are those of a thread that people want to see; all are 64 bits, in hexadecimal.
type Registers []Register

// Register is one of them.
type Register struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Map is a mapping.
type Map struct {
	Start  string `json:"start"`
	End    string `json:"end"`
	Perms  string `json:"perms"`
	Offset uint64 `json:"offset"`
	Size   uint64 `json:"size"`
	Name   string `json:"name,omitempty"`
}

// File is an open file.
type File struct {
	FD          int32  `json:"fd"`
	Path        string `json:"path"`
	Mode        string `json:"mode"`
	Pos         int64  `json:"pos"`
	CloseOnExec bool   `json:"close_on_exec,omitempty"`
}

// Mount is a mounted file system.
type Mount struct {
	At     string `json:"at"`
	Source string `json:"source"`
	Type   string `json:"type"`
}

// Of looks at a machine.
func Of(m *machine.Machine) *View {
	k := m.Kernel
	v := &View{
		Step: k.Steps(), UptimeNs: k.Now(), Time: time.Unix(0, k.Realtime()).UTC().Format(time.RFC3339Nano), Hostname: k.Hostname(),
	}
	if status, ended := k.RootStatus(); ended {
		v.Status = &status
	}
	for _, p := range k.Processes() {
		v.Processes = append(v.Processes, process(p))
	}
	for _, x := range k.Config().NS.Mounts() {
		at := "/"
		if x.At != nil {
			at, _ = x.At.Path(nil)
		}
		v.Mounts = append(v.Mounts, Mount{at, x.Source, x.Type})
	}
	return v
}

func process(p *kernel.Process) Process {
	v := Process{
		PID: p.PID, PPID: p.PPID(), Group: p.PGID, UID: p.Cred.RUID, Name: p.Comm(), Zombie: p.Zombie(), Steps: p.Steps(),
	}
	if p.Session != nil {
		v.Session = p.Session.SID
	}
	for s := abi.Signal(1); s <= abi.SIGMAX; s++ {
		if p.PendingSignals()&s.Bit() != 0 {
			v.Pending = append(v.Pending, s.String())
		}
	}
	if d := p.Exe().Dentry; d != nil {
		v.Exe, _ = d.Path(nil)
	}
	if p.FS != nil && p.FS.Cwd() != nil {
		v.Cwd, _ = p.FS.Cwd().Path(nil)
	}
	for _, t := range p.Threads() {
		v.Threads = append(v.Threads, thread(t))
	}
	if p.Mem != nil && !p.Zombie() {
		for x := range p.Mem.Mappings() {
			v.Maps = append(v.Maps, mapping(x))
		}
	}
	if p.FDs != nil {
		v.Files = files(p.FDs)
	}
	return v
}

func thread(t *kernel.Thread) Thread {
	r := t.CPU.Regs()
	v := Thread{TID: t.TID, State: string(t.StateLetter()), Steps: t.Steps(), Regs: registers(&r)}
	if t.InCall() {
		nr, _ := t.CallNumber()
		v.Call = fmt.Sprintf("call %d", nr)
		if row := syscalls.Lookup(nr); row != nil {
			v.Call = row.Name
		}
	}
	var code [15]byte
	n, _ := t.Proc.Mem.ReadAt(code[:], r.RIP)
	v.At = machine.Disassemble(code[:n], r.RIP)
	return v
}

var names = [...]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}

func registers(r *x86.Regs) Registers {
	list := Registers{{"rip", hex(r.RIP)}, {"rflags", hex(uint64(r.RFLAGS))}}
	for i, name := range names {
		list = append(list, Register{name, hex(r.GPR[i])})
	}
	list = append(list, Register{"fs_base", hex(r.FSBase)}, Register{"gs_base", hex(r.GSBase)}, Register{"mxcsr", hex(uint64(r.MXCSR))})
	for i, x := range r.XMM {
		if x.Lo|x.Hi != 0 {
			list = append(list, Register{fmt.Sprintf("xmm%d", i), fmt.Sprintf("%#018x_%016x", x.Hi, x.Lo)})
		}
	}
	return list
}

func hex(v uint64) string { return fmt.Sprintf("%#x", v) }

func mapping(m *mem.Mapping) Map {
	perms := []byte("---p")
	for i, p := range []mem.Prot{mem.Read, mem.Write, mem.Exec} {
		if m.Prot&p != 0 {
			perms[i] = "rwx"[i]
		}
	}
	if m.Flags&mem.Shared != 0 {
		perms[3] = 's'
	}
	return Map{hex(m.Start), hex(m.End), string(perms), m.Offset, m.Len(), m.Name}
}

func files(t *kernel.FDTable) []File {
	var list []File
	for fd := range t.Len() {
		f, err := t.File(fd)
		if err != nil {
			continue
		}
		path, _ := f.Dentry.Path(nil)
		closes, _ := t.CloseOnExec(fd)
		list = append(list, File{fd, path, mode(f), f.Pos, closes})
	}
	return list
}

func mode(f *vfs.OpenFile) string {
	switch f.Flags & abi.O_ACCMODE {
	case abi.O_WRONLY:
		return "w"
	case abi.O_RDWR:
		return "rw"
	}
	return "r"
}
