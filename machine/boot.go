package machine

import (
	"emurun/abi"
	"emurun/emu"
	"emurun/emu/interp"
	"emurun/emu/mem"
	"emurun/syscalls"
	"emurun/syscalls/kernel"
	"emurun/vfs"
)

// Config is everything that makes a machine what it is. Two machines with the
// same Config, files and inputs run the same way.
type Config struct {
	Seed     uint64 // of all randomness
	EpochNs  int64  // real time at the start, ns since 1970
	Memory   uint64 // bytes of guest memory at most
	MaxSteps uint64 // 0: no limit
	Level    int    // of the CPU model; 0 is the default

	NS    *vfs.Namespace  // the guest's files
	Clock *Clock          // the time of NS's file systems, or nil
	Start kernel.BootArgs // whose files and terminal are those of Standard
	// Standard is what the descriptors 0, 1 and 2 are.
	Standard Standard

	// NewEngine makes the engine of a process; nil is the interpreter's.
	NewEngine func(*mem.Space) emu.Engine

	Outside Outside // nil in a replay
	Log     Log     // of what comes from outside; nil for none
	Replay  Replay  // answers instead of Outside; nil for none
	Between Between // nil for none
	Watch   Watch
}

// Boot makes a machine and loads its first program. An error of the guest's kind
// (abi.Errno in its chain) says why the program cannot be executed.
func Boot(c Config) (*Machine, error) {
	m := build(&c)
	if err := m.system.mount(c.NS); err != nil {
		return nil, err
	}
	adopt := m.system.connect(&c, m.door)
	p, err := m.Kernel.Boot(c.Start)
	if err != nil {
		return nil, err
	}
	adopt(p)
	return m, nil
}

// build makes a machine without processes, whose system is not mounted.
func build(c *Config) *Machine {
	m := &Machine{maxSteps: c.MaxSteps, between: c.Between, watch: c.Watch}
	m.state = state{m: m, last: ^uint64(0)}
	kc := kernel.Config{
		Seed: c.Seed, EpochNs: c.EpochNs, Memory: c.Memory, Level: c.Level,
		Pool: mem.NewPool(c.Memory), NS: c.NS, NewEngine: interp.NewLibrary().New,
	}
	if c.NewEngine != nil {
		kc.NewEngine = c.NewEngine
	}
	kc.Exiting = m.exiting
	if c.Watch.Calls != nil {
		kc.Taking = c.Watch.Calls.Signal
	}
	m.Kernel = kernel.New(kc)
	if c.Clock != nil {
		c.Clock.k = m.Kernel
	}
	m.system = newSystem(m.Kernel)
	c.NS.Special = m.system.special(syscalls.Special(m.Kernel))
	m.door = newDoor(m, c)
	if a, ok := c.Watch.Trace.(Attacher); ok {
		a.Attach(m)
	}
	return m
}

// exiting tells the observers of a process that ends.
func (m *Machine) exiting(t *kernel.Thread, status int32) {
	if m.watch.Hashed {
		m.hash.exiting(t, status)
	}
	if m.watch.Calls != nil {
		m.watch.Calls.Exited(t, status)
	}
}

// DefaultPath is where a program is looked for without a PATH, as execvp(3) does it.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// FindProgram returns the path of the program that a shell would run for name: name
// itself if it has a slash, else the first executable file along path. ctx is the
// guest's root and working directory.
func FindProgram(ctx *vfs.Context, name, path string) (string, error) {
	if hasSlash(name) {
		return name, nil
	}
	found := error(abi.ENOENT)
	for dir := range splitPath(path) {
		p := dir + "/" + name
		d, err := ctx.Walk(nil, p, true)
		if err != nil {
			continue
		}
		a, err := d.Node.Attr()
		if err != nil || a.Mode&abi.S_IFMT != abi.S_IFREG {
			continue
		}
		if err := ctx.Cred.May(&a, vfs.MayExec); err != nil {
			found = err
			continue
		}
		return p, nil
	}
	return "", found
}
