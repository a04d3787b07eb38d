package wiretest

import (
	"reflect"

	"github.com/google/go-cmp/cmp"
)

// Option changes what RoundTrip does.
type Option func(*filler)

// Skip leaves the fields with these paths, as in "Regs.FPU", alone: they are not state
// but derived from it.
func Skip(paths ...string) Option {
	return func(f *filler) {
		for _, p := range paths {
			f.skip[p] = true
		}
	}
}

// Derived does not compare these fields of types, as "Timer.index", wherever they are: those
// of objects that Make made. They are filled; Skip them where they cannot be.
func Derived(fields ...string) Option {
	return func(f *filler) {
		for _, x := range fields {
			f.derived[x] = true
		}
	}
}

// Adjust calls fix on the filled value, where not every value of a field is possible.
func Adjust[T any](fix func(*T)) Option {
	return func(f *filler) { f.adjust = append(f.adjust, func(v any) { fix(v.(*T)) }) }
}

// Make fills the fields with this path, or the elements of a list there, with what make
// returns: for interfaces, and for pointers that need more than distinct values.
func Make(path string, make func() any) Option {
	return func(f *filler) { f.makers[path] = make }
}

// compare returns how to compare: all fields but those skipped.
func (f *filler) compare() cmp.Options {
	return cmp.Options{
		cmp.Exporter(func(reflect.Type) bool { return true }),
		cmp.FilterPath(func(p cmp.Path) bool { return f.skip[fieldPath(p)] || f.derived[typeField(p)] }, cmp.Ignore()),
	}
}

// typeField returns the last field of p with its type, as "Timer.index".
func typeField(p cmp.Path) string {
	field, ok := p.Last().(cmp.StructField)
	if !ok {
		return ""
	}
	return p.Index(-2).Type().Name() + "." + field.Name()
}

// fieldPath returns the names of the fields on the way p.
func fieldPath(p cmp.Path) string {
	var s string
	for _, step := range p {
		if field, ok := step.(cmp.StructField); ok {
			s = join(s, field.Name())
		}
	}
	return s
}
