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

// somePrefixes are bytes that may stand before an opcode, in any order and number.
var somePrefixes = []byte{0x26, 0x2e, 0x36, 0x3e, 0x40, 0x41, 0x44, 0x48, 0x4f, 0x64, 0x65, 0x66, 0x66, 0x67, 0xf0, 0xf2, 0xf3}

// randomCode returns prefixes, an opcode of any map, and random bytes.
func randomCode(rng *rand.Rand) []byte {
	var code []byte
	for n := rng.IntN(6); n > 0; n-- {
		code = append(code, somePrefixes[rng.IntN(len(somePrefixes))])
	}
	code = append(code, []string{"", "\x0f", "\x0f", "\x0f\x38", "\x0f\x3a"}[rng.IntN(5)]...)
	for len(code) < 15 {
		code = append(code, byte(rng.Uint32()))
	}
	if rng.IntN(2) == 0 { // registers fault less
		code[min(len(code)-1, 3)] |= 0xc0
	}
	return code
}

// lockOnAMD reports whether code is a LOCK form that AMD CPUs take otherwise: MOV CR0
// stands for CR8, and VERW accesses its operand before it is refused.
func lockOnAMD(code []byte) bool {
	op := bytes.IndexByte(code, 0x0f)
	if op < 0 || op+1 >= len(code) || bytes.IndexByte(code[:op], 0xf0) < 0 {
		return false
	}
	return code[op+1] == 0x20 || code[op+1] == 0x22 || code[op+1] == 0x00
}

// TestHostRandom compares with the real CPU what random prefixes and bytes are.
func TestHostRandom(t *testing.T) {
	h := hostCPU(t)
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 15))
	var codes [][]byte
	for range 40_000 {
		codes = append(codes, randomCode(rng))
	}
	var cases []hostcpu.Case
	var insts []decode.Inst
	for i, name := range objdumpNames(t, codes) {
		var in decode.Inst
		code := codes[i]
		switch err := decode.Decode(code, &in); {
		case err == nil && !unsafeOnHost(&rows[in.Row-1]):
			code = code[:in.Len]
		case err == decode.ErrInvalid && name != "" && !lockOnAMD(code) && (name == "(bad)" || laxName(name) || offers(name)):
			in = decode.Inst{}
		default:
			continue
		}
		cases, insts = append(cases, hostCase(code)), append(insts, in)
	}
	if err := h.Run(cases); err != nil {
		t.Fatal(err)
	}
	bad := findings{}
	for i := range cases {
		if diff := differs(rows, &cases[i], &insts[i]); diff != "" {
			bad[diff]++
		}
	}
	t.Logf("%d of %d executed", len(cases), len(codes))
	if len(bad) > 0 {
		bad.report(t, "differences")
		t.Fail()
	}
}

// differs says how the CPU found the instruction other than the decoder, for
// which Row is RowInvalid where it is invalid.
func differs(rows []isa.Row, c *hostcpu.Case, in *decode.Inst) string {
	invalid := c.Exc != nil && c.Exc.Vector == x86.VecUD
	switch {
	case in.Row == decode.RowInvalid && !invalid:
		return fmt.Sprintf("the CPU accepts % x: %v", c.Code, c.Exc)
	case in.Row == decode.RowInvalid:
		return ""
	case invalid:
		return fmt.Sprintf("#UD: %s: % x", rows[in.Row-1].Name, c.Code)
	case c.Exc == nil && c.Out.RIP-hostcpu.EntryAddr != uint64(in.Len):
		return fmt.Sprintf("%s: length %d, CPU %d: % x", rows[in.Row-1].Name, in.Len, c.Out.RIP-hostcpu.EntryAddr, c.Code)
	}
	return ""
}
