package mem

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"emurun/abi"
)

// The model: what memory is, without any sharing. Every operation is done to a Space
// and to the model, and every access goes through the TLB as an engine does it, so that
// a stale entry shows.

const (
	modelBase  = 0x40000000
	modelPages = 48
)

// modelObject is a file or shared memory as bytes.
type modelObject struct {
	obj  *Object
	file *testFile // nil: shared anonymous
	data []byte    // what mappings see; its length is the size
}

type testFile struct{ data []byte }

func (f *testFile) ReadPage(p []byte, index uint64) error {
	if off := index << PageShift; off < uint64(len(f.data)) {
		copy(p, f.data[off:])
	}
	return nil
}

type modelPage struct {
	prot   Prot
	shared bool
	obj    *modelObject
	index  uint64
	own    []byte // private content once written
}

// view returns the page's content, or a cause.
func (p *modelPage) view() ([]byte, Cause) {
	switch {
	case p.own != nil:
		return p.own, CauseNone
	case p.obj == nil:
		return zeroPage[:], CauseNone
	case p.index >= pages(uint64(len(p.obj.data))):
		return nil, CauseBus
	}
	b := make([]byte, PageSize)
	copy(b, p.obj.data[p.index<<PageShift:])
	return b, CauseNone
}

type modelSpace struct {
	s     *Space
	pages map[uint64]*modelPage
	code  map[uint64][]byte // address -> bytes that were "translated"
}

func newModelSpace(s *Space) *modelSpace {
	m := &modelSpace{s: s, pages: map[uint64]*modelPage{}, code: map[uint64][]byte{}}
	s.SetWatcher(m)
	return m
}

// Written implements Watcher.
func (m *modelSpace) Written(a uint64, n int) bool {
	hit := false
	for at, b := range m.code {
		if at < a+uint64(n) && a < at+uint64(len(b)) {
			delete(m.code, at)
			hit = true
		}
	}
	return hit
}

// Gone implements Watcher.
func (m *modelSpace) Gone(lo, hi uint64) {
	for at := range m.code {
		if at >= lo && at < hi {
			delete(m.code, at)
		}
	}
}

// Released implements Watcher.
func (m *modelSpace) Released() { clear(m.code) }

// world is some Spaces and Objects with their models.
type world struct {
	pool   *Pool
	spaces []*modelSpace
	objs   []*modelObject
	frozen []frozenView
	store  map[Sum][]byte // what committed checkpoints have put
	saves  []*save        // checkpoints in flight
	busy   bool           // no more of them
	r      *rand.Rand
}

func newWorld(seed uint64) *world {
	w := &world{pool: NewPool(64 << 20), store: map[Sum][]byte{}, r: rand.New(rand.NewPCG(seed, 1))}
	for i := range 3 {
		o := &modelObject{data: make([]byte, 9*PageSize+100)}
		for j := range o.data {
			o.data[j] = byte(w.r.Uint32())
		}
		var src Source
		if i > 0 {
			f := &freezableFile{testFile{bytes.Clone(o.data)}}
			o.file, src = &f.testFile, f
		}
		o.obj = NewObject(w.pool, src, uint64(len(o.data)))
		if i == 0 {
			if _, err := o.obj.WriteAt(o.data, 0); err != nil {
				panic(err)
			}
		}
		w.objs = append(w.objs, o)
	}
	w.spaces = []*modelSpace{newModelSpace(NewSpace(w.pool))}
	return w
}

func (w *world) rangeOf() (lo, hi uint64) {
	a := uint64(w.r.IntN(modelPages))
	n := 1 + uint64(w.r.IntN(6))
	return modelBase + a<<PageShift, modelBase + (a+n)<<PageShift
}

func (w *world) step() error {
	m := w.spaces[w.r.IntN(len(w.spaces))]
	lo, hi := w.rangeOf()
	switch k := w.r.IntN(100); {
	case k < 12:
		return w.mmap(m, lo, hi)
	case k < 16:
		return w.munmap(m, lo, hi)
	case k < 22:
		return w.mprotect(m, lo, hi)
	case k < 26:
		return w.mremap(m, lo, hi)
	case k < 30:
		return w.madvise(m, lo, hi)
	case k < 33:
		w.fork(m)
	case k < 38:
		w.update()
	case k < 41:
		w.truncate()
	case k < 43:
		w.clean()
	case k < 44:
		return w.freeze(m)
	case k < 45:
		return w.checkpoint()
	case k < 46:
		w.pool.reclaimAll()
	case k < 52:
		w.translate(m)
	case k < 56:
		return w.copyIn(m)
	case k < 80:
		return w.write(m)
	default:
		return w.read(m)
	}
	return nil
}

// reclaimAll forgets all clean pages, as memory pressure does.
func (p *Pool) reclaimAll() {
	for _, o := range p.objects {
		o.reclaim()
	}
}

