package mem

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// frozenView is a view and what must be in it.
type frozenView struct {
	view *View
	want map[uint64][]byte
}

// freeze takes a view of a Space or an Object.
func (w *world) freeze(m *modelSpace) error {
	if len(w.frozen) > 2 {
		w.frozen[0].view.Release(w.r.IntN(2) == 0)
		w.frozen = w.frozen[1:]
	}
	o := w.objs[w.r.IntN(len(w.objs))].obj
	v := frozenView{want: map[uint64][]byte{}}
	if w.r.IntN(2) == 0 {
		v.view = o.View()
	} else {
		v.view = m.s.View()
	}
	v.view.Pages(func(i uint64, p *[PageSize]byte) bool {
		v.want[i] = bytes.Clone(p[:])
		return true
	})
	if len(v.want) != v.view.Len() {
		return fmt.Errorf("view has %d pages, Len %d", len(v.want), v.view.Len())
	}
	if got, want := v.view.Sum(), naiveSum(v.want, levels-1, 0); got != want {
		return fmt.Errorf("sum %x, want %x", got, want)
	}
	w.frozen = append(w.frozen, v)
	return nil
}

// naiveSum is View.Sum of the pages below the node at base, computed from scratch.
func naiveSum(all map[uint64][]byte, level int, base uint64) Sum {
	step := uint64(1) << (level * fanShift)
	b := []byte{byte(level)}
	for i := range uint64(fan) {
		at := base + i*step
		var s Sum
		if level == 0 {
			if p := all[at]; p != nil {
				s = sha256.Sum256(p)
			}
		} else {
			below := map[uint64][]byte{}
			for k, p := range all {
				if k >= at && k < at+step {
					below[k] = p
				}
			}
			if len(below) > 0 {
				s = naiveSum(below, level-1, at)
			}
		}
		if s != (Sum{}) {
			b = append(append(b, byte(i), byte(i>>8)), s[:]...)
		}
	}
	if len(b) == 1 {
		return Sum{}
	}
	return sha256.Sum256(b)
}
