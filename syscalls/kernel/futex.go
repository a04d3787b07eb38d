package kernel

import (
	"slices"

	"emurun/abi"
	"emurun/emu/mem"
)

// futexKey names a futex: a place in a shared object, or an address in one
// address space (futex(2), "private" futexes).
type futexKey struct {
	mm     *addressSpace
	object *mem.Object
	off    uint64
	shared bool
}

// futexQueue is the waiters of one futex, the oldest first.
type futexQueue struct{ waiters []*futexEntry }

// futexEntry is one thread waiting at one futex; futex_waitv(2) has several.
type futexEntry struct {
	thread *Thread
	key    futexKey
	addr   uint64
	bitset uint32
	index  int32 // in the vector of futex_waitv(2)
	pi     bool
	seq    uint64 // orders those who wait at a futex
}

// futexWait is a thread's wait at futexes. It is part of the call in progress:
// entries are queued while it parks.
type futexWait struct {
	entries []*futexEntry
	woken   bool
	index   int32 // of the entry that was woken
}

// futexKeyOf returns the key of the futex at addr, or EINVAL or EFAULT.
func (t *Thread) futexKeyOf(addr uint64, shared bool) (futexKey, error) {
	if addr%4 != 0 {
		return futexKey{}, abi.EINVAL
	}
	mm := t.Proc.mm
	if !shared {
		if addr >= mem.Limit {
			return futexKey{}, abi.EFAULT
		}
		return futexKey{mm: mm, off: addr}, nil
	}
	m := mm.space.MappingAt(addr)
	if m == nil {
		return futexKey{}, abi.EFAULT
	}
	if m.Flags&mem.Shared != 0 && m.Object != nil {
		return futexKey{object: m.Object, off: addr - m.Start + m.Offset, shared: true}, nil
	}
	return futexKey{mm: mm, off: addr, shared: true}, nil
}

// FutexSpec is one futex to wait for.
type FutexSpec struct {
	Addr   uint64
	Val    uint32
	Shared bool
}

// FutexWait implements FUTEX_WAIT and FUTEX_WAIT_BITSET: it parks until the
// futex is woken, unless its word is not val.
func (t *Thread) FutexWait(f FutexSpec, bitset uint32, deadline int64) error {
	_, err := t.FutexWaitAny([]FutexSpec{f}, bitset, deadline)
	return err
}

// FutexWaitAny waits for any of several futexes, futex_waitv(2), and returns
// the index of one that was woken.
func (t *Thread) FutexWaitAny(fs []FutexSpec, bitset uint32, deadline int64) (int32, error) {
	w := &t.futex
	if len(w.entries) == 0 {
		if w.woken {
			w.woken = false
			return w.index, nil
		}
		if err := t.futexQueue(fs, bitset); err != nil {
			return 0, err
		}
	}
	if t.Expired(deadline) {
		t.futexUnqueue()
		return 0, abi.ETIMEDOUT
	}
	interrupted := abi.ERESTARTSYS
	if deadline != Forever {
		interrupted = abi.ERESTARTRESTARTBLOCK
	}
	err := t.ParkOr(interrupted, deadline)
	if !Parked(err) {
		t.futexUnqueue()
	}
	return 0, err
}

// futexQueue checks the words and enters the thread at each futex.
func (t *Thread) futexQueue(fs []FutexSpec, bitset uint32) error {
	entries := make([]*futexEntry, 0, len(fs))
	for i, f := range fs {
		key, err := t.futexKeyOf(f.Addr, f.Shared)
		if err != nil {
			return err
		}
		v, err := t.ReadU32(f.Addr)
		if err != nil {
			return err
		}
		if v != f.Val {
			return abi.EAGAIN
		}
		entries = append(entries, &futexEntry{thread: t, key: key, addr: f.Addr, bitset: bitset, index: int32(i)})
	}
	for _, e := range entries {
		t.k.futexAdd(e)
	}
	t.futex.entries = entries
	return nil
}

// futexAdd lets e wait behind those who wait at its futex already.
func (k *Kernel) futexAdd(e *futexEntry) {
	k.seq++
	e.seq = k.seq
	k.futexAppend(e)
}

func (k *Kernel) futexAppend(e *futexEntry) {
	q := k.futexes[e.key]
	if q == nil {
		q = new(futexQueue)
		k.futexes[e.key] = q
	}
	q.waiters = append(q.waiters, e)
}

func (k *Kernel) futexRemove(e *futexEntry) {
	q := k.futexes[e.key]
	if i := slices.Index(q.waiters, e); i >= 0 {
		q.waiters = slices.Delete(q.waiters, i, i+1)
	}
	if len(q.waiters) == 0 {
		delete(k.futexes, e.key)
	}
}

// futexUnqueue takes the thread out of all futexes.
func (t *Thread) futexUnqueue() {
	for _, e := range t.futex.entries {
		t.k.futexRemove(e)
	}
	t.futex.entries = nil
}

// futexWoken ends the wait of e's thread.
func (e *futexEntry) futexWoken() {
	t := e.thread
	t.futexUnqueue()
	t.futex.woken, t.futex.index = true, e.index
	t.Wake()
}

