package snapshot_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/emu/mem"
	"emurun/snapshot"
	"emurun/snapshot/storetest"
)

// some are page numbers that are near to and far from each other.
var some = []uint64{0, 1, 511, 512, 0x3_ffff, 0x4_0000, 0x7ff_ffff, 0x8_1234_5678, snapshot.MaxPages - 1}

func page(seed uint64) *[snapshot.PageSize]byte {
	return (*[snapshot.PageSize]byte)(storetest.Content(seed, snapshot.PageSize))
}

// TestSameAsMemory: the root is the sum that emu/mem computes in its own tree.
func TestSameAsMemory(t *testing.T) {
	pool := mem.NewPool(64 << 20)
	space := mem.NewSpace(pool)
	store := newMemory()
	table := snapshot.OpenTable(store, snapshot.Hash{})
	for _, i := range []uint64{0x400, 0x401, 0x7fff0, 0x7ffff_fff0} {
		at := i << 12
		if err := space.Map(mem.Mapping{Start: at, End: at + snapshot.PageSize, Prot: mem.Read | mem.Write}); err != nil {
			t.Fatal(err)
		}
		if _, err := space.WriteAt(page(i)[:], at); err != nil {
			t.Fatal(err)
		}
		if err := table.SetPage(store, i, page(i)); err != nil {
			t.Fatal(err)
		}
	}
	view := space.View()
	defer view.Release(false)
	root, err := table.Flush(store)
	if err != nil || root != snapshot.Hash(view.Sum()) {
		t.Errorf("root %v, memory's is %x, error %v", root, view.Sum(), err)
	}
}

// TestTable compares with a map, closing and opening the table in between.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	store, want := newMemory(), map[uint64]snapshot.Hash{}
	var root snapshot.Hash
	for range 50 {
		table := snapshot.OpenTable(store, root)
		for range 20 {
			i := some[r.IntN(len(some))] ^ uint64(r.IntN(4))
			h := snapshot.Hash{byte(r.IntN(3))}
			if err := table.Set(i, h); err != nil {
				t.Fatal(err)
			}
			if want[i] = h; h.IsZero() {
				delete(want, i)
			}
		}
		var err error
		if root, err = table.Flush(store); err != nil {
			t.Fatal(err)
		}
		expectPages(t, store, root, want)
		if fresh := build(t, want); fresh != root {
			t.Fatalf("root %v, of a table built at once %v", root, fresh)
		}
	}
}

func build(t *testing.T, pages map[uint64]snapshot.Hash) snapshot.Hash {
	t.Helper()
	return flushInto(t, newMemory(), pages)
}

