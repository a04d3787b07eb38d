package mem

// reclaimable returns how many frames reclaim could free: an upper bound.
func (p *Pool) reclaimable() int {
	n := 0
	for _, o := range p.objects {
		n += o.tree.len() - len(o.dirty)
	}
	return n
}

// reclaim forgets every page of a file that is in memory as it is in the file. It
// reports whether the pool has room afterwards.
func (p *Pool) reclaim() bool {
	for _, o := range p.objects {
		if p.used+p.charged < p.limit-p.limit/8 {
			break
		}
		o.reclaim()
	}
	return !p.full()
}

// reclaim forgets the clean pages of o.
func (o *Object) reclaim() {
	var clean []uint64
	o.tree.each(0, treeLimit, func(i uint64, e pte) bool {
		if e&pteDirty == 0 {
			clean = append(clean, i)
		}
		return true
	})
	for _, i := range clean {
		o.tree.set(i, 0)
	}
	if len(clean) > 0 {
		o.flush(clean[0], clean[len(clean)-1]+1)
	}
}
