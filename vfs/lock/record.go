package lock

import (
	"slices"

	"emurun/abi"
	"emurun/vfs"
)

// EOF is the end of a range that reaches to the end of the file, however far it grows.
const EOF = 1<<63 - 1

// Owner is who holds a record lock: a descriptor table or an open file description.
type Owner any

// Record is a lock on the bytes from Start up to and including End.
type Record struct {
	Owner      Owner
	PID        int32 // as F_GETLK tells it; -1 for locks of open file descriptions
	Exclusive  bool
	Start, End int64
}

func (r *Record) overlaps(s *Record) bool { return r.Start <= s.End && s.Start <= r.End }

// conflicts reports whether r and s cannot both be held.
func (r *Record) conflicts(s *Record) bool {
	return r.Owner != s.Owner && r.overlaps(s) && (r.Exclusive || s.Exclusive)
}

// ID names an inode.
type ID struct{ Dev, Ino uint64 }

// file is the locks of one inode.
type file struct {
	records []Record // by Start
	whole   []whole  // flock(2)
	queue   vfs.Queue
}

// Table is all locks of a machine.
type Table struct {
	files   map[ID]*file // never ranged over
	waiting []wait
}

// wait is a record lock that somebody waits for, for deadlock detection.
type wait struct{ who, holder Owner }

func (t *Table) file(id ID) *file {
	f := t.files[id]
	if f == nil {
		if t.files == nil {
			t.files = make(map[ID]*file)
		}
		f = new(file)
		t.files[id] = f
	}
	return f
}

// tidy forgets an inode without locks.
func (t *Table) tidy(id ID) {
	if f := t.files[id]; f != nil && len(f.records) == 0 && len(f.whole) == 0 && f.queue.Empty() {
		delete(t.files, id)
	}
}

// Get returns the first lock that r conflicts with, F_GETLK.
func (t *Table) Get(id ID, r Record) (Record, bool) {
	if f := t.files[id]; f != nil {
		return f.blocker(&r)
	}
	return Record{}, false
}

func (f *file) blocker(r *Record) (Record, bool) {
	for i := range f.records {
		if f.records[i].conflicts(r) {
			return f.records[i], true
		}
	}
	return Record{}, false
}

// Set takes lock r, replacing what its owner holds of the range, F_SETLK. A
// conflict is abi.EAGAIN.
func (t *Table) Set(id ID, r Record) error {
	f := t.file(id)
	t.stopWaiting(r.Owner)
	if _, held := f.blocker(&r); held {
		return abi.EAGAIN
	}
	f.cut(&r)
	f.records = append(f.records, r)
	f.join(r.Owner)
	f.queue.Wake() // an exclusive lock may have become a shared one
	return nil
}

// Wait notes that r waits and returns the queue to wait on, F_SETLKW. It
// returns abi.EDEADLK if whoever holds the lock waits, perhaps through others, for r's owner.
func (t *Table) Wait(id ID, r Record) (*vfs.Queue, error) {
	f := t.file(id)
	b, held := f.blocker(&r)
	if !held {
		return &f.queue, nil
	}
	if r.PID >= 0 && t.leadsTo(b.Owner, r.Owner) {
		return nil, abi.EDEADLK
	}
	t.waiting = append(t.waiting, wait{r.Owner, b.Owner})
	return &f.queue, nil
}

// leadsTo reports whether from waits for to, perhaps through others.
func (t *Table) leadsTo(from, to Owner) bool {
	for range len(t.waiting) + 1 {
		if from == to {
			return true
		}
		i := slices.IndexFunc(t.waiting, func(w wait) bool { return w.who == from })
		if i < 0 {
			return false
		}
		from = t.waiting[i].holder
	}
	return false
}

// StopWaiting forgets that who waits: it got the lock or gave up.
func (t *Table) StopWaiting(who Owner) { t.stopWaiting(who) }

func (t *Table) stopWaiting(who Owner) {
	t.waiting = slices.DeleteFunc(t.waiting, func(w wait) bool { return w.who == who })
}

// Unlock gives up what owner holds from start to end, F_UNLCK.
func (t *Table) Unlock(id ID, owner Owner, start, end int64) {
	f := t.files[id]
	if f == nil {
		return
	}
	f.cut(&Record{Owner: owner, Start: start, End: end})
	f.queue.Wake()
	t.tidy(id)
}

// Release gives up all record locks that owner has on the inode, as closing any
// descriptor of it does.
func (t *Table) Release(id ID, owner Owner) {
	f := t.files[id]
	if f == nil || !slices.ContainsFunc(f.records, func(r Record) bool { return r.Owner == owner }) {
		return
	}
	t.Unlock(id, owner, 0, EOF)
}

// cut takes the range of r out of what its owner holds.
func (f *file) cut(r *Record) {
	var out []Record
	for _, x := range f.records {
		if x.Owner != r.Owner || !x.overlaps(r) {
			out = append(out, x)
			continue
		}
		if x.Start < r.Start {
			left := x
			left.End = r.Start - 1
			out = append(out, left)
		}
		if x.End > r.End {
			right := x
			right.Start = r.End + 1
			out = append(out, right)
		}
	}
	f.records = out
}

// join sorts the records and joins what touches and is alike.
func (f *file) join(owner Owner) {
	slices.SortStableFunc(f.records, func(a, b Record) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	var out []Record
	last := -1 // the owner's previous record in out
	for _, x := range f.records {
		if x.Owner == owner {
			if last >= 0 && out[last].Exclusive == x.Exclusive && out[last].End+1 >= x.Start && out[last].End != EOF {
				out[last].End = max(out[last].End, x.End)
				continue
			}
			last = len(out)
		}
		out = append(out, x)
	}
	f.records = out
}
