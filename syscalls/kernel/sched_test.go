package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"emurun/abi"
	"emurun/vfs"

	"github.com/google/go-cmp/cmp"
)

// turns runs the machine for n turns and returns whose they were and how long.
func turns(k *Kernel, n int) (tids []int32, budgets []uint64) {
	for range n {
		turn := k.Next()
		if turn.Kind != TurnRun {
			return append(tids, -int32(turn.Kind)), append(budgets, 0)
		}
		tids = append(tids, turn.Thread.TID)
		budgets = append(budgets, turn.Budget)
		k.Advance(turn.Thread, turn.Budget)
	}
	return tids, budgets
}

// Threads take turns of a quantum, in the order in which they became runnable.
func TestRoundRobin(t *testing.T) {
	k, a := newMachine(t)
	must(t, a, threadFlags)
	must(t, a, 0)
	tids, budgets := turns(k, 6)
	if diff := cmp.Diff([]int32{1000, 1001, 1002, 1000, 1001, 1002}, tids); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Repeat([]uint64{1000}, 6), budgets); diff != "" {
		t.Errorf("budgets (-want +got):\n%s", diff)
	}
	if k.Steps() != 6000 || k.Now() != bootNs+6000 {
		t.Errorf("steps %d, now %d", k.Steps(), k.Now())
	}
}

// A thread that yields gives the rest of its turn away; one that a system call
// stopped early goes on with it.
func TestTurnIsResumed(t *testing.T) {
	k, a := newMachine(t)
	must(t, a, threadFlags)
	first := k.Next()
	k.Advance(first.Thread, 300)
	if next := k.Next(); next.Thread != a || next.Budget != 700 {
		t.Errorf("thread %d has %d steps, want the first with 700", next.Thread.TID, next.Budget)
	}
	a.Yield()
	if next := k.Next(); next.Thread == a {
		t.Error("a thread that yielded runs on")
	}
}

// A turn ends exactly when a timer is due.
func TestBudgetEndsAtTimer(t *testing.T) {
	k, a := newMachine(t)
	a.Proc.SetTimer(abi.ITIMER_REAL, 1234, 0)
	_, budgets := turns(k, 2)
	if diff := cmp.Diff([]uint64{1000, 234}, budgets); diff != "" {
		t.Errorf("budgets (-want +got):\n%s", diff)
	}
	if k.Next(); !k.rootDone || k.rootStatus != int32(abi.SIGALRM) {
		t.Errorf("status %#x, want death by SIGALRM", k.rootStatus)
	}
}

// Virtual timers count the steps of their process alone.
func TestVirtualTimer(t *testing.T) {
	k, a := newMachine(t)
	b := must(t, a, 0)
	b.Proc.SetTimer(abi.ITIMER_VIRTUAL, 1500, 0)
	_, budgets := turns(k, 4)
	if diff := cmp.Diff([]uint64{1000, 1000, 1000, 500}, budgets); diff != "" {
		t.Errorf("budgets (-want +got):\n%s", diff)
	}
	k.Next()
	if code, sig := b.Proc.exitCode(); code != abi.CLD_KILLED || sig != int32(abi.SIGVTALRM) {
		t.Errorf("code %d, signal %d", code, sig)
	}
}

// When every thread waits, the clock jumps; with a terminal among what is waited
// for, the caller waits; without anything, it is a deadlock.
func TestIdle(t *testing.T) {
	k, a := newMachine(t)
	queue := &vfs.Queue{}
	k.Next()
	wait := func() (uint64, error) {
		if a.Expired(bootNs + 5e9) {
			return 7, nil
		}
		return 0, a.Park(bootNs+5e9, queue)
	}
	if err := inCall(a, abi.SYS_read, wait); err != nil {
		t.Fatal(err)
	}
	queue.External = true
	if turn := k.Next(); turn.Kind != TurnOutside || turn.Until != bootNs+5e9 {
		t.Errorf("turn %+v, want one outside", turn)
	}
	queue.External = false
	turn := k.Next()
	if turn.Kind != TurnCall || k.Now() != bootNs+5e9 || k.Steps() != 0 {
		t.Errorf("turn %+v at %d", turn, k.Now())
	}
	if err := again(a, wait); err != nil {
		t.Fatal(err)
	}
	if k.Next(); a.CPU.R[0] != 7 {
		t.Errorf("result %d", a.CPU.R[0])
	}
	inCall(a, abi.SYS_pause, func() (uint64, error) { return 0, a.Park(Forever) })
	if turn := k.Next(); turn.Kind != TurnDeadlock {
		t.Errorf("turn %+v, want a deadlock", turn)
	}
	k.killGroup(a.Proc, 0)
	if turn := k.Next(); turn.Kind != TurnDone {
		t.Errorf("turn %+v, want the end", turn)
	}
}

type noteTimer struct {
	Timer
	id  int
	out *[]int
}

func (n *noteTimer) Expire(int64) { *n.out = append(*n.out, n.id) }

// Timers expire by time, then in the order in which they were armed, whatever
// was disarmed in between.
func TestTimerOrder(t *testing.T) {
	k := New(Config{})
	rng := rand.New(rand.NewPCG(1, 2))
	var got []int
	var all []*noteTimer
	for i := range 500 {
		n := &noteTimer{id: i, out: &got}
		n.Target = n
		k.Arm(&n.Timer, k.Now()+int64(rng.IntN(50)))
		all = append(all, n)
	}
	for range 200 {
		n := all[rng.IntN(len(all))]
		if rng.IntN(2) == 0 {
			k.Disarm(&n.Timer)
		} else {
			k.Arm(&n.Timer, k.Now()+int64(rng.IntN(50)))
		}
	}
	var armed []*noteTimer
	for _, n := range all {
		if n.Armed() {
			armed = append(armed, n)
		}
	}
	slices.SortFunc(armed, func(a, b *noteTimer) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return int(a.seq) - int(b.seq)
	})
	var want []int
	for _, n := range armed {
		want = append(want, n.id)
	}
	k.Jump(k.Now() + 50)
	k.expire()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
