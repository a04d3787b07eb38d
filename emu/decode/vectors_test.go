package decode_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"emurun/emu/decode"
	"emurun/emu/x86/isa"
)

var update = flag.Bool("update", false, "write testdata/vectors.txt anew, with objdump")

// vectorsFile has some instructions of each row, with the row's name and what
// objdump makes of them: on every host the same, with objdump or without.
const vectorsFile = "testdata/vectors.txt"

// TestVectors decodes the stored instructions: each is its row's, in its full length.
func TestVectors(t *testing.T) {
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		writeVectors(t, rows)
	}
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cols := strings.Split(strings.TrimSpace(line), " | ")
		code, err := hex.DecodeString(cols[0])
		if err != nil || len(cols) != 3 {
			t.Fatalf("%s: %q: %v", vectorsFile, line, err)
		}
		var in decode.Inst
		if err := decode.Decode(code, &in); err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(line), err)
			continue
		}
		name := rows[in.Row-1].Name
		if name != cols[1] || int(in.Len) != len(code) {
			t.Errorf("%s: %s, %d bytes", strings.TrimSpace(line), name, in.Len)
		}
		seen[name] = true
	}
	for i := range rows {
		if !seen[rows[i].Name] {
			t.Errorf("%s has no vectors: go test -update", rows[i].Name)
		}
	}
}

// writeVectors makes two instructions of each row.
func writeVectors(t *testing.T, rows []isa.Row) {
	rng := rand.New(rand.NewPCG(9, 10))
	var all []sample
	var codes [][]byte
	for i := range rows {
		for _, s := range samples(t, rng, &rows[i])[:2] {
			all, codes = append(all, s), append(codes, s.code[:s.in.Len])
		}
	}
	var b bytes.Buffer
	for i, text := range objdumpTexts(t, codes) {
		fmt.Fprintf(&b, "%x | %s | %s\n", codes[i], rows[all[i].in.Row-1].Name, strings.Join(strings.Fields(text), " "))
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorsFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
