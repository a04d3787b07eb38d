package decode_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"emurun/emu/decode"
	"emurun/emu/x86"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

// hostCPU starts the real CPU, or skips the test.
func hostCPU(t *testing.T) *hostcpu.Host {
	t.Helper()
	h, err := hostcpu.Start()
	if errors.Is(err, hostcpu.ErrUnavailable) {
		t.Skip("SKIPPED: this host cannot execute x86-64 instructions for us")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// hostCase is an execution of code with all general registers in the data pages.
func hostCase(code []byte) hostcpu.Case {
	s := hostcpu.NewState()
	for i := range s.GPR {
		s.GPR[i] = hostcpu.DataAddr + 0x800
	}
	return hostcpu.Case{Code: code, In: s}
}

// unsafeOnHost reports whether an instruction of the row would leave the case:
// enter the kernel, branch, or change what the oracle itself needs.
func unsafeOnHost(r *isa.Row) bool {
	return r.Has(isa.Branch) || r.File == "segment" || r.Mnemonic == "POPF"
}

// TestHostAccepts executes random instructions of every row: none may be #UD, and
// what runs to its end must be as long as decoded.
func TestHostAccepts(t *testing.T) {
	h := hostCPU(t)
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var cases []hostcpu.Case
	var insts []decode.Inst
	for i := range rows {
		if unsafeOnHost(&rows[i]) {
			continue
		}
		for _, s := range samples(t, rng, &rows[i]) {
			cases = append(cases, hostCase(s.code[:s.in.Len]))
			insts = append(insts, s.in)
		}
	}
	if err := h.Run(cases); err != nil {
		t.Fatal(err)
	}
	bad, ended := findings{}, 0
	for i := range cases {
		c, in := &cases[i], &insts[i]
		name := rows[in.Row-1].Name
		switch {
		case c.Exc != nil && c.Exc.Vector == x86.VecUD:
			bad[fmt.Sprintf("%s: #UD: % x", name, c.Code)]++
		case c.Exc == nil:
			ended++
			if n := c.Out.RIP - hostcpu.EntryAddr; n != uint64(in.Len) {
				bad[fmt.Sprintf("%s: length %d, CPU %d: % x", name, in.Len, n, c.Code)]++
			}
		}
	}
	t.Logf("%d instructions, %d of them ran to their end", len(cases), ended)
	if len(bad) > 0 {
		bad.report(t, "differences")
		t.Fail()
	}
}

// TestHostRejects executes every encoding that we call invalid and that belongs to
// no extension (see TestRejected): the CPU must find it invalid too.
func TestHostRejects(t *testing.T) {
	h := hostCPU(t)
	var codes [][]byte
	for code := range encodings {
		var in decode.Inst
		if decode.Decode(code, &in) == decode.ErrInvalid {
			codes = append(codes, bytes.Clone(code))
		}
	}
	var cases []hostcpu.Case
	for i, name := range objdumpNames(t, codes) {
		vmmcall := bytes.Contains(codes[i][:5], []byte{0x0f, 0x01, 0xd9}) // goes to a hypervisor
		if (name == "(bad)" || laxName(name)) && !vmmcall {
			cases = append(cases, hostCase(codes[i]))
		}
	}
	if err := h.Run(cases); err != nil {
		t.Fatal(err)
	}
	bad := findings{}
	for i := range cases {
		if c := &cases[i]; c.Exc == nil || c.Exc.Vector != x86.VecUD {
			bad[fmt.Sprintf("% x: %v", c.Code[:6], c.Exc)]++
		}
	}
	t.Logf("%d encodings", len(cases))
	if len(bad) > 0 {
		bad.report(t, "the CPU accepts")
		t.Fail()
	}
}