func flushInto(t *testing.T, store *memory, pages map[uint64]snapshot.Hash) snapshot.Hash {
	t.Helper()
	table := snapshot.OpenTable(store, snapshot.Hash{})
	for i, h := range pages {
		if err := table.Set(i, h); err != nil {
			t.Fatal(err)
		}
	}
	root, err := table.Flush(store)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func expectPages(t *testing.T, store *memory, root snapshot.Hash, want map[uint64]snapshot.Hash) {
	t.Helper()
	got, last := map[uint64]snapshot.Hash{}, int64(-1)
	table := snapshot.OpenTable(store, root)
	err := table.Each(func(i uint64, h snapshot.Hash) error {
		if int64(i) <= last {
			t.Errorf("page %#x comes behind page %#x", i, last)
		}
		got[i], last = h, int64(i)
		return nil
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, pages (-want +got):\n%s", err, diff)
	}
	for _, i := range some {
		if h, err := table.Get(i); h != want[i] || err != nil {
			t.Errorf("page %#x is %v, want %v, error %v", i, h, want[i], err)
		}
	}
}

// TestIncremental: a change writes, and reads, only the nodes above it.
func TestIncremental(t *testing.T) {
	store := newMemory()
	table := snapshot.OpenTable(store, snapshot.Hash{})
	for i := range uint64(4096) {
		if err := table.Set(i<<9, snapshot.Hash{1}); err != nil {
			t.Fatal(err)
		}
	}
	root, err := table.Flush(store)
	if err != nil {
		t.Fatal(err)
	}
	store.puts, store.gets = 0, 0
	table = snapshot.OpenTable(store, root)
	if err := table.Set(77<<9, snapshot.Hash{2}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Flush(store); err != nil {
		t.Fatal(err)
	}
	if store.puts != 4 || store.gets != 4 {
		t.Errorf("%d nodes written and %d read, want 4 and 4", store.puts, store.gets)
	}
}

func TestProof(t *testing.T) {
	store := newMemory()
	table := snapshot.OpenTable(store, snapshot.Hash{})
	for n, i := range some {
		if err := table.Set(i, snapshot.Hash{byte(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	root, err := table.Flush(store)
	if err != nil {
		t.Fatal(err)
	}
	table = snapshot.OpenTable(store, root)
	for _, i := range append(slices.Clone(some), 2, 0x5_0000_0000) {
		proof, err := table.Prove(i)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := table.Get(i)
		if got, err := snapshot.Check(root, i, proof); got != want || err != nil {
			t.Errorf("page %#x is proved to be %v, want %v, error %v", i, got, want, err)
		}
		for n := range proof {
			proof[n][5] ^= 1
			if _, err := snapshot.Check(root, i, proof); !errors.Is(err, snapshot.ErrCorrupt) {
				t.Errorf("page %#x: a forged node %d is believed, error %v", i, n, err)
			}
			proof[n][5] ^= 1
		}
		if _, err := snapshot.Check(root, i, proof[:len(proof)-1]); !errors.Is(err, snapshot.ErrCorrupt) {
			t.Errorf("page %#x: a proof cut short is believed, error %v", i, err)
		}
	}
}

// TestVerify removes and damages each chunk in turn.
func TestVerify(t *testing.T) {
	store := newMemory()
	id := storetest.Commit(t, store, 1, storetest.Content(1, 3*snapshot.PageSize))
	m, _ := store.Manifest(id)
	if err := snapshot.Verify(store, m, map[snapshot.Hash]bool{}); err != nil {
		t.Fatal(err)
	}
	for h, p := range maps.Clone(store.chunks) {
		delete(store.chunks, h)
		if err := snapshot.Verify(store, m, map[snapshot.Hash]bool{}); !errors.Is(err, snapshot.ErrNotFound) {
			t.Errorf("without chunk %v: error %v", h, err)
		}
		store.chunks[h] = append(slices.Clone(p[1:]), 0)
		if err := snapshot.Verify(store, m, map[snapshot.Hash]bool{}); !errors.Is(err, snapshot.ErrCorrupt) {
			t.Errorf("with damaged chunk %v: error %v", h, err)
		}
		store.chunks[h] = p
	}
}

// FuzzNode reads hostile nodes: errors, no panics.
func FuzzNode(f *testing.F) {
	store := newMemory()
	storetest.Commit(f, store, 1, storetest.Content(1, 5000))
	for _, p := range store.chunks {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		store := newMemory()
		root := snapshot.Sum(p)
		store.chunks[root] = p
		for i := range 4 { // as a node of each level
			q := append([]byte{3, 0, 0}, root[:]...)
			q[0] -= byte(i)
			store.chunks[snapshot.Sum(q)] = q
			snapshot.OpenTable(store, snapshot.Sum(q)).Each(func(uint64, snapshot.Hash) error { return nil })
		}
		table := snapshot.OpenTable(store, root)
		if err := table.Each(func(uint64, snapshot.Hash) error { return nil }); err == nil {
			t.Errorf("a lone node of the top level has all its pages")
		}
		if _, err := table.Prove(0); err == nil {
			if h, err := table.Get(0); err != nil || !h.IsZero() {
				t.Errorf("page 0 is %v, error %v", h, err)
			}
		}
	})
}
