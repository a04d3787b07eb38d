package interp

// stock gives out slabs of cells or blocks, the first of them small and each twice as
// large as the one before up to a limit. They can be given out again.
type stock[T any] struct {
	first int // length of the first slab
	slabs [][]T
	next  int
}

const (
	// slabGrowth is how many times slabs double: of cells, from 16 to 512 KiB.
	slabGrowth = 5
	// keptSlabs is how many slabs stay for another use: of cells, 2 MiB in all, which
	// holds the start of a dynamic program.
	keptSlabs = slabGrowth + 3
)

// slab returns the next slab. What it contains is arbitrary.
func (s *stock[T]) slab() []T {
	if s.next == len(s.slabs) {
		s.slabs = append(s.slabs, make([]T, s.first<<min(s.next, slabGrowth)))
	}
	s.next++
	return s.slabs[s.next-1]
}

// rewind makes the slabs available again. Where there are too many, some are dropped,
// and what the others contain as well, since it could keep them in memory.
func (s *stock[T]) rewind() {
	s.next = 0
	if len(s.slabs) <= keptSlabs {
		return
	}
	s.slabs = append([][]T(nil), s.slabs[:keptSlabs]...)
	for _, slab := range s.slabs {
		clear(slab)
	}
}
