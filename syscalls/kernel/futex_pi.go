package kernel

import (
	"slices"

	"emurun/abi"
)

// FutexLockPI implements FUTEX_LOCK_PI: the word holds the owner's TID. The
// scheduler has no priorities to inherit; ownership passes to the oldest waiter.
func (t *Thread) FutexLockPI(addr uint64, deadline int64, private, try bool) error {
	w := &t.futex
	if len(w.entries) == 0 && w.woken {
		w.woken = false
		return nil // the owner handed it over
	}
	if len(w.entries) == 0 {
		locked, err := t.futexTakePI(addr, private, try)
		if locked || err != nil {
			return err
		}
	}
	if t.Expired(deadline) {
		t.futexUnqueue()
		return abi.ETIMEDOUT
	}
	err := t.ParkOr(abi.ERESTARTNOINTR, deadline)
	if !Parked(err) {
		t.futexUnqueue()
	}
	return err
}

// futexTakePI takes a free futex, or enters the thread as a waiter.
func (t *Thread) futexTakePI(addr uint64, private, try bool) (locked bool, err error) {
	key, err := t.futexKeyOf(addr, !private)
	if err != nil {
		return false, err
	}
	v, err := t.ReadU32(addr)
	if err != nil {
		return false, err
	}
	owner := int32(v & abi.FUTEX_TID_MASK)
	waiters := t.k.futexes[key]
	if waiters != nil && !waiters.waiters[0].pi {
		return false, abi.EINVAL
	}
	switch {
	case owner == t.TID:
		return false, abi.EDEADLK
	case owner == 0:
		v = v&abi.FUTEX_OWNER_DIED | uint32(t.TID)
		if waiters != nil {
			v |= abi.FUTEX_WAITERS
		}
		return true, t.WriteU32(addr, v)
	case t.k.Thread(owner) == nil:
		return false, abi.ESRCH
	case try:
		return false, abi.EAGAIN
	}
	if err := t.WriteU32(addr, v|abi.FUTEX_WAITERS); err != nil {
		return false, err
	}
	e := &futexEntry{thread: t, key: key, addr: addr, bitset: abi.FUTEX_BITSET_MATCH_ANY, pi: true}
	t.k.futexAdd(e)
	t.futex.entries = []*futexEntry{e}
	return false, nil
}

// FutexUnlockPI implements FUTEX_UNLOCK_PI.
func (t *Thread) FutexUnlockPI(addr uint64, private bool) error {
	key, err := t.futexKeyOf(addr, !private)
	if err != nil {
		return err
	}
	v, err := t.ReadU32(addr)
	if err != nil {
		return err
	}
	if int32(v&abi.FUTEX_TID_MASK) != t.TID {
		return abi.EPERM
	}
	return t.futexHandOver(key, addr, 0)
}

// futexHandOver gives the futex to its oldest waiter, or frees it.
func (t *Thread) futexHandOver(key futexKey, addr uint64, flags uint32) error {
	q := t.k.futexes[key]
	if q == nil {
		return t.WriteU32(addr, flags)
	}
	e := q.waiters[0]
	if !e.pi {
		return abi.EINVAL
	}
	v := flags | uint32(e.thread.TID)
	if len(q.waiters) > 1 {
		v |= abi.FUTEX_WAITERS
	}
	if err := t.WriteU32(addr, v); err != nil {
		return err
	}
	e.futexWoken()
	return nil
}

// futexExit ends what an exiting thread has to do with futexes: it waits for
// none, and those it owns go to their waiters.
func (t *Thread) futexExit() {
	t.futexUnqueue()
	for _, p := range slices.Clone(t.k.procs) {
		for _, x := range p.threads {
			if len(x.futex.entries) != 1 || !x.futex.entries[0].pi {
				continue
			}
			e := x.futex.entries[0]
			v, err := x.ReadU32(e.addr)
			if err == nil && int32(v&abi.FUTEX_TID_MASK) == t.TID {
				x.futexHandOver(e.key, e.addr, abi.FUTEX_OWNER_DIED)
			}
		}
	}
}

// SetRobustList implements set_robust_list(2).
func (t *Thread) SetRobustList(head, n uint64) error {
	if n != abi.ROBUST_LIST_SIZE {
		return abi.EINVAL
	}
	t.robustHead, t.robustLen = head, n
	return nil
}

// RobustList returns what set_robust_list(2) set.
func (t *Thread) RobustList() (head, n uint64) { return t.robustHead, abi.ROBUST_LIST_SIZE }

// exitRobustList walks the list of locks that the exiting thread holds and
// marks each with FUTEX_OWNER_DIED (get_robust_list(2)). The list is the
// program's own memory: it may be broken or endless.
func (t *Thread) exitRobustList() {
	head := t.robustHead
	if head == 0 {
		return
	}
	entry, err := t.ReadU64(head)
	if err != nil {
		return
	}
	off, err := t.ReadU64(head + 8)
	if err != nil {
		return
	}
	pending, err := t.ReadU64(head + 16)
	if err != nil {
		return
	}
	for n := 0; entry&^1 != head && n < abi.ROBUST_LIST_LIMIT; n++ {
		next, err := t.ReadU64(entry &^ 1)
		if entry&^1 != pending&^1 && !t.ownerDied(entry&^1+off, entry&1 != 0, false) {
			return
		}
		if err != nil {
			return
		}
		entry = next
	}
	if pending&^1 != 0 {
		t.ownerDied(pending&^1+off, pending&1 != 0, true)
	}
}

// ownerDied marks the lock at addr as left by a dead owner.
func (t *Thread) ownerDied(addr uint64, pi, pending bool) bool {
	v, err := t.ReadU32(addr)
	if err != nil || addr%4 != 0 {
		return false
	}
	if pending && !pi && v == 0 {
		t.FutexWake(addr, 1, abi.FUTEX_BITSET_MATCH_ANY, false)
		return true
	}
	if int32(v&abi.FUTEX_TID_MASK) != t.TID {
		return true
	}
	if t.WriteU32(addr, v&abi.FUTEX_WAITERS|abi.FUTEX_OWNER_DIED) != nil {
		return false
	}
	if !pi && v&abi.FUTEX_WAITERS != 0 {
		t.FutexWake(addr, 1, abi.FUTEX_BITSET_MATCH_ANY, false)
		t.FutexWake(addr, 1, abi.FUTEX_BITSET_MATCH_ANY, true)
	}
	return true
}
