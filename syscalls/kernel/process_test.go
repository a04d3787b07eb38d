package kernel

import (
	"testing"

	"emurun/abi"

	"github.com/google/go-cmp/cmp"
)

// A child is a zombie until its parent waits, and its steps then count there.
func TestZombie(t *testing.T) {
	k, a := newMachine(t)
	c := must(t, a, 0)
	turns(k, 2)
	c.Exit(3)
	if !c.Proc.Zombie() || a.Proc.pending.set != 0 {
		t.Errorf("zombie %v, pending %#x (SIGCHLD is ignored by default)", c.Proc.Zombie(), a.Proc.pending.set)
	}
	r, err := a.Wait(WaitWho{}, abi.WEXITED)
	want := WaitResult{PID: 1001, Code: abi.CLD_EXITED, Status: 3, WaitStatus: 0x300, Steps: 1000}
	if diff := cmp.Diff(want, r); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if _, err := a.Wait(WaitWho{}, abi.WEXITED); err != abi.ECHILD || a.Proc.ChildSteps() != 1000 {
		t.Errorf("second wait: %v, child steps %d", err, a.Proc.ChildSteps())
	}
	if len(k.procs) != 1 {
		t.Errorf("%d processes are left", len(k.procs))
	}
}

// SIGCHLD ignored or SA_NOCLDWAIT: no zombies.
func TestAutoReap(t *testing.T) {
	for _, act := range []abi.Sigaction{{Handler: abi.SIG_IGN}, handler(abi.SA_NOCLDWAIT)} {
		k, a := newMachine(t)
		a.Proc.SetAction(abi.SIGCHLD, act)
		must(t, a, 0).Exit(0)
		if len(k.procs) != 1 {
			t.Errorf("%+v: a zombie is left", act)
		}
		if sent := a.Proc.pending.set != 0; sent != (act.Handler != abi.SIG_IGN) {
			t.Errorf("%+v: SIGCHLD sent: %v", act, sent)
		}
	}
}

// exit_group ends every thread; execve's leader change keeps the PID.
func TestThreadGroup(t *testing.T) {
	k, a := newMachine(t)
	b := must(t, a, threadFlags)
	a.Exit(5)
	if a.Proc.state != alive || a.Proc.Leader() != nil {
		t.Error("the process must outlive its leader")
	}
	b.becomeLeader()
	if b.TID != a.Proc.PID {
		t.Errorf("TID %d after execve", b.TID)
	}
	c := must(t, b, threadFlags)
	b.ExitGroup(7)
	if c.state != dead || k.rootStatus != 0x700 {
		t.Errorf("status %#x", k.rootStatus)
	}
}

// Orphans go to the nearest subreaper, else to init, which reaps at once.
func TestReparent(t *testing.T) {
	k, a := newMachine(t)
	b := must(t, a, 0)
	c := must(t, b, 0)
	d := must(t, c, 0)
	c.Exit(0)
	if d.Proc.PPID() != 1 {
		t.Errorf("orphan's parent is %d", d.Proc.PPID())
	}
	d.Exit(0)
	if k.Process(d.TID) != nil {
		t.Error("init left a zombie")
	}
	a.Proc.Subreaper = true
	e := must(t, must(t, b, 0), 0)
	e.Proc.Parent.threads[0].Exit(0)
	if e.Proc.Parent != a.Proc {
		t.Errorf("orphan's parent is %d, want the subreaper", e.Proc.PPID())
	}
}

// vfork's parent waits until the child has left its memory, and gets the PID.
func TestVfork(t *testing.T) {
	k, a := newMachine(t)
	k.Next()
	var pid int32
	call := func() (uint64, error) {
		if a.Done() == 0 {
			c := must(t, a, abi.CLONE_VM|abi.CLONE_VFORK)
			pid = c.TID
			a.SetDone(uint64(pid))
		}
		return uint64(pid), a.WaitVfork(pid)
	}
	inCall(a, abi.SYS_vfork, call)
	turn := k.Next()
	if turn.Thread == a || turn.Thread.Proc.Mem != a.Proc.Mem {
		t.Fatalf("turn %+v", turn)
	}
	turn.Thread.Exit(0)
	if turn := k.Next(); turn.Kind != TurnCall || turn.Thread != a {
		t.Fatalf("turn %+v", turn)
	}
	again(a, call)
	if k.Next(); a.CPU.R[0] != uint64(pid) {
		t.Errorf("vfork returned %d", a.CPU.R[0])
	}
}

// Requeued waiters are woken at the second futex, the oldest first.
func TestFutexRequeue(t *testing.T) {
	k, a := newMachine(t)
	threads := []*Thread{a}
	for range 3 {
		threads = append(threads, must(t, a, threadFlags))
	}
	for _, x := range threads[1:] {
		inCall(x, abi.SYS_futex, func() (uint64, error) {
			return 0, x.FutexWait(FutexSpec{Addr: testData}, abi.FUTEX_BITSET_MATCH_ANY, Forever)
		})
	}
	n, err := a.FutexRequeue(testData, testData+4, 1, 1, nil, true)
	if n != 1 || err != nil || !threads[1].futex.woken {
		t.Errorf("requeue: %d, %v", n, err)
	}
	if n, _ := a.FutexWake(testData+4, 9, abi.FUTEX_BITSET_MATCH_ANY, true); n != 1 || !threads[2].futex.woken {
		t.Errorf("woke %d at the second futex", n)
	}
	if n, _ := a.FutexWake(testData, 9, abi.FUTEX_BITSET_MATCH_ANY, true); n != 1 || len(k.futexes) != 0 {
		t.Errorf("woke %d at the first futex, %d are left", n, len(k.futexes))
	}
}

// The same seed gives the same random bytes, another seed others.
func TestRandom(t *testing.T) {
	read := func(seed uint64) [21]byte {
		var b [21]byte
		New(Config{Seed: seed}).Random(b[:])
		return b
	}
	first := read(1)
	if again, other := read(1), read(2); again != first || other == first {
		t.Error("random numbers do not follow the seed")
	}
}