// FutexWake wakes at most n waiters whose bitset has a bit of bitset, the
// oldest first, and returns how many it woke.
func (t *Thread) FutexWake(addr uint64, n int32, bitset uint32, private bool) (uint64, error) {
	key, err := t.futexKeyOf(addr, !private)
	if err != nil {
		return 0, err
	}
	return t.k.futexWake(key, n, bitset)
}

func (k *Kernel) futexWake(key futexKey, n int32, bitset uint32) (uint64, error) {
	q := k.futexes[key]
	if q == nil {
		return 0, nil
	}
	woken := uint64(0)
	for _, e := range slices.Clone(q.waiters) {
		if e.pi {
			return 0, abi.EINVAL
		}
		if e.bitset&bitset == 0 {
			continue
		}
		e.futexWoken()
		woken++
		if n--; n <= 0 {
			break
		}
	}
	return woken, nil
}

// FutexRequeue implements FUTEX_REQUEUE and, with cmp, FUTEX_CMP_REQUEUE: it
// wakes wake waiters of addr and moves at most requeue of the rest to addr2.
func (t *Thread) FutexRequeue(addr, addr2 uint64, wake, requeue int32, cmp *uint32, private bool) (uint64, error) {
	if wake < 0 || requeue < 0 {
		return 0, abi.EINVAL
	}
	key, err := t.futexKeyOf(addr, !private)
	if err != nil {
		return 0, err
	}
	key2, err := t.futexKeyOf(addr2, !private)
	if err != nil {
		return 0, err
	}
	if cmp != nil {
		v, err := t.ReadU32(addr)
		if err != nil {
			return 0, err
		}
		if v != *cmp {
			return 0, abi.EAGAIN
		}
	}
	woken := uint64(0)
	if wake > 0 {
		if woken, err = t.k.futexWake(key, wake, abi.FUTEX_BITSET_MATCH_ANY); err != nil {
			return 0, err
		}
	}
	moved := t.k.futexMove(key, key2, addr2, requeue)
	if cmp == nil {
		return woken, nil
	}
	return woken + moved, nil
}

// futexMove moves at most n waiters from one futex to another.
func (k *Kernel) futexMove(from, to futexKey, addr uint64, n int32) uint64 {
	q := k.futexes[from]
	if q == nil || from == to {
		if q == nil {
			return 0
		}
		return uint64(min(int(n), len(q.waiters)))
	}
	list := slices.Clone(q.waiters[:min(int(n), len(q.waiters))])
	for _, e := range list {
		k.futexRemove(e)
		e.key, e.addr = to, addr
		k.futexAdd(e)
	}
	return uint64(len(list))
}

// FutexWakeOp implements FUTEX_WAKE_OP: it changes the word at addr2 as op
// says, wakes waiters of addr, and those of addr2 if the old word compares as
// op says.
func (t *Thread) FutexWakeOp(addr, addr2 uint64, n, n2 int32, op uint32, private bool) (uint64, error) {
	key, err := t.futexKeyOf(addr, !private)
	if err != nil {
		return 0, err
	}
	key2, err := t.futexKeyOf(addr2, !private)
	if err != nil {
		return 0, err
	}
	old, err := t.ReadU32(addr2)
	if err != nil {
		return 0, err
	}
	v, cond, err := futexOp(op, old)
	if err != nil {
		return 0, err
	}
	if err := t.WriteU32(addr2, v); err != nil {
		return 0, err
	}
	woken, err := t.k.futexWake(key, n, abi.FUTEX_BITSET_MATCH_ANY)
	if err != nil || !cond {
		return woken, err
	}
	more, err := t.k.futexWake(key2, n2, abi.FUTEX_BITSET_MATCH_ANY)
	return woken + more, err
}

// futexOp applies the operation encoded in op to old, futex(2), FUTEX_WAKE_OP.
func futexOp(op, old uint32) (v uint32, cond bool, err error) {
	arg := uint32(int32(op<<8) >> 20)
	cmp := int32(op<<20) >> 20
	if op>>31 != 0 { // FUTEX_OP_OPARG_SHIFT
		arg = 1 << (arg & 31)
	}
	switch op >> 28 & 7 {
	case 0: // FUTEX_OP_SET
		v = arg
	case 1: // FUTEX_OP_ADD
		v = old + arg
	case 2: // FUTEX_OP_OR
		v = old | arg
	case 3: // FUTEX_OP_ANDN
		v = old &^ arg
	case 4: // FUTEX_OP_XOR
		v = old ^ arg
	default:
		return 0, false, abi.ENOSYS
	}
	o := int32(old)
	switch op >> 24 & 15 {
	case 0: // FUTEX_OP_CMP_EQ
		cond = o == cmp
	case 1: // FUTEX_OP_CMP_NE
		cond = o != cmp
	case 2: // FUTEX_OP_CMP_LT
		cond = o < cmp
	case 3: // FUTEX_OP_CMP_LE
		cond = o <= cmp
	case 4: // FUTEX_OP_CMP_GT
		cond = o > cmp
	case 5: // FUTEX_OP_CMP_GE
		cond = o >= cmp
	default:
		return 0, false, abi.ENOSYS
	}
	return v, cond, nil
}
