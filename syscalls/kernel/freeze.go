package kernel

import (
	"emurun/emu"
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
	e.Ref(k.cfg.Pool)
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
	thawPart(d, k.cfg.Pool)
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
