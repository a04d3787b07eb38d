package decode

import (
	"encoding/hex"
	"testing"
)

// FuzzDecode checks what no byte sequence may break: the decoder does not panic,
// stays within 15 bytes and the bytes given, and depends on no byte behind the
// instruction; cut short, the instruction is incomplete and nothing else.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"", "01c8", "f00101", "64488b042528000000", "66428b54a5f8", "49bafeffffffffffffff", "a08877665544332211",
		"67a088776655", "c8100001", "f30f1efa", "660f3a0fc108", "f20f38f1c1", "c5f877", "c4e27d18c0", "62f17c48100000000000",
		"9bd93c24", "d8c1", "dd7108", "0faef0", "0fc70e", "f348a5", "6666666666666666666666666690", "8fe978c0", "0f0f",
	} {
		code, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		var in, again Inst
		if err := Decode(code, &in); err != nil {
			if err == ErrTruncated && len(code) >= maxLen {
				t.Fatalf("% x: truncated, with 15 bytes", code)
			}
			return
		}
		n := int(in.Len)
		if n < 1 || n > maxLen || n > len(code) {
			t.Fatalf("% x: length %d", code, n)
		}
		if in.Row == RowInvalid || in.Row >= NumRows || in.Reg > 15 || in.RM > 15 {
			t.Fatalf("% x: %+v", code, in)
		}
		if err := Decode(code[:n], &again); err != nil || again != in {
			t.Fatalf("% x: alone: %v, %+v", code[:n], err, again)
		}
		for i := range n {
			if err := Decode(code[:i], &again); err != ErrTruncated {
				t.Fatalf("% x: first %d bytes: %v", code[:n], i, err)
			}
		}
	})
}
