package machine

import (
	"fmt"

	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/syscalls/procfs"
	"emurun/syscalls/tty"
	"emurun/vfs"
	"emurun/vfs/devfs"
	"emurun/vfs/memfs"
)

// Device numbers of the file systems that every machine has.
const (
	devDev  = 5
	ptsDev  = 22
	shmDev  = 23
	procDev = 21
	sysDev  = 20
)

// SystemDirs are where a root needs folders for what every machine has.
var SystemDirs = []string{"/dev", "/proc", "/sys"}

// system is what a machine has besides the guest's own files: devices and
// terminals.
type system struct {
	dev    *devfs.FS
	ttys   *tty.System
	mounts []mount
}

// mount is a file system that every machine has.
type mount struct {
	at, source, kind string
	fs               vfs.FileSystem
	flags            uint64
}

// newSystem makes the file systems of a machine.
func newSystem(k *kernel.Kernel) *system {
	now := vfs.Time(k.Config().EpochNs)
	clock := func() vfs.Time { return vfs.Time(k.Realtime()) }
	s := &system{dev: devfs.New(devDev, now, k.Random), ttys: tty.NewSystem(k, ptsDev)}
	s.dev.Add("tty", 0o666, abi.Mkdev(5, 0), s.ttys.OpenTTY)
	s.dev.Add("ptmx", 0o666, abi.Mkdev(5, 2), s.ttys.OpenPTMX)
	s.dev.Mkdir("pts")
	s.dev.Mkdir("shm")
	for _, l := range [][2]string{{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"}} {
		s.dev.Symlink(l[0], l[1])
	}
	shm := memfs.New(memfs.Options{Dev: shmDev, Mode: 0o1777, Time: now, Clock: clock})
	s.mounts = []mount{
		{"/dev", "udev", "devtmpfs", s.dev, abi.ST_NOSUID},
		{"/dev/pts", "devpts", "devpts", s.ttys, abi.ST_NOSUID | abi.ST_NOEXEC},
		{"/proc", "proc", "proc", procfs.New(k, procDev), abi.ST_NOSUID | abi.ST_NODEV | abi.ST_NOEXEC},
		{"/sys", "sysfs", "sysfs", procfs.NewSys(k, sysDev), abi.ST_NOSUID | abi.ST_NODEV | abi.ST_NOEXEC},
		{"/dev/shm", "tmpfs", "tmpfs", shm, abi.ST_NOSUID | abi.ST_NODEV},
	}
	return s
}

// mount mounts /proc, /sys, /dev, /dev/pts and /dev/shm where the tree has places for them.
func (s *system) mount(ns *vfs.Namespace) error {
	ctx := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root()}
	for _, m := range s.mounts {
		at, err := ctx.Walk(nil, m.at, true)
		if err != nil {
			continue // a root without a place for it does without
		}
		if _, err := ns.Mount(at, m.fs, m.source, m.kind, m.flags); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return nil
}

// attach makes the file systems known to a namespace that is about to thaw and then says
// where each stands.
func (s *system) attach(ns *vfs.Namespace) error {
	for _, m := range s.mounts {
		if _, err := ns.Mount(ns.Root(), m.fs, m.source, m.kind, m.flags); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return nil
}

// connect opens the standard descriptors. The function it returns makes the terminal, if one
// is there, the controlling one of the first session.
func (s *system) connect(c *Config, d *door) (adopt func(p *kernel.Process)) {
	adopt = func(*kernel.Process) {}
	files := make([]*vfs.OpenFile, len(c.Standard.Streams))
	var screen *vfs.OpenFile // the description that those on the terminal share
	if d.terminal != nil {
		t := s.ttys.AddHost(d.terminal)
		c.Start.TTY = t
		adopt = func(p *kernel.Process) { t.Adopt(p.Session) }
		screen = vfs.NewOpenFile(&tty.File{TTY: t}, t.Node(), nil, abi.O_RDWR)
	}
	for fd, x := range c.Standard.Streams {
		switch {
		case x.Terminal:
			files[fd] = screen.Ref()
		case x.Kind == 0:
		case int(x.Same) < fd:
			if f := files[x.Same]; f != nil {
				files[fd] = f.Ref()
			}
		default:
			files[fd] = d.streams[fd].open()
		}
	}
	if screen != nil {
		screen.Unref()
	}
	c.Start.Files = files
	return adopt
}

// special opens the nodes that are doors into the kernel: devices by their
// number, wherever their node is; the rest is otherwise's.
func (s *system) special(otherwise opener) opener {
	return func(c *vfs.Context, d *vfs.Dentry, a vfs.Attr, flags uint32) (vfs.File, error) {
		if a.Mode&abi.S_IFMT == abi.S_IFCHR {
			return s.dev.Open(a.Rdev, flags)
		}
		return otherwise(c, d, a, flags)
	}
}

type opener = func(*vfs.Context, *vfs.Dentry, vfs.Attr, uint32) (vfs.File, error)