func (w *world) mmap(m *modelSpace, lo, hi uint64) error {
	mp := Mapping{Start: lo, End: hi, Prot: Prot(w.r.IntN(8))}
	var o *modelObject
	if w.r.IntN(8) == 0 {
		return w.mmapShared(m, mp)
	}
	if w.r.IntN(2) == 0 {
		o = w.objs[w.r.IntN(len(w.objs))]
		mp.Object = o.obj
		mp.Offset = uint64(w.r.IntN(8)) << PageShift
		if w.r.IntN(2) == 0 {
			mp.Flags = Shared
		}
	}
	if err := m.s.Map(mp); err != nil {
		return fmt.Errorf("Map %+v: %w", mp, err)
	}
	for a := lo; a < hi; a += PageSize {
		m.pages[a>>PageShift] = &modelPage{
			prot: mp.Prot, shared: mp.Flags&Shared != 0, obj: o,
			index: (a - lo + mp.Offset) >> PageShift,
		}
	}
	return nil
}

// mmapShared makes a mapping of new shared anonymous memory.
func (w *world) mmapShared(m *modelSpace, mp Mapping) error {
	mp.Flags = Shared
	if err := m.s.Map(mp); err != nil {
		return fmt.Errorf("Map %+v: %w", mp, err)
	}
	x := m.s.MappingAt(mp.Start)
	o := &modelObject{obj: x.Object, data: make([]byte, mp.Len())}
	for a := mp.Start; a < mp.End; a += PageSize {
		m.pages[a>>PageShift] = &modelPage{prot: mp.Prot, shared: true, obj: o, index: (a - mp.Start) >> PageShift}
	}
	return nil
}

func (w *world) munmap(m *modelSpace, lo, hi uint64) error {
	for a := lo; a < hi; a += PageSize {
		delete(m.pages, a>>PageShift)
	}
	return m.s.Unmap(lo, hi)
}

func (w *world) mprotect(m *modelSpace, lo, hi uint64) error {
	prot := Prot(w.r.IntN(8))
	var want error
	for a := lo; a < hi; a += PageSize {
		p := m.pages[a>>PageShift]
		if p == nil {
			want = abi.ENOMEM
			break
		}
		p.prot = prot
	}
	if err := m.s.Protect(lo, hi, prot); !errors.Is(err, want) {
		return fmt.Errorf("Protect: got %v, want %v", err, want)
	}
	return nil
}

func (w *world) madvise(m *modelSpace, lo, hi uint64) error {
	var want error
	for a := lo; a < hi; a += PageSize {
		if p := m.pages[a>>PageShift]; p != nil {
			p.own = nil
		} else {
			want = abi.ENOMEM
		}
	}
	if err := m.s.Discard(lo, hi); !errors.Is(err, want) {
		return fmt.Errorf("Discard: got %v, want %v", err, want)
	}
	return nil
}

func (w *world) mremap(m *modelSpace, lo, hi uint64) error {
	n := (hi - lo) >> PageShift
	to := modelBase + uint64(w.r.IntN(modelPages))<<PageShift
	size := (1 + uint64(w.r.IntN(6))) << PageShift
	r := Remapping{Old: lo, OldLen: n << PageShift, NewLen: size, MayMove: true, Fixed: true, New: to}
	if to < hi && lo < to+size { // overlapping: in place or nothing
		r.Fixed, r.New, r.MayMove = false, 0, false
	}
	before := map[uint64]*modelPage{}
	for i := range n {
		before[i] = m.pages[lo>>PageShift+i]
	}
	end := m.s.MappingAt(lo)
	at, err := m.s.Remap(r)
	if r.Fixed {
		for i := range size >> PageShift {
			delete(m.pages, to>>PageShift+i)
		}
	}
	if r.Fixed && n<<PageShift > size || err == nil && n<<PageShift > size {
		for i := size >> PageShift; i < n; i++ {
			delete(m.pages, lo>>PageShift+i)
		}
	}
	if err != nil {
		if end != nil && hi <= end.End && r.Fixed {
			return fmt.Errorf("Remap %+v: %w", r, err)
		}
		return nil
	}
	first := before[0]
	if r.Fixed {
		for i := range n {
			delete(m.pages, lo>>PageShift+i)
		}
	}
	for i := range size >> PageShift {
		switch {
		case i < n && before[i] == nil:
		case i < n:
			m.pages[at>>PageShift+i] = before[i]
		default:
			m.pages[at>>PageShift+i] = &modelPage{prot: first.prot, shared: first.shared, obj: first.obj, index: first.index + i}
		}
	}
	return nil
}

