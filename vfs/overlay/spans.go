package overlay

import (
	"cmp"
	"slices"
)

// span is the numbers from from up to, but without, to.
type span struct{ from, to int64 }

// spans is a set of numbers: ascending, with gaps between.
type spans []span

// addLowest adds the lowest number that is not there.
func (s *spans) addLowest() int64 {
	x := *s
	if len(x) == 0 || x[0].from > 0 {
		*s = slices.Insert(x, 0, span{0, 1})
		s.join()
		return 0
	}
	n := x[0].to
	x[0].to++
	s.join()
	return n
}

// join joins the first two spans if there is no gap between them.
func (s *spans) join() {
	if x := *s; len(x) > 1 && x[0].to == x[1].from {
		x[1].from = x[0].from
		*s = x[1:]
	}
}

// remove removes a number that is there.
func (s *spans) remove(n int64) {
	x := *s
	i, found := slices.BinarySearchFunc(x, n, func(a span, n int64) int { return cmp.Compare(a.from, n) })
	if !found {
		i--
	}
	switch a := x[i]; {
	case a.from == n && a.to == n+1:
		*s = slices.Delete(x, i, i+1)
	case a.from == n:
		x[i].from++
	case a.to == n+1:
		x[i].to--
	default:
		x[i].to = n
		*s = slices.Insert(x, i+1, span{n + 1, a.to})
	}
}

// union returns the set of all numbers in some spans; ok is false if one is in two.
func union(all []span) (s spans, ok bool) {
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for _, x := range all {
		switch n := len(s); {
		case n > 0 && x.from < s[n-1].to:
			return nil, false
		case n > 0 && x.from == s[n-1].to:
			s[n-1].to = x.to
		default:
			s = append(s, x)
		}
	}
	return s, true
}
