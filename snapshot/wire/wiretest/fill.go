package wiretest

import (
	"fmt"
	"reflect"
	"strconv"
	"unsafe"
)

// listLen is how many elements a filled slice or map has.
const listLen = 2

// filler gives each field the next number.
type filler struct {
	next    uint64
	skip    map[string]bool
	derived map[string]bool // see Derived
	adjust  []func(any)
	makers  map[string]func() any
	above   map[reflect.Type]bool // the structs around the current field
}

func newFiller(options []Option) *filler {
	f := &filler{skip: map[string]bool{}, derived: map[string]bool{}, makers: map[string]func() any{}, above: map[reflect.Type]bool{}}
	for _, o := range options {
		o(f)
	}
	return f
}

// fill fills what the pointer v points to.
func (f *filler) fill(v any) error {
	if err := f.value(reflect.ValueOf(v).Elem(), ""); err != nil {
		return err
	}
	for _, fix := range f.adjust {
		fix(v)
	}
	return nil
}

// number returns the next number that is not zero in so many bits.
func (f *filler) number(bits int) uint64 {
	f.next++
	mask := uint64(1)<<(bits-1) - 1
	for f.next&mask == 0 {
		f.next++
	}
	return f.next & mask
}

// value fills v, the field called path.
func (f *filler) value(v reflect.Value, path string) error {
	if make := f.makers[path]; make != nil && v.Kind() != reflect.Slice && v.Kind() != reflect.Map && v.Kind() != reflect.Array {
		v.Set(reflect.ValueOf(make()))
		return nil
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.number(v.Type().Bits())))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(f.number(v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.number(16)))
	case reflect.String:
		v.SetString("s" + strconv.FormatUint(f.number(64), 10))
	default:
		return f.composite(v, path)
	}
	return nil
}

// composite fills what has parts.
func (f *filler) composite(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Struct:
		return f.fields(v, path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), listLen, listLen))
		return f.elements(v, path)
	case reflect.Array:
		return f.elements(v, path)
	case reflect.Map:
		return f.entries(v, path)
	case reflect.Pointer:
		if f.above[v.Type().Elem()] {
			return nil // a tree or list ends here
		}
		v.Set(reflect.New(v.Type().Elem()))
		return f.value(v.Elem(), path)
	}
	return fmt.Errorf("%s is a %s, which cannot be filled: skip it, make it, or freeze it as something else", path, v.Kind())
}

func (f *filler) fields(v reflect.Value, path string) error {
	if !f.above[v.Type()] {
		f.above[v.Type()] = true
		defer delete(f.above, v.Type())
	}
	for i := range v.NumField() {
		name := join(path, v.Type().Field(i).Name)
		if f.skip[name] || v.Type().Field(i).Name == "_" {
			continue
		}
		field := v.Field(i)
		// A field that is not exported cannot be set but through its address.
		field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
		if err := f.value(field, name); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) elements(v reflect.Value, path string) error {
	for i := range v.Len() {
		if err := f.value(v.Index(i), path); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) entries(v reflect.Value, path string) error {
	v.Set(reflect.MakeMap(v.Type()))
	for range listLen {
		key := reflect.New(v.Type().Key()).Elem()
		value := reflect.New(v.Type().Elem()).Elem()
		if err := f.value(key, path); err != nil {
			return err
		}
		if err := f.value(value, path); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return nil
}

// join returns the path of the field name in path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
