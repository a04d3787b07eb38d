package kernel

import (
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/anon"
	"emurun/vfs/lock"
	"emurun/vfs/socket"
)

// The bare types are frozen as the types they are made of, but Link does not judge them:
// the values that RoundTripGraph fills in belong to no machine.
type (
	bareProcess Process
	bareThread  Thread
	bareSpace   addressSpace
	bareCache   fileCache
	bareKernel  Kernel
)

func (p *bareProcess) Freeze(e *wire.Encoder) { (*Process)(p).Freeze(e) }
func (p *bareProcess) Thaw(d *wire.Decoder)   { (*Process)(p).Thaw(d) }
func (t *bareThread) Freeze(e *wire.Encoder)  { (*Thread)(t).Freeze(e) }
func (t *bareThread) Thaw(d *wire.Decoder)    { (*Thread)(t).Thaw(d) }
func (m *bareSpace) Freeze(e *wire.Encoder)   { (*addressSpace)(m).Freeze(e) }
func (m *bareSpace) Thaw(d *wire.Decoder)     { (*addressSpace)(m).Thaw(d) }
func (c *bareCache) Freeze(e *wire.Encoder)   { (*fileCache)(c).Freeze(e) }
func (c *bareCache) Thaw(d *wire.Decoder)     { (*fileCache)(c).Thaw(d) }
func (k *bareKernel) Freeze(e *wire.Encoder)  { (*Kernel)(k).Freeze(e) }
func (k *bareKernel) Thaw(d *wire.Decoder)    { (*Kernel)(k).Thaw(d) }

// testNode, testFile and testTTY stand for the kinds of others.
type testNode struct {
	vfs.NodeDefaults
	ino uint64
}

func (n *testNode) Attr() (vfs.Attr, error) { return vfs.Attr{Ino: n.ino}, nil }
func (n *testNode) Freeze(e *wire.Encoder)  { e.Uint64(n.ino) }
func (n *testNode) Thaw(d *wire.Decoder)    { n.ino = d.Uint64() }

type testFile struct {
	vfs.FileDefaults
	queue vfs.Queue
}

func (f *testFile) Queue() *vfs.Queue      { return &f.queue }
func (f *testFile) Freeze(e *wire.Encoder) { f.queue.Freeze(e) }
func (f *testFile) Thaw(d *wire.Decoder)   { f.queue.Thaw(d) }

type testTTY struct{ n uint64 }

func (t *testTTY) Disassociate()          {}
func (t *testTTY) Number() uint64         { return t.n }
func (t *testTTY) Freeze(e *wire.Encoder) { e.Uint64(t.n) }
func (t *testTTY) Thaw(d *wire.Decoder)   { t.n = d.Uint64() }

// testKinds are the kinds of a machine around k.
func testKinds(k *Kernel) *wire.Kinds {
	kinds := new(wire.Kinds)
	Kinds(kinds, k)
	mem.Kinds(kinds, k.cfg.Pool)
	vfs.Kinds(kinds, k.cfg.NS)
	anon.Kinds(kinds, &k.Anon)
	lock.Kinds(kinds, &k.Locks)
	socket.Kinds(kinds, &k.Net)
	wire.Add(kinds, "testNode", func() *testNode { return new(testNode) })
	wire.Add(kinds, "testFile", func() *testFile { return new(testFile) })
	wire.Add(kinds, "testTTY", func() *testTTY { return new(testTTY) })
	return kinds
}

// newKernel is a machine without processes.
func newKernel(t *testing.T) *Kernel {
	pool := mem.NewPool(1 << 20)
	t.Cleanup(pool.Close)
	return New(Config{Pool: pool})
}

// goneProcess is a process without a machine.
func goneProcess() any {
	return &Process{
		PID: 7, state: reaped, Session: &Session{SID: 7}, FDs: NewFDTable(), FS: &FSContext{refs: 1},
		mm: new(addressSpace), actions: new(sigActions),
	}
}

func goneThread() any {
	return &Thread{TID: 8, state: dead, Proc: goneProcess().(*Process), CPU: someCPU().(*emu.CPU)}
}

func someCPU() any {
	c := new(emu.CPU)
	c.SetRegs(newRegs(5, 6))
	return c
}

