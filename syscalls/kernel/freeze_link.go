package kernel

import (
	"slices"

	"emurun/snapshot/wire"
)

// users counts the processes that use what several may share.
type users struct {
	spaces  map[*addressSpace]int32
	tables  map[*FDTable]int32
	places  map[*FSContext]int32
	actions map[*sigActions]int32
}

// linkProcesses checks the table of processes: its order, its families, and that what
// processes share counts them rightly, which decides when it is freed.
func (k *Kernel) linkProcesses() error {
	u := users{map[*addressSpace]int32{}, map[*FDTable]int32{}, map[*FSContext]int32{}, map[*sigActions]int32{}}
	last, born := int32(0), 0
	seen := map[*Process]bool{}
	for _, p := range k.procs {
		if p.PID <= last || p.PID >= PIDMax || p.state == reaped {
			return wire.Corrupt("process %d is out of place", p.PID)
		}
		last = p.PID
		if err := k.linkFamily(p, seen); err != nil {
			return err
		}
		if p.Parent != nil {
			born++
		}
		if err := p.linkThreads(); err != nil {
			return err
		}
		if p.state == alive {
			u.spaces[p.mm]++
			u.tables[p.FDs]++
			u.places[p.FS]++
			u.actions[p.actions]++
		}
	}
	if born != len(seen) {
		return wire.Corrupt("%d processes have a parent, and %d are children", born, len(seen))
	}
	for _, p := range k.procs {
		if p.state == alive && (p.mm.space == nil || u.spaces[p.mm] != p.mm.refs || u.tables[p.FDs] != p.FDs.refs ||
			u.places[p.FS] != p.FS.refs || u.actions[p.actions] != p.actions.refs) {
			return wire.Corrupt("process %d shares what others do not", p.PID)
		}
	}
	return k.linkParents()
}

// linkFamily checks the links between p and its children, which it adds to seen.
func (k *Kernel) linkFamily(p *Process, seen map[*Process]bool) error {
	if q := p.Parent; q != nil && (q.state != alive || k.Process(q.PID) != q) {
		return wire.Corrupt("the parent of process %d does not live", p.PID)
	}
	for _, c := range p.children {
		if c.Parent != p || seen[c] || k.Process(c.PID) != c {
			return wire.Corrupt("process %d has the child of another", p.PID)
		}
		seen[c] = true
	}
	return nil
}

// linkParents refuses processes that descend from themselves.
func (k *Kernel) linkParents() error {
	above := map[*Process]int{} // how many processes each has above it
	for _, p := range k.procs {
		var path []*Process
		q := p
		for q != nil && above[q] == 0 {
			if len(path) > len(k.procs) {
				return wire.Corrupt("process %d descends from itself", p.PID)
			}
			path = append(path, q)
			q = q.Parent
		}
		n := 0
		if q != nil {
			n = above[q]
		}
		for _, x := range slices.Backward(path) {
			n++
			above[x] = n
		}
	}
	return nil
}

// linkThreads checks the threads of p.
func (p *Process) linkThreads() error {
	if (len(p.threads) > 0) != (p.state == alive) {
		return wire.Corrupt("process %d has %d threads in state %d", p.PID, len(p.threads), p.state)
	}
	seen := make(map[*Thread]bool, len(p.threads))
	for _, t := range p.threads {
		if t.Proc != p || t.state == dead || seen[t] || t.TID <= 0 || t.TID >= PIDMax {
			return wire.Corrupt("thread %d is out of place in process %d", t.TID, p.PID)
		}
		seen[t] = true
		t.listed = true
	}
	return nil
}

// linkQueue checks the run queue.
func (k *Kernel) linkQueue() error {
	for _, t := range k.runq {
		if t.queued || !t.listed || t.state != runnable {
			return wire.Corrupt("thread %d cannot be in the run queue", t.TID)
		}
		t.queued = true
	}
	if t := k.current; t != nil && (t.queued || !t.listed) {
		return wire.Corrupt("thread %d cannot have the turn", t.TID)
	}
	return nil
}

// linkFutexes queues the threads that wait at futexes in the order in which they came.
func (k *Kernel) linkFutexes() error {
	var all []*futexEntry
	for _, p := range k.procs {
		for _, t := range p.threads {
			all = append(all, t.futex.entries...)
		}
	}
	slices.SortFunc(all, func(a, b *futexEntry) int {
		switch {
		case a.seq < b.seq:
			return -1
		case a.seq > b.seq:
			return 1
		}
		return 0
	})
	clear(k.futexes)
	for i, e := range all {
		if i > 0 && all[i-1].seq == e.seq || e.seq > k.seq {
			return wire.Corrupt("two threads came to a futex at once")
		}
		k.futexAppend(e)
	}
	return nil
}
