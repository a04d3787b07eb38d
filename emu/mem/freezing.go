package mem

import (
	"slices"
)

// BeginFreeze begins the freezing of all Spaces and Objects of p, which EndFreeze ends. The
// views taken in between are of one instant and are committed together: chunks that
// several have in common are put once, and what was put counts as stored only when all of
// them are released as committed. A view that is taken outside is a freezing of its own.
func (p *Pool) BeginFreeze() { p.freezing = p.newFreezing() }

// EndFreeze ends the freezing. It must be called before the guest goes on.
func (p *Pool) EndFreeze() {
	f := p.freezing
	p.freezing = nil
	p.epoch++
	f.ended = true
	p.settle(f)
}

func (p *Pool) newFreezing() *freezing {
	p.freezings++
	f := &freezing{n: p.freezings, missing: p.missing}
	p.missing = append(slices.Clone(p.missing), f.n)
	return f
}

// settle remembers that f is committed, if it is.
func (p *Pool) settle(f *freezing) {
	if !f.ended || f.open > 0 || f.failed {
		return
	}
	p.missing = slices.DeleteFunc(slices.Clone(p.missing), func(n uint32) bool { return n == f.n })
}

// view returns a view of t. What is written from now on has a later epoch, whatever was
// written before: every write passes tree.slot after the write tags are gone.
func (p *Pool) view(t *tree) *View {
	f := p.freezing
	if f == nil {
		f = p.newFreezing()
		f.ended = true
		p.epoch++
	}
	f.open++
	v := &View{pool: p, of: f, root: t.root, pages: t.pages, chunks: p.chunks}
	if v.root != nil {
		v.root.refs++
	}
	t.cool()
	return v
}

// Release implements wire.Contents: it gives up the view.
func (v *View) Release(committed bool) {
	if v.root != nil {
		v.pool.release(v.root)
		v.root = nil
	}
	v.of.open--
	v.of.failed = v.of.failed || !committed
	v.pool.settle(v.of)
}