func someDentry() any {
	return vfs.NewDentry("somewhere", &testNode{ino: 9})
}

func someFile() any {
	return vfs.NewOpenFile(new(testFile), &testNode{ino: 10}, nil, abi.O_RDONLY)
}

// ownTimers skips what of the timers at these paths is derived.
func ownTimers(paths ...string) (skip []string) {
	for _, p := range paths {
		skip = append(skip, p+"Target", p+"index")
	}
	return skip
}

func TestFreezeProcess(t *testing.T) {
	k := newKernel(t)
	kinds := testKinds(k)
	wire.Add(kinds, "bare", func() *bareProcess { return &bareProcess{k: k} })
	skip := append(ownTimers("realTimer.Timer.", "posixTimers.Timer."), "k", "Mem", "Engine", "realTimer.proc", "posixTimers.proc",
		"cpuPosix", "SigQueue.events", "childQueue.events", "exitQueue.events", "vforkQueue.events")
	wiretest.RoundTripGraph(t, kinds, &bareProcess{k: k},
		wiretest.Skip(skip...), looseEnds(),
		wiretest.Make("Parent", goneProcess), wiretest.Make("children", goneProcess),
		wiretest.Make("Session", func() any { return new(Session) }),
		wiretest.Make("FDs", func() any { return NewFDTable() }),
		wiretest.Make("FS", func() any { return &FSContext{refs: 3} }),
		wiretest.Make("mm", func() any { return &addressSpace{refs: 4} }),
		wiretest.Make("actions", func() any { return &sigActions{refs: 5} }),
		wiretest.Make("threads", goneThread), wiretest.Make("vforkParent", goneThread),
		wiretest.Make("SigQueue.waiters", goneThread), wiretest.Make("childQueue.waiters", goneThread),
		wiretest.Make("exitQueue.waiters", goneThread), wiretest.Make("vforkQueue.waiters", goneThread),
		wiretest.Make("exe.Dentry", someDentry),
		wiretest.Adjust(func(p *bareProcess) {
			p.state, p.report = zombie, reportContinued
			p.exitSignal, p.stopSignal = 63, 62
			for i := range p.pending.items {
				p.pending.items[i].Signo = abi.Signal(i + 1)
			}
			for i, x := range p.posixTimers {
				x.signo = abi.Signal(i + 40)
			}
		}))
}

// looseEnds leaves out what is derived, at any depth.
func looseEnds() wiretest.Option {
	return wiretest.Derived("Process.k", "Process.Mem", "Process.Engine", "Thread.k", "addressSpace.k", "Timerfd.k", "Signalfd.k",
		"Timer.Target", "Timer.index", "intervalTimer.proc", "posixTimer.proc", "Queue.events", "FSContext.ns", "CPU.Mem", "Dentry.checked", "Object.pool", "tree.pool", "Space.pool", "Space.TLB", "Space.viewed")
}

func TestFreezeThread(t *testing.T) {
	k := newKernel(t)
	kinds := testKinds(k)
	wire.Add(kinds, "bare", func() *bareThread { return &bareThread{k: k, CPU: new(emu.CPU)} })
	where := new(testFile)
	somePipe := new(anon.State).Fifo(&vfs.Attr{Ino: 5})
	file := vfs.NewOpenFile(where, &testNode{ino: 11}, nil, abi.O_RDONLY)
	wiretest.RoundTripGraph(t, kinds, &bareThread{k: k},
		wiretest.Skip(append(ownTimers("wait.timer."), "k", "queued", "listed", "vfs", "futex.entries.thread")...),
		looseEnds(), wiretest.Make("futex.entries.key.object", func() any { return mem.NewObject(k.cfg.Pool, nil, 0) }),
		wiretest.Make("Proc", goneProcess),
		wiretest.Make("CPU", someCPU),
		wiretest.Make("call.files.file", func() any { return file }),
		wiretest.Make("call.polled", func() any { return file }),
		wiretest.Make("call.fifo", func() any { return somePipe }),
		wiretest.Make("restart.call.files.file", func() any { return file }),
		wiretest.Make("restart.call.polled", func() any { return file }),
		wiretest.Make("restart.call.fifo", func() any { return somePipe }),
		wiretest.Make("wait.queues", func() any { return &where.queue }),
		wiretest.Make("futex.entries.key.mm", func() any { return &addressSpace{refs: 6} }),
		wiretest.Adjust(func(t *bareThread) {
			t.state, t.PdeathSignal = stopped, 61
			t.call.files.n, t.restart.call.files.n = 3, 3
			for i := range t.pending.items {
				t.pending.items[i].Signo = abi.Signal(i + 1)
			}
			for _, e := range t.futex.entries {
				e.thread = (*Thread)(t)
			}
		}))
}

