package wire

import (
	"fmt"
	"reflect"
)

// Object is a part of a graph: state that others refer to. It is a pointer, which is its
// identity.
type Object interface {
	Freezer
	Thawer
}

// Linker is an Object, or a part of one, with something left to do, or to check, when all
// objects of its graph have thawed.
type Linker interface{ Link() error }

// Kinds is the types of objects that a graph may have.
type Kinds struct {
	names  map[reflect.Type]string
	makers map[string]func() Object
}

// Add adds a type of object. make returns one to thaw into: a new one, or the one that a
// fresh machine has already; nil if it has none. It panics if the name or the type is there already.
func Add[T Object](k *Kinds, name string, make func() T) {
	t := reflect.TypeFor[T]()
	if k.makers[name] != nil || k.names[t] != "" || name == "" || t.Kind() != reflect.Pointer {
		panic(fmt.Sprintf("wire: kind %q of %v is not a new kind of pointer", name, t))
	}
	if k.names == nil {
		k.names, k.makers = map[reflect.Type]string{}, map[string]func() Object{}
	}
	k.names[t] = name
	k.makers[name] = func() Object {
		o := make()
		if reflect.ValueOf(o).IsNil() {
			return nil
		}
		return o
	}
}
