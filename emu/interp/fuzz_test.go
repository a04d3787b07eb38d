package interp_test

import (
	"testing"

	"emurun/emu/optest"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// FuzzOp compares the interpreter with the host CPU on any instruction in any state.
// Bytes that are no instruction of ours only must not break anything.
func FuzzOp(f *testing.F) {
	rows, err := isa.Rows()
	if err != nil {
		f.Fatal(err)
	}
	list, err := optest.Forms()
	if err != nil {
		f.Fatal(err)
	}
	for i := range list {
		f.Add(list[i].Case(0).Code, uint64(i))
	}
	h, r := startHost(f), newRunner(f)
	f.Fuzz(func(t *testing.T, code []byte, seed uint64) {
		c := optest.FromBytes(rows, code, seed)
		if c == nil {
			s := hostcpu.NewState()
			if len(code) > 0 {
				r.Run(&hostcpu.Case{Code: code[:min(len(code), hostcpu.CodeSize-1)], In: s})
			}
			return
		}
		got, exc, err := r.Run(&c.Case)
		if err != nil {
			t.Fatalf("% x: %v", code, err)
		}
		result := []hostcpu.Case{c.Case}
		if err := h.Run(result); err != nil {
			t.Fatalf("% x: %v", code, err)
		}
		if !c.Equal(result[0].Out, got, result[0].Exc, exc) {
			t.Error(c.Diff(result[0].Out, got, result[0].Exc, exc))
		}
	})
}
