package trace_test

import (
	"bytes"
	"testing"

	"emurun/emu"
	"emurun/emu/interp"
	"emurun/emu/mem"
	"emurun/machine"
	"emurun/machine/trace"
	"emurun/machine/trace/tracetest"
)

// hasty is an engine whose turns end early, as those of a machine do that is frozen in between.
type hasty struct {
	emu.Engine
	random uint64
}

// Run implements emu.Engine.
func (h *hasty) Run(c *emu.CPU, budget uint64) (uint64, emu.Exit) {
	h.random = h.random*6364136223846793005 + 1442695040888963407
	if n := 1 + h.random>>33%400; n < budget {
		c.StepLimit -= budget - n
		budget = n
	}
	return h.Engine.Run(c, budget)
}

// TestHashStops shows that a trace of hashes does not depend on where turns are cut: only on
// what the program does.
func TestHashStops(t *testing.T) {
	for _, g := range []string{"threads", "signals", "fork", "timers"} {
		o := trace.Options{Mode: trace.Hash, Every: 1000, StateEvery: 5000}
		want := record(t, g, o)
		var b bytes.Buffer
		r, err := trace.NewRecorder(&b, o)
		if err != nil {
			t.Fatal(err)
		}
		var w machine.Watch
		r.Watch(&w)
		m, err := tracetest.Boot(guests, g, func(s *mem.Space) emu.Engine { return &hasty{interp.New(s), 1} }, 0, w)
		if err == nil {
			_, err = m.Run()
		}
		if err == nil {
			err = r.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if text := tracetest.Diff(b.Bytes(), want); text != "" {
			t.Errorf("%s: %s", g, text)
		}
	}
}
