package main

import (
	"time"

	"emurun/abi"
	"emurun/checkpoint"
	"emurun/machine"
	"emurun/server/api"
	"emurun/snapshot"
	"emurun/vfs"
)

// jobWorld is the outside of a job on a worker: standard input is empty, and what the
// program writes goes into its checkpoints. It implements machine.Outside.
type jobWorld struct {
	noScreen
	begin time.Time
	wake  chan struct{}
	out   [2]output // stdout, stderr
}

func newJobWorld() *jobWorld {
	w := &jobWorld{begin: time.Now(), wake: make(chan struct{}, 1)}
	w.out[0].section, w.out[1].section = api.Output["stdout"], api.Output["stderr"]
	return w
}

// jobStandard is the standard descriptors of a job.
func jobStandard() machine.Standard {
	var std machine.Standard
	for fd := range std.Streams {
		x := &std.Streams[fd]
		x.Kind, x.Same, x.Flags, x.Ready = abi.S_IFIFO, machine.Port(fd), abi.O_WRONLY, abi.POLLOUT
		if fd == 0 {
			x.Flags, x.Ready = abi.O_RDONLY, abi.POLLIN
		}
		x.Attr = jobAttr(machine.Port(fd))
	}
	return std
}

func jobAttr(p machine.Port) vfs.Attr {
	return vfs.Attr{Ino: uint64(p) + 1, Mode: abi.S_IFIFO | 0o600, Nlink: 1, Blksize: 4096}
}

// Wake ends the wait for something outside, from any goroutine.
func (w *jobWorld) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Signals implements machine.Outside.
func (w *jobWorld) Signals() []int { return nil }

// Now implements machine.Outside.
func (w *jobWorld) Now() int64 { return int64(time.Since(w.begin)) }

// Stop implements machine.Outside: nobody continues it.
func (w *jobWorld) Stop() {}

// Expired implements machine.Outside.
func (w *jobWorld) Expired() bool { return false }

// Wait implements machine.Outside.
func (w *jobWorld) Wait(ns int64, _ [machine.Ports]uint32) (ready [machine.Ports]bool) {
	var timer <-chan time.Time
	if ns >= 0 {
		timer = time.After(time.Duration(ns))
	}
	select {
	case <-timer:
	case <-w.wake:
	}
	return ready
}

// Read implements machine.Outside: at the end of the file.
func (w *jobWorld) Read(machine.Port, []byte, int64) (int, error) { return 0, nil }

// Write implements machine.Outside.
func (w *jobWorld) Write(p machine.Port, b []byte, _ int64) (int, error) {
	if p == machine.Stdout || p == machine.Stderr {
		o := &w.out[p-machine.Stdout]
		o.fresh = append(o.fresh, b...)
	}
	return len(b), nil
}

// Ready implements machine.Outside.
func (w *jobWorld) Ready(p machine.Port) uint32 { return jobStandard().Streams[p].Ready }

// Attr implements machine.Outside.
func (w *jobWorld) Attr(p machine.Port) vfs.Attr { return jobAttr(p) }

// Truncate implements machine.Outside.
func (w *jobWorld) Truncate(machine.Port, int64) error { return abi.EINVAL }

// Position implements machine.Outside.
func (w *jobWorld) Position(machine.Port, int64) {}

// noScreen is no terminal.
type noScreen struct{}

func (noScreen) Termios() (abi.Termios, error)        { return abi.Termios{}, abi.ENOTTY }
func (noScreen) SetTermios(abi.Termios, uint32) error { return abi.ENOTTY }
func (noScreen) WindowSize() (abi.Winsize, error)     { return abi.Winsize{}, abi.ENOTTY }
func (noScreen) SetWindowSize(abi.Winsize) error      { return abi.ENOTTY }
func (noScreen) Flush(uint64) error                   { return abi.ENOTTY }
func (noScreen) Buffered() (in, out int)              { return 0, 0 }

// output is all that a program has written to a stream: a section of each checkpoint, of
// which only the pages at its end change.
type output struct {
	section string
	root    snapshot.Hash // of what is committed
	size    uint64
	fresh   []byte // behind it
}

// goOn begins with the output in a checkpoint.
func (w *jobWorld) goOn(m *snapshot.Manifest) {
	for i := range w.out {
		if s, err := m.Section(w.out[i].section); err == nil {
			w.out[i].root, w.out[i].size = s.Root, s.Size
		}
	}
}

// outputSizes returns how much output a checkpoint contains.
func outputSizes(m *snapshot.Manifest) (n [2]uint64) {
	for i, stream := range []string{"stdout", "stderr"} {
		s, _ := m.Section(api.Output[stream]) // one that is not there has none
		n[i] = s.Size
	}
	return n
}

// cut returns the output up to now, for a checkpoint.
func (w *jobWorld) cut() checkpoint.Sections {
	c := &outputCut{w: w}
	for i, o := range w.out {
		c.out[i] = o
		c.out[i].fresh = o.fresh[:len(o.fresh):len(o.fresh)]
	}
	return c
}

// outputCut is the output in a checkpoint. It implements checkpoint.Sections.
type outputCut struct {
	w   *jobWorld
	out [2]output
	end [2]snapshot.Section
}

// Put implements checkpoint.Sections.
func (c *outputCut) Put(s snapshot.Store) (list []snapshot.Section, err error) {
	for i := range c.out {
		if c.end[i], err = c.out[i].put(s); err != nil {
			return nil, err
		}
	}
	return c.end[:], nil
}

// Release implements checkpoint.Sections.
func (c *outputCut) Release(committed bool) {
	if !committed {
		return
	}
	for i := range c.out {
		o := &c.w.out[i]
		o.root, o.size, o.fresh = c.end[i].Root, c.end[i].Size, o.fresh[len(c.out[i].fresh):]
	}
}

// put puts the pages at the end.
func (o *output) put(s snapshot.Store) (snapshot.Section, error) {
	t := snapshot.OpenTable(s, o.root)
	var page [snapshot.PageSize]byte
	if o.size%snapshot.PageSize != 0 && len(o.fresh) > 0 {
		if err := t.Page(o.size/snapshot.PageSize, &page); err != nil {
			return snapshot.Section{}, err
		}
	}
	at := o.size
	for rest := o.fresh; len(rest) > 0; {
		n := copy(page[at%snapshot.PageSize:], rest)
		if err := t.SetPage(s, at/snapshot.PageSize, &page); err != nil {
			return snapshot.Section{}, err
		}
		clear(page[:])
		at, rest = at+uint64(n), rest[n:]
	}
	root, err := t.Flush(s)
	return snapshot.Section{Name: o.section, Version: 1, Size: at, Root: root}, err
}
