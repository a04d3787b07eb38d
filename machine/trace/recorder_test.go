package trace_test

import (
	"bytes"
	"io"
	"testing"

	"emurun/machine"
	"emurun/machine/trace"
	"emurun/machine/trace/tracetest"
)

const guests = "../../testbins/bin"

// record traces a guest.
func record(t testing.TB, guest string, o trace.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := trace.NewRecorder(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	var w machine.Watch
	r.Watch(&w)
	m, err := tracetest.Boot(guests, guest, nil, 0, w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Run(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns all records of a trace, and the error that ends it.
func read(p []byte) (list []trace.Record, err error) {
	r, err := trace.NewReader(bytes.NewReader(p))
	for err == nil {
		var rec *trace.Record
		if rec, err = r.Next(); err == nil {
			list = append(list, *rec.Clone())
		}
	}
	return list, err
}

// lastStep returns the step at which a trace ends.
func lastStep(t *testing.T, p []byte) uint64 {
	t.Helper()
	r, err := trace.NewReader(bytes.NewReader(p))
	for err == nil {
		_, err = r.Next()
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return r.Step()
}

// TestSize shows that a trace of hashes takes less than a byte an instruction, and that
// both kinds of trace tell the same steps.
func TestSize(t *testing.T) {
	for _, g := range []string{"hello", "sse", "threads", "waits"} {
		full := record(t, g, trace.Options{Mode: trace.Full})
		hash := record(t, g, trace.Options{Mode: trace.Hash})
		steps := float64(lastStep(t, full))
		if last := float64(lastStep(t, hash)); last != steps {
			t.Errorf("%s: %.0f steps in full, %.0f in hash", g, steps, last)
		}
		t.Logf("%s: %.0f steps, bytes an instruction: %.3f in full, %.4f in hash", g, steps, float64(len(full))/steps, float64(len(hash))/steps)
		if float64(len(hash)) >= steps {
			t.Errorf("%s: %d bytes for %.0f steps", g, len(hash), steps)
		}
	}
}
