package wire

import (
	"fmt"
	"reflect"
)

// Graph is frozen objects that refer to each other.
//
//	kinds     list of strings: the kinds there are, by first use
//	objects   list of u16: the kind of each as an index plus 1; 0 lies inside another object
//	bodies    of each object with a kind, in order: length u32, then what Freeze writes
//
// The first object is the root. Objects are numbered from 1 in the order in which they are
// first referred to, where those that object 1 refers to come first. A reference is
// a u32, the number, or 0 for nil.
type Graph struct {
	Encoding []byte
	Contents []NamedContents // in the order in which they were met
}

// NamedContents is contents with the name of their section.
type NamedContents struct {
	Name string
	Contents
}

// graphEncoder is what the Encoders of the bodies of a graph share.
type graphEncoder struct {
	kinds    *Kinds
	numbers  map[any]uint32
	objects  []graphObject
	contents []NamedContents
	counts   map[string]int
}

type graphObject struct {
	kind  string // empty: inside another
	owned bool
	obj   any
}

// FreezeGraph freezes root and all that it leads to. The contents must be released even
// if there is an error.
func FreezeGraph(kinds *Kinds, root Object) (*Graph, error) {
	g := &graphEncoder{kinds: kinds, numbers: map[any]uint32{}, counts: map[string]int{}}
	g.number(root)
	var bodies Encoder
	var err error
	for i := 0; i < len(g.objects) && err == nil; i++ {
		if o := &g.objects[i]; o.kind != "" {
			err = g.freeze(&bodies, i)
		}
	}
	if err == nil {
		err = g.complete()
	}
	p := &Graph{Contents: g.contents}
	if err == nil {
		p.Encoding, err = g.encode(bodies.p)
	}
	return p, err
}

// freeze appends the body of object i.
func (g *graphEncoder) freeze(to *Encoder, i int) error {
	at := len(to.p)
	to.Uint32(0)
	body := &Encoder{p: to.p, graph: g}
	g.objects[i].obj.(Object).Freeze(body)
	to.p = body.p
	n := len(to.p) - at - 4
	(&Encoder{p: to.p[:at]}).Uint32(uint32(n))
	if body.err != nil {
		return fmt.Errorf("%s %d: %w", g.objects[i].kind, i+1, body.err)
	}
	return nil
}

// number returns the number of o, a pointer.
func (g *graphEncoder) number(o any) uint32 {
	if n := g.numbers[o]; n != 0 {
		return n
	}
	g.objects = append(g.objects, graphObject{kind: g.kinds.names[reflect.TypeOf(o)], obj: o})
	n := uint32(len(g.objects))
	g.numbers[o] = n
	return n
}

// complete tests that every object is written somewhere.
func (g *graphEncoder) complete() error {
	for i, o := range g.objects {
		if o.kind == "" && !o.owned {
			return fmt.Errorf("object %d, a %T, is no kind and lies in no object that was reached", i+1, o.obj)
		}
	}
	return nil
}

// encode puts the parts together.
func (g *graphEncoder) encode(bodies []byte) ([]byte, error) {
	var kinds, objects Encoder
	index := map[string]uint16{}
	objects.Count(len(g.objects))
	for _, o := range g.objects {
		if o.kind != "" && index[o.kind] == 0 {
			index[o.kind] = uint16(len(index) + 1)
			kinds.String(o.kind)
		}
		objects.Uint16(index[o.kind])
	}
	var all Encoder
	all.Count(len(index))
	all.Fixed(kinds.p)
	all.Fixed(objects.p)
	all.Fixed(bodies)
	return all.p, objects.err
}

// Ref writes a reference to o: a pointer, or an interface that holds one.
func (e *Encoder) Ref(o any) {
	v := reflect.ValueOf(o)
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil():
		e.Uint32(0)
	case v.Kind() != reflect.Pointer:
		e.fail("a %T has no identity to refer to", o)
	case e.graph == nil:
		e.fail("a reference to a %T outside a graph", o)
	default:
		e.Uint32(e.graph.number(o))
	}
}

// Own writes that the next part of the object is o, a pointer into it, to which others
// may refer. What it holds follows.
func (e *Encoder) Own(o any) {
	e.Ref(o)
	if e.err != nil {
		return
	}
	x := &e.graph.objects[e.graph.numbers[o]-1]
	if x.owned || x.kind != "" {
		e.fail("a %T is written twice", o)
	}
	x.owned = true
}

// Contents writes that c is the contents of the object, in a section called name and a
// number.
func (e *Encoder) Contents(name string, c Contents) {
	if e.graph == nil {
		e.fail("contents %s outside a graph", name)
		return
	}
	n := e.graph.counts[name]
	e.graph.counts[name]++
	e.graph.contents = append(e.graph.contents, NamedContents{ContentsName(name, n), c})
	e.String(name)
	e.Uint32(uint32(n))
}

// ContentsName returns the name of the section with contents n of all called name.
func ContentsName(name string, n int) string { return fmt.Sprintf("%s/%06d", name, n) }
