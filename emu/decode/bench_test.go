package decode_test

import (
	"debug/elf"
	"testing"

	"emurun/emu/decode"
)

// BenchmarkDecodeText decodes the code of the C library from end to end.
func BenchmarkDecodeText(b *testing.B) {
	f, err := elf.Open(corpus[0].path)
	if err != nil {
		b.Skipf("SKIPPED: %v (%s)", err, corpus[0].pkg)
	}
	defer f.Close()
	code, err := f.Section(".text").Data()
	if err != nil {
		b.Fatal(err)
	}
	n, invalid := 0, 0
	for b.Loop() {
		for pos := 0; pos < len(code); n++ {
			var in decode.Inst
			if decode.Decode(code[pos:], &in) != nil {
				invalid++
				in.Len = 1
			}
			pos += int(in.Len)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/inst")
	b.ReportMetric(100*float64(invalid)/float64(n), "%invalid")
}
