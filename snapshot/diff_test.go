package snapshot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot"
)

// change is a page that Diff reports: the first bytes of its hashes.
type change struct {
	Index    uint64
	InA, InB byte
}

func TestDiff(t *testing.T) {
	store := newMemory()
	a, b := map[uint64]snapshot.Hash{}, map[uint64]snapshot.Hash{}
	for i := range uint64(2000) {
		a[i<<9] = snapshot.Hash{1}
		b[i<<9] = snapshot.Hash{1}
	}
	a[5], b[77<<9], b[snapshot.MaxPages-1] = snapshot.Hash{2}, snapshot.Hash{3}, snapshot.Hash{4}
	delete(b, 1999<<9)
	rootA, rootB := flushInto(t, store, a), flushInto(t, store, b)

	store.gets = 0
	var got []change
	err := snapshot.Diff(snapshot.OpenTable(store, rootA), snapshot.OpenTable(store, rootB), func(i uint64, inA, inB snapshot.Hash) error {
		got = append(got, change{i, inA[0], inB[0]})
		return nil
	})
	want := []change{{5, 2, 0}, {77 << 9, 1, 3}, {1999 << 9, 1, 0}, {snapshot.MaxPages - 1, 0, 4}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, changes (-want +got):\n%s", err, diff)
	}
	if store.gets > 20 {
		t.Errorf("%d nodes were read", store.gets)
	}
	none := snapshot.OpenTable(store, snapshot.Hash{})
	n := 0
	if err := snapshot.Diff(none, snapshot.OpenTable(store, rootB), func(uint64, snapshot.Hash, snapshot.Hash) error { n++; return nil }); n != len(b) || err != nil {
		t.Errorf("%d pages differ from none, want %d, error %v", n, len(b), err)
	}
}
