package kernel

import (
	"emurun/abi"
	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Freeze writes p, dead ones too: others may still know it.
func (p *Process) Freeze(e *wire.Encoder) {
	e.Int32(p.PID)
	e.Int32(p.PGID)
	e.Ref(p.Parent)
	e.Ref(p.Session)
	e.Ref(p.FDs)
	e.Ref(p.FS)
	p.Cred.freeze(e)
	e.Ref(p.mm)
	freezeRefs(e, p.threads)
	freezeRefs(e, p.children)
	e.Uint8(uint8(p.state))
	e.Ref(p.actions)
	p.pending.freeze(e)
	for _, q := range p.queues() {
		q.Freeze(e)
	}
	p.freezeEnd(e)
	p.freezeTimes(e)
	p.freezeAttributes(e)
}

// Thaw reads p.
func (p *Process) Thaw(d *wire.Decoder) {
	p.PID = d.Int32()
	p.PGID = d.Int32()
	p.Parent = wire.Ref[*Process](d)
	p.Session = wire.Ref[*Session](d)
	p.FDs = wire.Ref[*FDTable](d)
	p.FS = wire.Ref[*FSContext](d)
	p.Cred.thaw(d)
	p.mm = wire.Ref[*addressSpace](d)
	p.threads = thawRefs[*Thread](d)
	p.children = thawRefs[*Process](d)
	p.state = procState(d.Uint8())
	p.actions = wire.Ref[*sigActions](d)
	p.pending.thaw(d)
	for _, q := range p.queues() {
		q.Thaw(d)
	}
	p.thawEnd(d)
	p.thawTimes(d)
	p.thawAttributes(d)
	switch {
	case p.Session == nil || p.FDs == nil || p.FS == nil || p.mm == nil || p.actions == nil:
		d.Fail("process %d lacks a part", p.PID)
	case p.state > reaped:
		d.Fail("process %d is in state %d", p.PID, p.state)
	}
}

// Link gives a living process its memory.
func (p *Process) Link() error {
	if p.state != reaped && p.k.Process(p.PID) != p {
		return wire.Corrupt("process %d is not in the table", p.PID)
	}
	if p.state == reaped && (p.Parent != nil || len(p.children)+len(p.threads) > 0) {
		return wire.Corrupt("process %d is gone and has a family", p.PID)
	}
	if p.state == alive {
		p.mm.start()
		p.Mem, p.Engine = p.mm.space, p.mm.engine
	}
	return nil
}

// queues returns the wait queues that lie in p.
func (p *Process) queues() [4]*vfs.Queue {
	return [4]*vfs.Queue{&p.SigQueue, &p.childQueue, &p.exitQueue, &p.vforkQueue}
}

// freezeEnd writes job control and what becomes of p.
func (p *Process) freezeEnd(e *wire.Encoder) {
	e.Int32(int32(p.exitSignal))
	e.Bool(p.stopping)
	e.Bool(p.stopped)
	e.Int32(int32(p.stopSignal))
	e.Uint8(uint8(p.report))
	e.Bool(p.exiting)
	e.Int32(p.exitStatus)
	e.Bool(p.execed)
	e.Ref(p.vforkParent)
}

func (p *Process) thawEnd(d *wire.Decoder) {
	p.exitSignal = thawSignal(d)
	p.stopping = d.Bool()
	p.stopped = d.Bool()
	p.stopSignal = thawSignal(d)
	p.report = childReport(d.Uint8())
	p.exiting = d.Bool()
	p.exitStatus = d.Int32()
	p.execed = d.Bool()
	p.vforkParent = wire.Ref[*Thread](d)
	if p.report > reportContinued {
		d.Fail("report %d", p.report)
	}
}

// freezeTimes writes accounting and timers.
func (p *Process) freezeTimes(e *wire.Encoder) {
	e.Uint64(p.steps)
	e.Uint64(p.childSteps)
	e.Int64(p.start)
	p.realTimer.Timer.freeze(e)
	e.Int64(p.realTimer.interval)
	for _, c := range p.cpuTimers {
		e.Int64(c.at)
		e.Int64(c.interval)
	}
	e.Count(len(p.posixTimers))
	for _, x := range p.posixTimers {
		x.freeze(e)
	}
	e.Int32(p.nextTimerID)
}

func (p *Process) thawTimes(d *wire.Decoder) {
	p.steps = d.Uint64()
	p.childSteps = d.Uint64()
	p.start = d.Int64()
	p.realTimer.proc = p
	p.realTimer.Timer.thaw(d, &p.realTimer)
	p.realTimer.interval = thawNs(d)
	for i := range p.cpuTimers {
		p.cpuTimers[i] = cpuTimer{thawNs(d), thawNs(d)}
	}
	for range d.Count(wire.MaxLen, 64) {
		x := &posixTimer{proc: p}
		x.thaw(d)
		p.posixTimers = append(p.posixTimers, x)
		if x.cpu {
			p.cpuPosix++
		}
	}
	p.nextTimerID = d.Int32()
	if p.steps > maxSteps || p.childSteps > maxSteps {
		d.Fail("%d steps, %d of children", p.steps, p.childSteps)
	}
}

// thawNs reads a time that is not negative.
func thawNs(d *wire.Decoder) int64 {
	ns := d.Int64()
	if ns < 0 {
		d.Fail("a time of %d ns", ns)
		return 0
	}
	return ns
}

func (x *posixTimer) freeze(e *wire.Encoder) {
	x.Timer.freeze(e)
	e.Int32(x.id)
	e.Int32(x.clock)
	e.Int32(x.notify)
	e.Int32(int32(x.signo))
	e.Uint64(x.value)
	e.Int32(x.tid)
	e.Int64(x.interval)
	e.Int32(x.overrun)
	e.Int32(x.last)
	e.Bool(x.realtime)
	e.Bool(x.cpu)
	e.Int32(x.cpuTID)
	e.Int64(x.cpuAt)
}

func (x *posixTimer) thaw(d *wire.Decoder) {
	x.Timer.thaw(d, x)
	x.id = d.Int32()
	x.clock = d.Int32()
	x.notify = d.Int32()
	x.signo = abi.Signal(d.Int32())
	x.value = d.Uint64()
	x.tid = d.Int32()
	x.interval = thawNs(d)
	x.overrun = d.Int32()
	x.last = d.Int32()
	x.realtime = d.Bool()
	x.cpu = d.Bool()
	x.cpuTID = d.Int32()
	x.cpuAt = thawNs(d)
	if x.notify != abi.SIGEV_NONE && !x.signo.Valid() {
		d.Fail("timer %d sends signal %d", x.id, x.signo)
	}
}

// freezeAttributes writes limits and other properties.
func (p *Process) freezeAttributes(e *wire.Encoder) {
	for _, l := range p.Limits {
		e.Uint64(l.Cur)
		e.Uint64(l.Max)
	}
	e.Int32(p.Nice)
	e.Int32(p.Dumpable)
	e.Uint32(p.Personality)
	e.Uint64(p.TimerSlackNs)
	e.Bool(p.Subreaper)
	e.Uint32(p.Membarrier)
	e.Ref(p.exe.Dentry)
	e.String(p.exe.Path)
	e.Bytes(p.Auxv)
}

func (p *Process) thawAttributes(d *wire.Decoder) {
	for i := range p.Limits {
		p.Limits[i] = abi.Rlimit{Cur: d.Uint64(), Max: d.Uint64()}
	}
	p.Nice = d.Int32()
	p.Dumpable = d.Int32()
	p.Personality = d.Uint32()
	p.TimerSlackNs = d.Uint64()
	p.Subreaper = d.Bool()
	p.Membarrier = d.Uint32()
	p.exe = Executable{Dentry: wire.Ref[*vfs.Dentry](d), Path: d.String(wire.MaxLen)}
	p.Auxv = d.Bytes(wire.MaxLen)
}

// freeze writes c.
func (c *Cred) freeze(e *wire.Encoder) {
	for _, id := range []uint32{c.RUID, c.EUID, c.SUID, c.FSUID, c.RGID, c.EGID, c.SGID, c.FSGID} {
		e.Uint32(id)
	}
	e.Count(len(c.Groups))
	for _, g := range c.Groups {
		e.Uint32(g)
	}
	for _, set := range []uint64{c.Permitted, c.Effective, c.Inheritable, c.Bounding, c.Ambient} {
		e.Uint64(set)
	}
	e.Bool(c.KeepCaps)
	e.Uint32(c.Securebits)
	e.Bool(c.NoNewPrivs)
}

func (c *Cred) thaw(d *wire.Decoder) {
	for _, id := range []*uint32{&c.RUID, &c.EUID, &c.SUID, &c.FSUID, &c.RGID, &c.EGID, &c.SGID, &c.FSGID} {
		*id = d.Uint32()
	}
	for range d.Count(wire.MaxLen, 4) {
		c.Groups = append(c.Groups, d.Uint32())
	}
	for _, set := range []*uint64{&c.Permitted, &c.Effective, &c.Inheritable, &c.Bounding, &c.Ambient} {
		*set = d.Uint64()
	}
	c.KeepCaps = d.Bool()
	c.Securebits = d.Uint32()
	c.NoNewPrivs = d.Bool()
}

// Freeze writes s.
func (s *Session) Freeze(e *wire.Encoder) {
	e.Int32(s.SID)
	e.Ref(s.Leader)
	e.Ref(s.TTY)
	e.Int32(s.Foreground)
}

// Thaw reads s.
func (s *Session) Thaw(d *wire.Decoder) {
	s.SID = d.Int32()
	s.Leader = wire.Ref[*Process](d)
	wire.Later(d, func(t Terminal) { s.TTY = t })
	s.Foreground = d.Int32()
}

// Freeze writes m.
func (m *addressSpace) Freeze(e *wire.Encoder) {
	e.Ref(m.space)
	e.Int32(m.refs)
}

// Thaw reads m.
func (m *addressSpace) Thaw(d *wire.Decoder) {
	m.space = wire.Ref[*mem.Space](d)
	m.refs = d.Int32()
}

// Link gives m an engine.
func (m *addressSpace) Link() error {
	m.start()
	return nil
}

// start makes the engine of an address space that has thawed.
func (m *addressSpace) start() {
	if m.space != nil && m.engine == nil {
		m.engine = m.k.cfg.NewEngine(m.space)
	}
}