func (w *world) fork(m *modelSpace) {
	if len(w.spaces) > 3 {
		i := w.r.IntN(len(w.spaces))
		w.spaces[i].s.Release()
		w.spaces = append(w.spaces[:i], w.spaces[i+1:]...)
		return
	}
	c := newModelSpace(m.s.Fork())
	for n, p := range m.pages {
		q := *p
		q.own = bytes.Clone(p.own)
		c.pages[n] = &q
	}
	w.spaces = append(w.spaces, c)
}

// update writes to a file as write(2) does.
func (w *world) update() {
	o := w.objs[w.r.IntN(len(w.objs))]
	off := w.r.IntN(10 * PageSize)
	p := make([]byte, 1+w.r.IntN(2*PageSize))
	for i := range p {
		p[i] = byte(w.r.Uint32())
	}
	if n := off + len(p); n > len(o.data) {
		o.data = append(o.data, make([]byte, n-len(o.data))...)
	}
	copy(o.data[off:], p)
	if o.file == nil {
		_, _ = o.obj.WriteAt(p, uint64(off))
		return
	}
	if n := off + len(p); n > len(o.file.data) {
		o.file.data = append(o.file.data, make([]byte, n-len(o.file.data))...)
	}
	copy(o.file.data[off:], p)
	o.obj.Update(p, uint64(off))
}

func (w *world) truncate() {
	o := w.objs[w.r.IntN(len(w.objs))]
	n := w.r.IntN(12 * PageSize)
	resize := func(b []byte) []byte {
		return append(b[:min(n, len(b))], make([]byte, max(n-len(b), 0))...)
	}
	shrink := n < len(o.data)
	o.data = resize(o.data)
	if o.file != nil {
		o.file.data = resize(o.file.data)
	}
	o.obj.Truncate(uint64(n))
	if !shrink {
		return
	}
	for _, m := range w.spaces {
		for _, p := range m.pages {
			if p.obj == o && p.index >= pages(uint64(n)) {
				p.own = nil
			}
		}
	}
}

// clean writes dirty pages back to their file.
func (w *world) clean() {
	o := w.objs[1+w.r.IntN(len(w.objs)-1)]
	_ = o.obj.Clean(0, Infinity>>1, func(p []byte, off uint64) error {
		copy(o.file.data[off:], p)
		return nil
	})
}

func (w *world) anyAddr() uint64 { return modelBase + uint64(w.r.IntN((modelPages+8)<<PageShift)) }

// check compares what must hold after every step.
func (w *world) check() error {
	for _, m := range w.spaces {
		for a, b := range m.code {
			p := m.pages[a>>PageShift]
			if p == nil || p.prot&Exec == 0 {
				return fmt.Errorf("code at %#x outlives its mapping", a)
			}
			now, _ := p.view()
			if now == nil || !bytes.HasPrefix(now[a&PageMask:], b) {
				return fmt.Errorf("code at %#x is stale", a)
			}
		}
		for i, x := range m.s.maps {
			if i > 0 && (m.s.maps[i-1].End > x.Start || m.s.maps[i-1].joins(x)) {
				return fmt.Errorf("mappings %d and %d overlap or should be one", i-1, i)
			}
		}
	}
	for _, v := range w.frozen {
		for i, want := range v.want {
			t := tree{pool: w.pool, root: v.view.root}
			if got := w.pool.bytes(t.get(i).frame()); !bytes.Equal(got[:], want) {
				return fmt.Errorf("frozen page %d changed", i)
			}
		}
	}
	return nil
}

// finish checks that releasing everything frees every frame.
func (w *world) finish() error {
	for _, m := range w.spaces {
		m.s.Release()
	}
	for _, v := range w.frozen {
		v.view.Release(w.r.IntN(2) == 0)
	}
	for _, s := range w.saves {
		if err := w.end(s, true); err != nil {
			return err
		}
	}
	for _, o := range w.objs {
		if o.obj.Mapped() {
			return errors.New("object is still mapped")
		}
		o.obj.Release()
	}
	if w.pool.live != 0 || w.pool.used != 0 || w.pool.charged != 0 {
		return fmt.Errorf("%d frames leak, %d and %d pages are charged", w.pool.live, w.pool.used, w.pool.charged)
	}
	return nil
}

func runWorld(seed uint64, steps int) error {
	w := newWorld(seed)
	for i := range steps {
		if err := w.step(); err != nil {
			return fmt.Errorf("seed %d, step %d: %w", seed, i, err)
		}
		if err := w.check(); err != nil {
			return fmt.Errorf("seed %d, after step %d: %w", seed, i, err)
		}
	}
	return w.finish()
}

func TestModel(t *testing.T) {
	for seed := range uint64(60) {
		if err := runWorld(seed, 1500); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzModel runs sequences of operations from a seed against the model.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1000))
	f.Fuzz(func(t *testing.T, seed uint64) {
		if err := runWorld(seed, 400); err != nil {
			t.Fatal(err)
		}
	})
}
