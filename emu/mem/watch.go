package mem

// Watcher is the engine of a Space, which holds code translated from its pages.
type Watcher interface {
	// Written says that [a, a+n), which lies in one watched page, is about to be
	// written. The watcher drops the code translated from these bytes and reports
	// whether there was any.
	Written(a uint64, n int) bool
	// Gone says that the pages [lo, hi) were unmapped, replaced or lost the
	// permission to execute. The watcher drops all code translated from them; they are
	// no longer watched.
	Gone(lo, hi uint64)
	// Released says that the Space has come to its end and nothing is watched: the
	// watcher hears no more of it and may serve another one.
	Released()
}

// SetWatcher makes w the watcher of s. A forked Space has none yet.
func (s *Space) SetWatcher(w Watcher) { s.watcher = w }

// Watch says that code was translated from the page of a. It keeps the page, and every
// other view of the same page of an Object, out of the write TLBs.
func (s *Space) Watch(a uint64) {
	n := a >> PageShift
	if _, ok := s.watched[n]; ok {
		return
	}
	s.watched[n] = struct{}{}
	a &^= PageMask
	s.TLB.flushWrite(a, a+PageSize)
	m := s.find(a)
	if m == nil || m.Object == nil {
		return
	}
	o, i := m.Object, m.index(a)
	if _, ok := o.watched[i]; !ok {
		if o.watched == nil {
			o.watched = map[uint64]struct{}{}
		}
		o.watched[i] = struct{}{}
		o.flushWrite(i, i+1)
	}
}

// Unwatch says that no translated code is left in the page of a.
func (s *Space) Unwatch(a uint64) { delete(s.watched, a>>PageShift) }

// Watched reports whether the page of a is watched.
func (s *Space) Watched(a uint64) bool {
	_, ok := s.watched[a>>PageShift]
	return ok
}

// isCode reports whether the page of a, in m, is watched here or, if it is shared,
// anywhere.
func (s *Space) isCode(a uint64, m *Mapping) bool {
	if len(s.watched) > 0 && s.Watched(a) {
		return true
	}
	if m.Flags&Shared == 0 || len(m.Object.watched) == 0 {
		return false
	}
	_, ok := m.Object.watched[m.index(a)]
	return ok
}

// codeWritten announces a write to [a, a+n) in m and reports whether code of s itself
// was dropped.
func (s *Space) codeWritten(a uint64, n int, m *Mapping) bool {
	if !s.isCode(a, m) {
		return false
	}
	dropped := s.written(a, n)
	if m.Flags&Shared != 0 {
		i := m.index(a)
		for _, x := range m.Object.maps {
			if lo, hi := x.indexRange(i, i+1); lo < hi && x.space.Watched(lo) {
				d := x.space.written(lo|a&PageMask, n)
				dropped = dropped || d && x.space == s
			}
		}
	}
	return dropped
}

// written tells the watcher of s that [a, a+n) is about to be written.
func (s *Space) written(a uint64, n int) bool {
	return s.watcher != nil && s.Watched(a) && s.watcher.Written(a, n)
}

// codeWritten announces a write of n bytes at off in page index to all Spaces that
// see it.
func (o *Object) codeWritten(index, off uint64, n int) {
	if _, ok := o.watched[index]; !ok {
		return
	}
	for _, m := range o.maps {
		if lo, hi := m.indexRange(index, index+1); lo < hi {
			m.space.written(lo|off, n)
		}
	}
}

// dropCode ends the watch over [lo, hi) and tells the watcher.
func (s *Space) dropCode(lo, hi uint64) {
	first, end := lo>>PageShift, hi>>PageShift
	any := false
	if end-first < uint64(len(s.watched)) {
		for n := first; n < end; n++ {
			if _, ok := s.watched[n]; ok {
				delete(s.watched, n)
				any = true
			}
		}
	} else {
		// order: entries only go
		for n := range s.watched {
			if n >= first && n < end {
				delete(s.watched, n)
				any = true
			}
		}
	}
	if any && s.watcher != nil {
		s.watcher.Gone(lo, hi)
	}
}
