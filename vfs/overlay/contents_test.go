package overlay_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/overlay"
)

// sharedScratch is a scratch file that two goroutines use.
type sharedScratch struct {
	mu sync.Mutex
	s  scratch
}

func (s *sharedScratch) WriteAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s.WriteAt(p, off)
}

func (s *sharedScratch) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s.ReadAt(p, off)
}

// files are a few files of an overlay, which is frozen now and then, and the same of one that
// is not, with what they hold.
type files struct {
	t           *testing.T
	rand        *rand.Rand
	lower       vfs.FileSystem
	fs, twin    *overlay.FS
	want        map[string][]byte
	pages       wiretest.Pages
	limit, most int64

	busy   *wire.Graph // in flight
	stored sync.WaitGroup
	roots  []wire.Sum
	failed bool // it shall not be committed
}

const maxFile = 12 * 4096

func (f *files) make() *overlay.FS {
	o := overlay.Options{
		Clock: now, Scratch: new(sharedScratch), MemoryLimit: f.limit * 4096, SizeLimit: f.most * 4096, RootMode: 0o755,
	}
	if f.lower != nil {
		o.Lower = capture.New(f.lower, capture.Options{})
	}
	return overlay.New(o)
}

func (f *files) node(fs *overlay.FS, name string) vfs.Node {
	n, err := fs.Root().Lookup(name)
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	return n
}

func (f *files) create(fs vfs.FileSystem, name string) vfs.Node {
	n, err := fs.Root().Create(name, vfs.NewNode{Mode: abi.S_IFREG | 0o644})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

// both does the same with a file in both overlays.
func (f *files) both(name string, do func(n vfs.Node) error) error {
	err := do(f.node(f.fs, name))
	if twin := do(f.node(f.twin, name)); twin != err {
		f.t.Fatalf("%s: %v, without freezing %v", name, err, twin)
	}
	return err
}

// step does something to a file.
func (f *files) step(name string) {
	old := f.want[name]
	off := f.rand.IntN(maxFile - 1)
	n := 1 + f.rand.IntN(min(maxFile-off, 3*4096))
	if f.rand.IntN(3) == 0 {
		off = off &^ 4095
		n = min(n&^4095+4096, maxFile-off)
	}
	switch f.rand.IntN(8) {
	case 0:
		if f.both(name, func(n vfs.Node) error { return n.SetAttr(vfs.AttrSize, vfs.Attr{Size: int64(off)}, 5) }) == nil {
			f.want[name] = append(bytes.Clone(old), make([]byte, maxFile)...)[:off]
			clear(f.want[name][min(off, len(old)):])
		}
	case 1, 2:
		mode := uint32(abi.FALLOC_FL_PUNCH_HOLE | abi.FALLOC_FL_KEEP_SIZE)
		if f.both(name, func(x vfs.Node) error { return x.Allocate(mode, int64(off), int64(n), 6) }) == nil {
			clear(old[min(off, len(old)):min(off+n, len(old))])
		}
	default:
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(f.rand.IntN(256))
		}
		if f.rand.IntN(8) == 0 {
			clear(data)
		}
		err := f.both(name, func(n vfs.Node) error { _, err := n.WriteAt(data, int64(off), 7); return err })
		if err == nil {
			f.want[name] = append(old, make([]byte, max(0, off+n-len(old)))...)
			copy(f.want[name][off:], data)
		} else if err != abi.ENOSPC {
			f.t.Fatalf("%s: %v", name, err)
		}
	}
}

// compare compares all that can be seen of a file.
func (f *files) compare(name string) {
	var seen [2]string
	for i, fs := range []*overlay.FS{f.fs, f.twin} {
		n := f.node(fs, name)
		a, _ := n.Attr()
		got := make([]byte, maxFile+1)
		k, err := n.ReadAt(got, 0)
		if err != nil || !bytes.Equal(got[:k], f.want[name]) {
			f.t.Fatalf("%s: read %d bytes, %v, want %d, equal %v", name, k, err, len(f.want[name]), bytes.Equal(got[:k], f.want[name]))
		}
		seen[i] = fmt.Sprintf("%+v", a)
		for off, data := int64(0), true; off < a.Size; data = !data {
			off, err = n.(vfs.Extents).NextData(off, data)
			seen[i] += fmt.Sprint(" ", off, err)
			if err != nil {
				break
			}
		}
	}
	if seen[0] != seen[1] {
		f.t.Fatal(cmp.Diff(seen[1], seen[0]))
	}
}

// freeze begins to store the overlay behind our back.
func (f *files) freeze() {
	f.finish()
	g, err := wire.FreezeGraph(f.kinds(f.fs), f.fs)
	if err != nil {
		f.t.Fatal(err)
	}
	f.busy, f.roots, f.failed = g, make([]wire.Sum, len(g.Contents)), f.rand.IntN(3) == 0
	for i, c := range g.Contents {
		f.stored.Go(func() {
			var err error
			if f.roots[i], err = c.Store(&f.pages); err != nil {
				f.t.Error(err)
			}
		})
	}
}

// finish ends what freeze began.
func (f *files) finish() {
	if f.busy == nil {
		return
	}
	f.stored.Wait()
	for _, c := range f.busy.Contents {
		c.Release(!f.failed)
	}
	f.busy = nil
}

func (f *files) kinds(fs *overlay.FS) *wire.Kinds {
	k := new(wire.Kinds)
	captured.Kinds(k, fs)
	return k
}

// thaw goes on with a thawed overlay. Its state is that of the one that was never frozen.
func (f *files) thaw() {
	f.finish()
	s := f.pages.Freeze(f.t, f.kinds(f.fs), f.fs)
	var fresh wiretest.Pages
	want := fresh.Hash(f.t, f.kinds(f.twin), f.twin)
	if d := cmp.Diff(want.Encoding, s.Encoding) + cmp.Diff(want.Roots, s.Roots); d != "" {
		f.t.Fatalf("the states differ (-unbroken +frozen)\n%s", d)
	}
	f.fs = f.make()
	s.Thaw(f.t, f.kinds(f.fs))
}

func TestContents(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { testContents(t, seed) })
	}
}

func testContents(t *testing.T, seed uint64) {
	f := &files{t: t, rand: rand.New(rand.NewPCG(seed, 1)), want: map[string][]byte{}}
	f.limit, f.most = int64(f.rand.IntN(3)*5), int64(f.rand.IntN(2)*25)
	names := []string{"a", "b", "c"}
	if seed%2 == 0 {
		f.lower = captured.Make(nil)
		f.want["a"], f.want["b"] = bytes.Repeat([]byte{1}, 5*4096), bytes.Repeat([]byte{2}, 2*4096+3000)
		for _, name := range names[:2] {
			if _, err := f.create(f.lower, name).WriteAt(f.want[name], 0, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.fs, f.twin = f.make(), f.make()
	for _, name := range names {
		if f.want[name] == nil {
			f.create(f.fs, name)
			f.create(f.twin, name)
		}
	}
	for range 400 {
		name := names[f.rand.IntN(len(names))]
		f.step(name)
		switch f.rand.IntN(12) {
		case 0, 1, 2:
			f.freeze()
		case 3:
			f.finish()
		case 4:
			f.thaw()
		}
		f.compare(name)
	}
	f.finish()
}
