package kernel

import (
	"errors"

	"emurun/abi"
	"emurun/vfs"
)

// Forever is the deadline of a wait without a time limit.
const Forever int64 = 1<<63 - 1

// waitState is where a parked thread waits.
type waitState struct {
	queues []*vfs.Queue
	timer  Timer
	seq    uint64 // order of parking: after a thaw, handlers run again in this order
}

// errParked is what Park returns: the dispatcher sees it and leaves the call in
// progress. No program ever sees it.
var errParked = errors.New("kernel: thread is parked")

// Parked reports whether err is Park's: the handler will run again.
func Parked(err error) bool { return err == errParked }

// Park suspends the thread until one of the queues is woken, the deadline (of
// Now) passes, or a signal is to be taken. A handler returns its result at once,
// changing nothing else, and is run again from its first line afterwards:
//
//	return 0, t.Park(deadline, f.Queue())
//
// Where a signal is already waiting to be taken, Park returns ERESTARTSYS
// instead: handlers first look whether they can finish, then park.
func (t *Thread) Park(deadline int64, queues ...*vfs.Queue) error {
	return t.ParkOr(abi.ERESTARTSYS, deadline, queues...)
}

// ParkOr is Park with the result of an interruption by a signal: EINTR or
// one of the ERESTART… numbers, which say how the call goes on (signal(7)).
// With ERESTARTRESTARTBLOCK the call keeps its deadline and progress.
func (t *Thread) ParkOr(interrupted abi.Errno, deadline int64, queues ...*vfs.Queue) error {
	if t.interrupted() {
		if interrupted == abi.ERESTARTRESTARTBLOCK {
			t.restart = restartBlock{true, t.call}
			t.restart.call.files, t.restart.call.polled = heldFiles{}, nil
		}
		return interrupted
	}
	return t.park(deadline, queues)
}

// ParkKillable is Park for a wait that only a fatal signal ends, TASK_KILLABLE.
func (t *Thread) ParkKillable(queues ...*vfs.Queue) error {
	if t.killed() {
		return abi.EINTR
	}
	return t.park(Forever, queues)
}

func (t *Thread) park(deadline int64, queues []*vfs.Queue) error {
	t.state = parked
	t.wait.queues = append(t.wait.queues[:0], queues...)
	for _, q := range queues {
		if q != nil {
			q.Add(t)
		}
	}
	t.k.seq++
	t.wait.seq = t.k.seq
	t.wait.timer.Target = t
	t.k.Arm(&t.wait.timer, deadline)
	t.switches++
	return errParked
}

// Wake implements vfs.Waiter: the thread's handler runs again soon.
func (t *Thread) Wake() {
	if t.state != parked {
		return
	}
	t.unpark()
	t.state = runnable
	t.k.enqueue(t)
}

// Expire implements the target of the wait's deadline.
func (t *Thread) Expire(int64) { t.Wake() }

// unpark takes the thread out of what it waits for.
func (t *Thread) unpark() {
	for _, q := range t.wait.queues {
		if q != nil {
			q.Remove(t)
		}
	}
	t.wait.queues = t.wait.queues[:0]
	t.k.Disarm(&t.wait.timer)
}

// First reports whether the handler runs for the first time in this call.
func (t *Thread) First() bool { return !t.call.again }

// Deadline returns the absolute deadline of the call in progress: ns from now
// at its first run, the same time whenever it runs again. Negative is no limit.
func (t *Thread) Deadline(ns int64) int64 {
	if ns < 0 {
		return Forever
	}
	return t.DeadlineAt(addNs(t.k.Now(), ns))
}

// DeadlineAt is Deadline for an absolute time.
func (t *Thread) DeadlineAt(at int64) int64 {
	if !t.call.timed {
		t.call.timed, t.call.deadline = true, at
	}
	return t.call.deadline
}

// DeadlineRealtime is Deadline for an absolute time of CLOCK_REALTIME.
func (t *Thread) DeadlineRealtime(ns int64) int64 {
	if !t.call.timed {
		t.call.realtime = true
	}
	return t.DeadlineAt(t.k.Deadline(ns))
}

// Expired reports whether the deadline has come.
func (t *Thread) Expired(deadline int64) bool { return t.k.Now() >= deadline }

// Done returns how far the call in progress has come in earlier runs; 0 at first.
func (t *Thread) Done() uint64 { return t.call.done }

// SetDone notes how far the call in progress has come.
func (t *Thread) SetDone(n uint64) { t.call.done = n }

// Items returns how many messages the call in progress moved in earlier runs.
func (t *Thread) Items() uint64 { return t.call.items }

// NextItem notes that the call in progress moved one more message.
func (t *Thread) NextItem() { t.call.items, t.call.done = t.call.items+1, 0 }

// outside reports whether something outside the machine may wake the parked thread.
func (t *Thread) outside() bool {
	for _, q := range t.wait.queues {
		if q != nil && q.External {
			return true
		}
	}
	return false
}
