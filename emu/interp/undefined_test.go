package interp_test

import (
	"testing"

	"emurun/emu/x86"
	"emurun/emu/x86/isa"
)

// TestUndefinedFlags checks that the flags which the SDM leaves undefined get the
// value that the opcode table, and so docs/isa.md, promises.
func TestUndefinedFlags(t *testing.T) {
	r := newRunner(t)
	list := forms(t)
	for i := range list {
		f := &list[i]
		if f.Row.Flags.Undef == 0 {
			continue
		}
		for n := range min(f.Cases, 40) {
			c := f.Case(n)
			out, exc, err := r.Run(&c.Case)
			if err != nil {
				t.Fatal(err)
			}
			if exc != nil {
				continue
			}
			if bad := notAsPromised(&f.Row.Flags, c.In.RFLAGS, out.RFLAGS); bad != 0 {
				t.Errorf("%s: undefined flags %#x: %#x before, %#x after", f.Name(), uint64(bad), uint64(c.In.RFLAGS), uint64(out.RFLAGS))
				break
			}
		}
	}
}

// notAsPromised returns the undefined flags that do not have their value.
func notAsPromised(f *isa.Flags, before, after x86.Flags) x86.Flags {
	var bad x86.Flags
	for bit, v := range f.Value {
		if f.Undef&bit == 0 {
			continue
		}
		kept := (before^after)&bit == 0
		ok := true
		switch v {
		case isa.UndefZero:
			ok = after&bit == 0
		case isa.UndefOne:
			ok = after&bit != 0
		case isa.UndefKept:
			ok = kept
		}
		if !ok && !(f.UndefCond && kept) {
			bad |= bit
		}
	}
	return bad
}
