package kernel

import (
	"testing"

	"emurun/abi"
	"emurun/emu"
	"emurun/emu/mem"
	"emurun/emu/x86"
)

// idleEngine retires whatever it may and changes nothing.
type idleEngine struct{}

func (idleEngine) Run(c *emu.CPU, budget uint64) (uint64, emu.Exit) { return budget, emu.ExitBudget }

const (
	testCode  = 0x10000
	testData  = 0x20000
	testStack = 0x40000
	testRIP   = testCode + 0x100
)

// newMachine returns a machine with one process of one thread: a page of data, and
// a stack below testStack.
func newMachine(t *testing.T) (*Kernel, *Thread) {
	t.Helper()
	k := New(Config{
		Seed: 1, EpochNs: 1e18, Quantum: 1000,
		Pool:      mem.NewPool(16 << 20),
		NewEngine: func(*mem.Space) emu.Engine { return idleEngine{} },
	})
	s := mem.NewSpace(k.cfg.Pool)
	for _, m := range []mem.Mapping{
		{Start: testCode, End: testCode + 0x1000, Prot: mem.Read | mem.Exec},
		{Start: testData, End: testData + 0x1000, Prot: mem.Read | mem.Write},
		{Start: testStack - 0x8000, End: testStack, Prot: mem.Read | mem.Write},
	} {
		if err := s.Map(m); err != nil {
			t.Fatal(err)
		}
	}
	p := k.Spawn(s, testRIP, testStack-64, NewCred(0, 0, nil))
	t.Cleanup(k.cfg.Pool.Close)
	return k, p.threads[0]
}

// must is a clone that cannot fail.
func must(t *testing.T, parent *Thread, flags uint64) *Thread {
	t.Helper()
	a := &CloneArgs{Flags: flags}
	if flags&abi.CLONE_THREAD == 0 {
		a.ExitSignal = uint64(abi.SIGCHLD)
	}
	c, err := parent.Clone(a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const threadFlags = abi.CLONE_VM | abi.CLONE_FS | abi.CLONE_FILES | abi.CLONE_SIGHAND | abi.CLONE_THREAD

// inCall puts t into system call nr, as SYSCALL does, and runs f as its handler.
func inCall(t *Thread, nr uint64, f func() (uint64, error)) error {
	t.CPU.R[x86.RAX] = nr
	t.EnterCall()
	return t.LeaveCall(f())
}

// again runs f as the handler of the call that t was parked in.
func again(t *Thread, f func() (uint64, error)) error {
	t.EnterCall()
	return t.LeaveCall(f())
}
