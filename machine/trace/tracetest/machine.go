package tracetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/machine"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/memfs"
)

// Engine makes the engine of a process; nil is the interpreter's.
type Engine func(*mem.Space) emu.Engine

// The machine of the golden traces: nothing of the host is in it.
const (
	seed    = 42
	epochNs = 1767225600e9 // 2026-01-01
	memory  = 256 << 20
	rootDev = 0x801
)

// outside is a world with a line on standard input, where nothing else ever happens.
type outside struct {
	machine.Screen // there is none
	input          []byte
}

// Signals implements machine.Outside.
func (*outside) Signals() []int { return nil }

// Wait implements machine.Outside.
func (*outside) Wait(int64, [machine.Ports]uint32) (ready [machine.Ports]bool) { return ready }

// Now implements machine.Outside.
func (*outside) Now() int64 { return 0 }

// Stop implements machine.Outside.
func (*outside) Stop() {}

// Expired implements machine.Outside.
func (*outside) Expired() bool { return false }

// Read implements machine.Streams.
func (o *outside) Read(_ machine.Port, b []byte, _ int64) (int, error) {
	n := copy(b, o.input)
	o.input = o.input[n:]
	return n, nil
}

// Write implements machine.Streams.
func (*outside) Write(_ machine.Port, b []byte, _ int64) (int, error) { return len(b), nil }

// Ready implements machine.Streams.
func (*outside) Ready(p machine.Port) uint32 {
	if p == machine.Stdin {
		return abi.POLLIN
	}
	return abi.POLLOUT
}

// Attr implements machine.Streams.
func (*outside) Attr(machine.Port) vfs.Attr { return vfs.Attr{Mode: abi.S_IFIFO | 0o600} }

// Truncate implements machine.Streams.
func (*outside) Truncate(machine.Port, int64) error { return abi.EINVAL }

// Position implements machine.Streams.
func (*outside) Position(machine.Port, int64) {}

// standard are pipes to and from the outside.
func (o *outside) standard() (s machine.Standard) {
	for p := range s.Streams {
		flags := uint32(abi.O_WRONLY)
		if p == 0 {
			flags = abi.O_RDONLY
		}
		port := machine.Port(p)
		s.Streams[p] = machine.StreamConfig{Kind: abi.S_IFIFO, Same: port, Flags: flags, Ready: o.Ready(port), Attr: o.Attr(port)}
	}
	return s
}

// Boot returns a machine that is about to run a guest of testbins/bin, whose folder
// dir is, in a file system that holds nothing else.
func Boot(dir, guest string, engine Engine, steps uint64, w machine.Watch) (*machine.Machine, error) {
	o := &outside{input: []byte("one line of input\n")}
	c := machine.Config{
		Seed: seed, EpochNs: epochNs, Memory: memory, MaxSteps: steps,
		NewEngine: engine, Outside: o, Standard: o.standard(), Watch: w, Clock: new(machine.Clock),
	}
	fs := memfs.New(memfs.Options{Dev: rootDev, Mode: 0o755, Time: vfs.Time(epochNs), Clock: c.Clock.Now})
	c.NS = vfs.NewNamespace(fs, "/dev/root", "ext4", 0)
	ctx := &vfs.Context{NS: c.NS, Root: c.NS.Root(), Cwd: c.NS.Root()}
	for _, d := range append([]string{"/tmp"}, machine.SystemDirs...) {
		if err := ctx.Mkdir(nil, d, 0o777); err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
	}
	p, err := os.ReadFile(filepath.Join(dir, guest))
	if err != nil {
		return nil, err
	}
	path := "/" + guest
	if err := write(ctx, path, p, 0o755); err != nil {
		return nil, err
	}
	c.Start = kernel.BootArgs{Path: path, Argv: []string{path}, Envp: []string{"PATH=/"}, Umask: 0o22, Cred: kernel.NewCred(0, 0, nil)}
	return machine.Boot(c)
}

// write makes a file.
func write(ctx *vfs.Context, path string, p []byte, mode uint32) error {
	f, err := ctx.Open(nil, path, vfs.How{Flags: abi.O_WRONLY | abi.O_CREAT, Mode: mode})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer f.Unref()
	for len(p) > 0 {
		n, err := f.Write(p)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if n == 0 {
			return fmt.Errorf("%s: %w", path, io.ErrShortWrite)
		}
		p = p[n:]
	}
	return nil
}
