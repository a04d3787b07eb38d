package kernel

import (
	"slices"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/snapshot/wire"
)

// Kinds adds the objects of this package to k. They thaw into kern, the kernel of a fresh
// machine, whose Pool, Namespace and engines they use.
func Kinds(k *wire.Kinds, kern *Kernel) {
	wire.Add(k, "kernel.Kernel", func() *Kernel { return kern })
	wire.Add(k, "kernel.Process", func() *Process { return &Process{k: kern} })
	wire.Add(k, "kernel.Thread", func() *Thread { return &Thread{k: kern, CPU: new(emu.CPU)} })
	wire.Add(k, "kernel.addressSpace", func() *addressSpace { return &addressSpace{k: kern} })
	wire.Add(k, "kernel.sigActions", func() *sigActions { return new(sigActions) })
	wire.Add(k, "kernel.Session", func() *Session { return new(Session) })
	wire.Add(k, "kernel.FDTable", func() *FDTable { return new(FDTable) })
	wire.Add(k, "kernel.FSContext", func() *FSContext { return &FSContext{ns: kern.cfg.NS} })
	wire.Add(k, "kernel.fileCache", func() *fileCache { return &fileCache{k: kern} })
	wire.Add(k, "kernel.Signalfd", func() *Signalfd { return &Signalfd{k: kern} })
	wire.Add(k, "kernel.Timerfd", func() *Timerfd { return &Timerfd{k: kern} })
	wire.Add(k, "kernel.Pidfd", func() *Pidfd { return new(Pidfd) })
}

// Freeze writes all of the machine's kernel that a later instruction may see.
func (k *Kernel) Freeze(e *wire.Encoder) {
	e.Ref(k.cfg.NS) // before all else, see vfs.Mounted
	k.cfg.freeze(e)
	e.Uint64(k.steps)
	e.Int64(k.skipNs)
	e.Uint64(k.seq)
	freezeRefs(e, k.procs)
	e.Ref(k.root)
	e.Int32(k.lastPID)
	freezeRefs(e, k.runq)
	e.Ref(k.current)
	e.Uint64(k.random)
	e.Uint64(k.boot.hi)
	e.Uint64(k.boot.lo)
	e.Int32(k.rootStatus)
	e.Bool(k.rootDone)
	e.String(k.hostname)
	e.String(k.domainname)
	k.checkpoint.freeze(e)
	e.Ref(&k.Anon)
	e.Ref(&k.Locks)
	e.Ref(&k.Net)
	k.Shm.freeze(e)
	freezeRefs(e, k.caches)
	freezeRefs(e, k.cancelable)
	k.timers.freeze(e)
}

// Thaw reads k.
func (k *Kernel) Thaw(d *wire.Decoder) {
	thawPart(d, k.cfg.NS)
	k.cfg.thaw(d)
	k.steps = d.Uint64()
	k.skipNs = d.Int64()
	k.seq = d.Uint64()
	k.procs = thawRefs[*Process](d)
	k.root = wire.Ref[*Process](d)
	k.lastPID = d.Int32()
	k.runq = thawRefs[*Thread](d)
	k.current = wire.Ref[*Thread](d)
	k.random = d.Uint64()
	k.boot = bootID{d.Uint64(), d.Uint64()}
	k.rootStatus = d.Int32()
	k.rootDone = d.Bool()
	k.hostname = d.String(nameMax)
	k.domainname = d.String(nameMax)
	k.checkpoint.thaw(d)
	thawPart(d, &k.Anon)
	thawPart(d, &k.Locks)
	thawPart(d, &k.Net)
	k.Shm.thaw(d)
	k.caches = thawRefs[*fileCache](d)
	k.cancelable = thawRefs[*Timerfd](d)
	k.timers.thaw(d)
	if k.lastPID < 0 || k.lastPID > PIDMax || k.steps > maxSteps || k.skipNs < 0 {
		d.Fail("last PID %d, %d steps, %d ns", k.lastPID, k.steps, k.skipNs)
	}
}

const (
	nameMax  = 4096    // bytes of a name of the machine
	maxSteps = 1 << 62 // so that no sum of steps overflows
)

// Link puts what was thawed together and checks that it fits.
func (k *Kernel) Link() error {
	k.thawed = new(thawedFrom)
	if err := k.linkTimers(); err != nil {
		return err
	}
	if err := k.linkProcesses(); err != nil {
		return err
	}
	if err := k.linkQueue(); err != nil {
		return err
	}
	return k.linkFutexes()
}

// freeze writes what of c belongs to the state; the rest is where the machine runs.
func (c *Config) freeze(e *wire.Encoder) {
	e.Uint64(c.Seed)
	e.Int64(c.EpochNs)
	e.Int64(c.NsPerStep)
	e.Uint64(c.Quantum)
	e.String(c.Hostname)
	e.Uint32(uint32(c.Level))
	e.Uint64(c.HWCAP)
	e.Uint64(c.Memory)
}

func (c *Config) thaw(d *wire.Decoder) {
	c.Seed = d.Uint64()
	c.EpochNs = d.Int64()
	c.NsPerStep = d.Int64()
	c.Quantum = d.Uint64()
	c.Hostname = d.String(nameMax)
	c.Level = int(d.Uint32())
	c.HWCAP = d.Uint64()
	c.Memory = d.Uint64()
	if c.NsPerStep <= 0 || c.NsPerStep > 1e9 || c.Quantum == 0 || c.Quantum > maxQuantum {
		d.Fail("%d ns a step, a quantum of %d", c.NsPerStep, c.Quantum)
	}
}

