package decode_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"emurun/emu/decode"
	"emurun/emu/x86/isa"
)

// form makes a random instruction that should be the row's: its bytes up to and
// with ModR/M as the row demands, the rest random. There may be more bytes than it has.
func form(rng *rand.Rand, r *isa.Row) []byte {
	var code []byte
	maybe := func(n int, b ...byte) {
		if rng.IntN(n) == 0 {
			code = append(code, b[rng.IntN(len(b))])
		}
	}
	maybe(8, 0x64, 0x65)
	maybe(8, 0x67)
	o := &r.Enc
	switch {
	case o.Prefixes == isa.PrefixAny && o.OpSize == 0:
		maybe(4, 0x66)
	case o.Prefixes&isa.PrefixNone == 0:
		code = append(code, mandatory(rng, o.Prefixes))
	}
	if o.OpSize == 16 {
		code = append(code, 0x66)
	}
	if r.Has(isa.Lock) {
		maybe(4, 0xf0)
	}
	rex := 0x40 | byte(rng.IntN(16))
	if o.W == isa.One || o.OpSize == 64 {
		code = append(code, rex|8)
	} else if rng.IntN(2) == 0 {
		code = append(code, rex)
	}
	code = append(code, [][]byte{isa.MapPrimary: nil, isa.Map0F: {0x0f}, isa.Map0F38: {0x0f, 0x38}, isa.Map0F3A: {0x0f, 0x3a}}[o.Map]...)
	b := o.Byte
	switch {
	case o.PlusReg:
		b += byte(rng.IntN(8))
	case o.PlusCond:
		b += byte(rng.IntN(16))
	}
	code = append(code, b)
	if o.ModRM {
		code = append(code, modRM(rng, o))
	}
	for range 16 {
		code = append(code, byte(rng.Uint32()))
	}
	return code
}

// mandatory returns one of the prefixes.
func mandatory(rng *rand.Rand, set isa.Prefixes) byte {
	for {
		i := rng.IntN(4)
		if set&(1<<i) != 0 {
			return []byte{0, 0x66, 0xf3, 0xf2}[i]
		}
	}
}

// modRM returns a ModR/M byte that the opcode allows.
func modRM(rng *rand.Rand, o *isa.Opcode) byte {
	m := byte(rng.Uint32())
	switch o.Mod {
	case isa.ModReg, isa.ModIgnored:
		m |= 0xc0
	case isa.ModMem:
		for m >= 0xc0 {
			m = byte(rng.Uint32())
		}
	}
	if o.Digit >= 0 {
		m = m&^0x38 | byte(o.Digit)<<3
	}
	if o.Fixed >= 0 && o.FixedRM {
		m = byte(o.Fixed) | m&7
	} else if o.Fixed >= 0 {
		m = byte(o.Fixed)
	}
	return m
}

// TestForms compares random instructions of every row with x86asm and objdump.
func TestForms(t *testing.T) {
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	bad := findings{}
	var all []sample
	for i := range rows {
		all = append(all, samples(t, rng, &rows[i])...)
	}
	for _, s := range all {
		r := &rows[s.in.Row-1]
		if !inGap(x86asmGaps, r, &s.in, s.code[:s.in.Len]) {
			if diff := compare(r, &s.in, s.code); diff != "" {
				bad[r.Name+": "+diff]++
			}
		}
	}
	compareLengths(t, rows, all, bad)
	if len(bad) > 0 {
		bad.report(t, "differences")
		t.Fail()
	}
}

// sample is one instruction, padded to 32 bytes with NOPs.
type sample struct {
	code []byte
	in   decode.Inst
}

// samples returns some instructions of the row.
func samples(t *testing.T, rng *rand.Rand, r *isa.Row) []sample {
	const want = 40
	var list []sample
	for range 4 * want {
		code := form(rng, r)
		var in decode.Inst
		if err := decode.Decode(code, &in); err != nil || int(in.Row) != r.ID {
			continue // another row that demands more, or LOCK of a register
		}
		pad := bytes.Repeat([]byte{0x90}, 32)
		copy(pad, code[:in.Len])
		if list = append(list, sample{pad, in}); len(list) == want {
			return list
		}
	}
	if len(list) == 0 {
		t.Errorf("%s: no bytes decode to it", r)
	}
	return list
}

// compareLengths compares with objdump, one instruction in each 32 bytes.
func compareLengths(t *testing.T, rows []isa.Row, all []sample, bad findings) {
	if _, err := exec.LookPath("objdump"); err != nil {
		t.Log("SKIPPED in part: objdump is missing (Debian package binutils)")
		return
	}
	name := filepath.Join(t.TempDir(), "code")
	var file bytes.Buffer
	for _, s := range all {
		file.Write(s.code)
	}
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("objdump", "-D", "-w", "--no-show-raw-insn", "-b", "binary", "-m", "i386:x86-64", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(bytes.NewReader(out))
	prev := uint64(0)
	for sc.Scan() {
		addr, ins, ok := parseLine(sc.Bytes())
		if !ok {
			continue
		}
		s := &all[prev/32]
		r := &rows[s.in.Row-1]
		if prev%32 == 0 && addr > prev && int(addr-prev) != int(s.in.Len) && !inGap(objdumpGaps, r, &s.in, s.code[:s.in.Len]) {
			k := fmt.Sprintf("%s: length %d, objdump %d: %s", r.Name, s.in.Len, addr-prev, ins)
			bad[k]++
		}
		prev = addr
	}
}