func TestFreezeShared(t *testing.T) {
	k := newKernel(t)
	kinds := testKinds(k)
	wire.Add(kinds, "bareSpace", func() *bareSpace { return &bareSpace{k: k} })
	wire.Add(kinds, "bareCache", func() *bareCache { return &bareCache{k: k} })
	wiretest.RoundTripGraph(t, kinds, new(sigActions))
	wiretest.RoundTripGraph(t, kinds, new(Session), looseEnds(),
		wiretest.Make("Leader", goneProcess), wiretest.Make("TTY", func() any { return &testTTY{5} }))
	wiretest.RoundTripGraph(t, kinds, new(FDTable), looseEnds(), wiretest.Make("slots.file", someFile),
		wiretest.Make("locks", func() any { return &k.Locks }),
		wiretest.Adjust(func(f *FDTable) { f.free = 1 }))
	wiretest.RoundTripGraph(t, kinds, new(FSContext), looseEnds(), wiretest.Skip("ns"),
		wiretest.Make("root", someDentry), wiretest.Make("cwd", someDentry))
	wiretest.RoundTripGraph(t, kinds, &bareSpace{k: k}, looseEnds(), wiretest.Skip("k", "engine"),
		wiretest.Make("space", func() any { return mem.NewSpace(k.cfg.Pool) }))
	wiretest.RoundTripGraph(t, kinds, &bareCache{k: k}, looseEnds(), wiretest.Skip("k"),
		wiretest.Make("node", func() any { return &testNode{ino: 3} }), wiretest.Make("open", func() any { return new(testFile) }),
		wiretest.Make("obj", func() any { return mem.NewObject(k.cfg.Pool, nil, 0) }))
	wiretest.RoundTripGraph(t, kinds, &Signalfd{k: k}, looseEnds(), wiretest.Skip("k"), wiretest.Make("asked", goneProcess))
	wiretest.RoundTripGraph(t, kinds, &Timerfd{k: k}, looseEnds(),
		wiretest.Skip(append(ownTimers("timer."), "k", "queue.events")...), wiretest.Make("queue.waiters", goneThread))
	wiretest.RoundTripGraph(t, kinds, new(Pidfd), looseEnds(), wiretest.Make("proc", goneProcess))
}

// Every field of the kernel is frozen, or derived, or says how this machine runs.
func TestFreezeKernel(t *testing.T) {
	fresh := newKernel(t)
	kinds := testKinds(fresh)
	wire.Add(kinds, "bare", func() *bareKernel { return (*bareKernel)(fresh) })
	armed := func() any { return new(Timer) }
	wiretest.RoundTripGraph(t, kinds, (*bareKernel)(New(fresh.cfg)), looseEnds(),
		wiretest.Skip("cfg.Pool", "cfg.NS", "cfg.NewEngine", "cfg.Exiting", "cfg.Taking", "futexes", "Anon", "Locks", "Net",
			"wanted", "thawed", "scratch", "timers", "caches"),
		wiretest.Make("procs", goneProcess), wiretest.Make("root", goneProcess),
		wiretest.Make("runq", goneThread), wiretest.Make("current", goneThread),
		wiretest.Make("cancelable", func() any { return new(Timerfd) }),
		wiretest.Make("timers", armed),
		wiretest.Make("Shm.segments.Object", func() any { return mem.NewObject(fresh.cfg.Pool, nil, 0) }),
		wiretest.Adjust(func(k *bareKernel) {
			for i, s := range k.Shm.segments {
				s.ID = int32(3<<ipcIndexBits | i)
			}
		}))
}
