package kernel

import (
	"math/bits"

	"emurun/abi"
)

// sigQueue is a set of pending signals. A standard signal is pending once; a
// real-time signal as often as it was sent, signal(7).
type sigQueue struct {
	set   uint64
	items []abi.Siginfo
}

// synchronous are the signals that an instruction causes; they are taken first.
var synchronous = abi.SIGSEGV.Bit() | abi.SIGBUS.Bit() | abi.SIGILL.Bit() |
	abi.SIGTRAP.Bit() | abi.SIGFPE.Bit() | abi.SIGSYS.Bit()

// stopSignals are the signals whose default action stops a process.
var stopSignals = abi.SIGSTOP.Bit() | abi.SIGTSTP.Bit() | abi.SIGTTIN.Bit() | abi.SIGTTOU.Bit()

// unblockable are the signals that can be neither caught, blocked nor ignored.
var unblockable = abi.SIGKILL.Bit() | abi.SIGSTOP.Bit()

// push adds a signal; a standard signal that is pending already is lost.
func (q *sigQueue) push(info abi.Siginfo) {
	if info.Signo < abi.SIGRTMIN && q.set&info.Signo.Bit() != 0 {
		return
	}
	q.set |= info.Signo.Bit()
	q.items = append(q.items, info)
}

// pop takes the next of the allowed signals: caused by an instruction first,
// then by ascending number, then in the order sent.
func (q *sigQueue) pop(allowed uint64) (abi.Siginfo, bool) {
	set := q.set & allowed
	if set == 0 {
		return abi.Siginfo{}, false
	}
	if s := set & synchronous; s != 0 {
		set = s
	}
	return q.take(abi.Signal(bits.TrailingZeros64(set) + 1)), true
}

// take removes the oldest entry of a pending signal.
func (q *sigQueue) take(sig abi.Signal) abi.Siginfo {
	at, more := -1, false
	for i := range q.items {
		if q.items[i].Signo != sig {
			continue
		}
		if at >= 0 {
			more = true
			break
		}
		at = i
	}
	if at < 0 { // sent when the queue was full: only the bit is left
		q.set &^= sig.Bit()
		return abi.Siginfo{Signo: sig}
	}
	info := q.items[at]
	q.items = append(q.items[:at], q.items[at+1:]...)
	if !more {
		q.set &^= sig.Bit()
	}
	return info
}

// flush drops all entries of the given signals.
func (q *sigQueue) flush(set uint64) {
	if q.set&set == 0 {
		return
	}
	q.set &^= set
	n := 0
	for _, x := range q.items {
		if set&x.Signo.Bit() == 0 {
			q.items[n] = x
			n++
		}
	}
	q.items = q.items[:n]
}

// timerEntry returns the pending entry of POSIX timer id, or nil.
func (q *sigQueue) timerEntry(sig abi.Signal, id int32) *abi.Siginfo {
	for i := range q.items {
		if x := &q.items[i]; x.Signo == sig && x.Code == abi.SI_TIMER && x.TimerID() == id {
			return x
		}
	}
	return nil
}
