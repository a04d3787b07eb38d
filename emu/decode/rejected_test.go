package decode_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"emurun/emu/decode"
)

// TestRejected asks objdump about every opcode that we call invalid: each byte of
// each map with each mandatory prefix and ModR/M.reg, memory and register. What it
// knows must be an extension that is not offered. So no instruction is forgotten.
func TestRejected(t *testing.T) {
	var codes [][]byte
	for code := range encodings {
		var in decode.Inst
		if decode.Decode(code, &in) == decode.ErrInvalid {
			codes = append(codes, bytes.Clone(code))
		}
	}
	bad := findings{}
	for i, name := range objdumpNames(t, codes) {
		if name != "(bad)" && name != "" && offers(name) && !laxName(name) {
			bad[fmt.Sprintf("%s: % x", name, codes[i][:6])]++
		}
	}
	t.Logf("%d invalid encodings", len(codes))
	if len(bad) > 0 {
		bad.report(t, "instructions without rows")
		t.Fail()
	}
}

// objdumpNames returns what objdump calls each instruction, or "(bad)".
func objdumpNames(t *testing.T, codes [][]byte) []string {
	t.Helper()
	names := objdumpTexts(t, codes)
	for i, text := range names {
		if names[i] = objdumpName([]byte(text)); strings.Contains(text, "(bad)") {
			names[i] = "(bad)"
		}
	}
	return names
}

// objdumpTexts returns objdump's line for each instruction.
func objdumpTexts(t *testing.T, codes [][]byte) []string {
	t.Helper()
	if _, err := exec.LookPath("objdump"); err != nil {
		t.Skip("SKIPPED: objdump is missing (Debian package binutils)")
	}
	const slot = 32
	var file bytes.Buffer
	for _, code := range codes {
		file.Write(code)
		file.Write(bytes.Repeat([]byte{0x90}, slot-len(code)))
	}
	name := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("objdump", "-D", "-w", "--no-show-raw-insn", "-b", "binary", "-m", "i386:x86-64", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(codes))
	sc := bufio.NewScanner(bytes.NewReader(out))
	for sc.Scan() {
		addr, text, ok := parseLine(sc.Bytes())
		if !ok || addr%slot != 0 {
			continue
		}
		texts[addr/slot] = string(text)
	}
	return texts
}

// encodings yields the beginnings of instructions, padded to 12 bytes.
func encodings(yield func([]byte) bool) {
	for _, prefix := range []string{"", "\x66", "\xf3", "\xf2", "\x48", "\x66\x48", "\xf3\x48"} {
		for _, escape := range []string{"", "\x0f", "\x0f\x38", "\x0f\x3a"} {
			for op := range 256 {
				if isPrefix(escape, byte(op)) {
					continue
				}
				for modrm := range 256 {
					if !interesting(escape, byte(op), byte(modrm)) {
						continue
					}
					code := append([]byte(prefix+escape), byte(op), byte(modrm))
					for len(code) < 12 {
						code = append(code, 0)
					}
					if !yield(code) {
						return
					}
				}
			}
		}
	}
}

// isPrefix reports whether the byte begins more than an opcode: a prefix, an escape, VEX, EVEX.
func isPrefix(escape string, op byte) bool {
	switch escape {
	case "":
		return bytes.IndexByte([]byte("\x0f\x26\x2e\x36\x3e\x62\x64\x65\x66\x67\xc4\xc5\xf0\xf2\xf3"), op) >= 0 || op>>4 == 4
	case "\x0f":
		return op == 0x38 || op == 0x3a
	}
	return false
}

// interesting reports whether the ModR/M byte may choose an instruction: one
// memory and one register form for each reg, and all register forms where rm chooses.
func interesting(escape string, op, modrm byte) bool {
	rmChooses := escape == "" && op>>3 == 0xd8>>3 || escape == "\x0f" && (op == 0x01 || op == 0xae || op == 0x1e)
	return modrm&0xc7 == 0 || modrm&0xc7 == 0xc1 || rmChooses && modrm >= 0xc0
}
