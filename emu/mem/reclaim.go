package mem

// reclaimable returns how many pages reclaim could free.
func (p *Pool) reclaimable() int {
	n := 0
	for _, o := range p.objects {
		if o.code == 0 {
			n += o.tree.len() - o.dirty.n
		}
	}
	return n
}

// reclaim forgets every page of a file that is in memory as it is in the file, but not
// of files that are mapped as code: an engine may have translated it, and would
// read it again or not, which must not show. It reports whether the pool has room afterwards.
func (p *Pool) reclaim() bool {
	for _, o := range p.objects {
		if p.used+p.charged < p.limit-p.limit/8 {
			break
		}
		if o.code == 0 {
			o.reclaim()
		}
	}
	return !p.full()
}

// reclaim forgets the clean pages of o.
func (o *Object) reclaim() {
	var clean []uint64
	o.tree.each(0, treeLimit, func(i uint64, _ pte) bool {
		if !o.dirty.has(i) {
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