// maxQuantum keeps a turn far from what a step counter can hold.
const maxQuantum = 1 << 48

// freezeRefs writes a list of references.
func freezeRefs[T any](e *wire.Encoder, list []T) {
	e.Count(len(list))
	for _, x := range list {
		e.Ref(x)
	}
}

// thawRefs reads a list of references, none of them nil.
func thawRefs[T comparable](d *wire.Decoder) []T {
	var list []T
	for range d.Count(wire.MaxLen, 4) {
		var none T
		x := wire.Ref[T](d)
		if x == none {
			d.Fail("a list holds nothing at a place")
			return nil
		}
		list = append(list, x)
	}
	return list
}

// thawPart reads a reference to a part that a fresh kernel has already.
func thawPart[T comparable](d *wire.Decoder, part T) {
	if x := wire.Ref[T](d); x != part {
		d.Fail("%T is not the machine's", part)
	}
}

// freeze writes the timers that run, the next one first. Each lies in what it wakes, which
// is written too: nobody else may lead there.
func (h timerHeap) freeze(e *wire.Encoder) {
	e.Count(len(h))
	for _, tm := range h.sorted() {
		if _, ok := tm.Target.(wire.Object); ok {
			e.Ref(tm.Target)
		} else {
			e.Uint32(0)
		}
		e.Ref(tm)
	}
}

func (h *timerHeap) thaw(d *wire.Decoder) {
	*h = nil
	for range d.Count(wire.MaxLen, 8) {
		wire.Ref[wire.Object](d)
		wire.Later(d, func(tm *Timer) { *h = append(*h, tm) })
	}
}

// sorted returns the timers in the order in which they expire.
func (h timerHeap) sorted() timerHeap {
	s := slices.Clone(h)
	slices.SortFunc(s, func(a, b *Timer) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return s
}

// freeze writes tm where it lies. Whether it runs is in the kernel's list.
func (tm *Timer) freeze(e *wire.Encoder) {
	e.Own(tm)
	e.Int64(tm.at)
	e.Uint64(tm.seq)
}

// thaw reads tm, which calls target.
func (tm *Timer) thaw(d *wire.Decoder, target expirer) {
	d.Own(tm)
	tm.Target = target
	tm.at = d.Int64()
	tm.seq = d.Uint64()
	if tm.at < 0 {
		d.Fail("a timer at %d", tm.at)
	}
}

// linkTimers makes a heap of the list of timers: a list in order is one.
func (k *Kernel) linkTimers() error {
	for i, tm := range k.timers {
		if tm == nil || tm.index != 0 || tm.seq > k.seq || i > 0 && !k.timers[i-1].before(tm) {
			return wire.Corrupt("timer %d is out of order", i)
		}
		tm.index = i + 1
	}
	return nil
}

// freeze writes the segments by index.
func (t *ShmTable) freeze(e *wire.Encoder) {
	e.Uint32(uint32(t.next))
	e.Uint16(t.seq)
	e.Count(len(t.segments))
	for _, s := range t.segments {
		if s == nil {
			e.Ref(nil)
			continue
		}
		e.Ref(s.Object)
		s.freeze(e)
	}
}

func (t *ShmTable) thaw(d *wire.Decoder) {
	t.next = int(d.Uint32())
	t.seq = d.Uint16()
	t.segments = nil
	for i := range d.Count(ShmMni, 4) {
		o := wire.Ref[*mem.Object](d)
		if o == nil {
			t.segments = append(t.segments, nil)
			continue
		}
		s := &ShmSegment{Object: o}
		s.thaw(d)
		if s.ID < 0 || int(s.ID)&(1<<ipcIndexBits-1) != i {
			d.Fail("segment %d has the identifier %d", i, s.ID)
		}
		t.segments = append(t.segments, s)
	}
	if t.next > ShmMni || t.seq > 0x7fff {
		d.Fail("the next segment is %d, sequence %d", t.next, t.seq)
	}
}

func (s *ShmSegment) freeze(e *wire.Encoder) {
	p := &s.Perm
	e.Int32(s.ID)
	for _, v := range []uint32{uint32(p.Key), p.UID, p.GID, p.CUID, p.CGID, p.Mode} {
		e.Uint32(v)
	}
	e.Uint16(p.Seq)
	e.Uint64(s.Size)
	e.Int64(s.Atime)
	e.Int64(s.Dtime)
	e.Int64(s.Ctime)
	e.Int32(s.CPID)
	e.Int32(s.LPID)
}

func (s *ShmSegment) thaw(d *wire.Decoder) {
	s.ID = d.Int32()
	s.Perm = abi.IPCPerm{
		Key: d.Int32(), UID: d.Uint32(), GID: d.Uint32(), CUID: d.Uint32(), CGID: d.Uint32(),
		Mode: d.Uint32(), Seq: d.Uint16(),
	}
	s.Size = d.Uint64()
	s.Atime = d.Int64()
	s.Dtime = d.Int64()
	s.Ctime = d.Int64()
	s.CPID = d.Int32()
	s.LPID = d.Int32()
}

// FrozenConfig returns what of the Config is in a frozen kernel, the root of the graph p: a
// machine to thaw into is made with it.
func FrozenConfig(p []byte) (Config, error) {
	var c Config
	d, err := wire.Root(p)
	if err != nil {
		return c, err
	}
	d.Uint32() // the namespace
	c.thaw(d)
	return c, d.Err()
}
