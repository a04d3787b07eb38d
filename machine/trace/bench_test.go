package trace_test

import (
	"io"
	"testing"

	"emurun/machine"
	"emurun/machine/trace"
	"emurun/machine/trace/tracetest"
)

// BenchmarkRecord is the cost of a step in both modes.
func BenchmarkRecord(b *testing.B) {
	for _, mode := range []trace.Mode{trace.Full, trace.Hash} {
		b.Run(mode.String(), func(b *testing.B) {
			steps := uint64(0)
			for b.Loop() {
				r, err := trace.NewRecorder(io.Discard, trace.Options{Mode: mode})
				if err != nil {
					b.Fatal(err)
				}
				var w machine.Watch
				r.Watch(&w)
				m, err := tracetest.Boot(guests, "sse", nil, 0, w)
				if err != nil {
					b.Fatal(err)
				}
				result, err := m.Run()
				if err != nil {
					b.Fatal(err)
				}
				steps += result.Steps
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
		})
	}
}
