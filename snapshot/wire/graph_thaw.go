package wire

import (
	"fmt"
	"reflect"
)

// graphDecoder is what the Decoders of the bodies of a graph share.
type graphDecoder struct {
	kinds   []string // of each object; empty: inside another
	objects []any
	source  func(name string) (Source, error)
	later   []func() error
}

// ThawGraph thaws a graph and returns its root. source opens the contents called name.
// Objects that refer to each other are filled in any order: what needs them filled waits for Link or Later.
func ThawGraph(p []byte, kinds *Kinds, source func(name string) (Source, error)) (Object, error) {
	g := &graphDecoder{source: source}
	d := NewDecoder(p)
	g.makeAll(d, kinds)
	for i, o := range g.objects {
		if g.kinds[i] != "" && d.err == nil {
			if err := g.thaw(d, i, o.(Object)); err != nil {
				return nil, err
			}
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	if err := g.link(); err != nil {
		return nil, err
	}
	return g.objects[0].(Object), nil
}

// makeAll makes all objects, empty.
func (g *graphDecoder) makeAll(d *Decoder, kinds *Kinds) {
	var names []string
	for range d.Count(1<<16-2, 4) {
		name := d.String(255)
		if kinds.makers[name] == nil {
			d.Fail("%q is no kind of object that this emurun knows: use the emurun that wrote it, or a newer one", name)
			return
		}
		names = append(names, name)
	}
	n := d.Count(MaxLen, 2)
	made := map[any]bool{}
	for i := range n {
		kind := int(d.Uint16())
		switch {
		case kind > len(names) || i == 0 && kind == 0:
			d.Fail("object %d is of kind %d of %d", i+1, kind, len(names))
			return
		case kind == 0:
			g.objects, g.kinds = append(g.objects, nil), append(g.kinds, "")
		default:
			o := kinds.makers[names[kind-1]]()
			if o == nil {
				d.Fail("a %s, which this machine does not have", names[kind-1])
				return
			}
			if made[o] {
				d.Fail("a second %s: there can be only one", names[kind-1])
				return
			}
			made[o] = true
			g.objects, g.kinds = append(g.objects, o), append(g.kinds, names[kind-1])
		}
	}
	if n == 0 {
		d.Fail("no objects")
	}
}

// thaw fills object i.
func (g *graphDecoder) thaw(d *Decoder, i int, o Object) error {
	body := d.take(d.Count(MaxLen, 1))
	if d.err != nil {
		return d.err
	}
	b := &Decoder{p: body, graph: g}
	o.Thaw(b)
	return g.at(i, b.End())
}

// at says where err happened.
func (g *graphDecoder) at(i int, err error) error {
	switch {
	case err == nil:
		return nil
	case g.kinds[i] == "":
		return fmt.Errorf("part %d: %w", i+1, err)
	}
	return fmt.Errorf("%s %d: %w", g.kinds[i], i+1, err)
}

// link does what had to wait for all objects.
func (g *graphDecoder) link() error {
	for i, o := range g.objects {
		if o == nil {
			return fmt.Errorf("object %d lies in no object: %w", i+1, ErrCorrupt)
		}
	}
	for _, f := range g.later {
		if err := f(); err != nil {
			return err
		}
	}
	for i, o := range g.objects {
		if l, ok := o.(Linker); ok {
			if err := g.at(i, l.Link()); err != nil {
				return err
			}
		}
	}
	return nil
}

// number reads the number of an object, 0 for nil.
func (d *Decoder) number() int {
	n := d.Uint32()
	switch {
	case d.err != nil:
		return 0
	case d.graph == nil:
		d.Fail("a reference outside a graph")
		return 0
	case n > uint32(len(d.graph.objects)):
		d.Fail("a reference to object %d of %d", n, len(d.graph.objects))
		return 0
	}
	return int(n)
}

// Ref reads a reference to an object of a kind of its own; the zero T for nil. The object
// may not be filled yet.
func Ref[T any](d *Decoder) T {
	var zero T
	n := d.number()
	if n == 0 {
		return zero
	}
	o, ok := d.graph.objects[n-1].(T)
	if !ok {
		d.Fail("object %d is a %s and no %v", n, d.graph.kinds[n-1], reflect.TypeFor[T]())
	}
	return o
}

// Later reads a reference to an object, perhaps one inside another, and hands it to f once all
// objects are filled; the zero T for nil.
func Later[T any](d *Decoder, f func(T)) {
	n := d.number()
	if d.graph == nil || d.err != nil {
		return
	}
	g := d.graph
	g.later = append(g.later, func() error {
		var o T
		if n != 0 {
			var ok bool
			if o, ok = g.objects[n-1].(T); !ok {
				return fmt.Errorf("object %d is a %T and no %v: %w", n, g.objects[n-1], reflect.TypeFor[T](), ErrCorrupt)
			}
		}
		f(o)
		return nil
	})
}

// Filled has f called once all objects are filled, and before any Link: for what an object
// makes of the others it refers to.
func (d *Decoder) Filled(f func() error) {
	if d.graph == nil || d.err != nil {
		return
	}
	d.graph.later = append(d.graph.later, f)
}

// Own reads that the next part of the object is o, a pointer into it.
func (d *Decoder) Own(o any) {
	n := d.number()
	switch {
	case d.err != nil:
	case n == 0 || d.graph.objects[n-1] != nil:
		d.Fail("object %d lies in two places", n)
	default:
		d.graph.objects[n-1] = o
	}
}

// Contents reads where the contents of the object are; nil after an error.
func (d *Decoder) Contents() Source {
	name, n := d.String(64), d.Uint32()
	if d.err == nil && d.graph == nil {
		d.Fail("contents outside a graph")
	}
	if d.err != nil {
		return nil
	}
	s, err := d.graph.source(ContentsName(name, int(n)))
	if err != nil {
		d.err = fmt.Errorf("contents %s: %w", ContentsName(name, int(n)), err)
		return nil
	}
	return s
}

// Root returns a Decoder of the body of the root of a graph, for what must be known before a
// machine is made to thaw into. It can read no references: each is a u32 to it.
func Root(p []byte) (*Decoder, error) {
	d := NewDecoder(p)
	for range d.Count(1<<16-2, 4) {
		d.take(d.Count(255, 1))
	}
	d.take(2 * d.Count(MaxLen, 2))
	body := d.take(d.Count(MaxLen, 1))
	return NewDecoder(body), d.err
}
