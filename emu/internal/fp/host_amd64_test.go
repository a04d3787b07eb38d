package fp

import (
	"flag"
	"testing"

	"emurun/emu/internal/fp/hostfp"
)

var hostVectors = flag.Int("hostvectors", 400, "operand sets per operation and mode that the host CPU checks")

// TestSSEHost compares result and flags of every SSE operation in every mode with
// the host's.
func TestSSEHost(t *testing.T) {
	for _, name := range sseNames() {
		host := hostfp.SSE[name]
		if host == nil {
			t.Fatalf("%s: no host instruction", name)
		}
		if name[0] == 'v' && !hostfp.HasFMA() {
			t.Logf("%s: skipped, the host has no FMA", name)
			continue
		}
		t.Run(name, func(t *testing.T) { sseHost(t, sseOps[name], host) })
	}
}

func sseHost(t *testing.T, op sseOp, host hostfp.Func) {
	g, bad := rng(len(t.Name())), 0
	for _, mode := range modes() {
		for range *hostVectors {
			x, y, z := op.operands(&g)
			a := hostfp.Args{X: [2]uint64{x}, Y: [2]uint64{y}, Z: [2]uint64{z}, MXCSR: mode}
			host(&a)
			want, wantFlags := a.R[0], a.MXCSR&AllFlags
			if op.single {
				want &= 1<<32 - 1
			}
			got, flags := op.do(x, y, z, mode)
			sticky, stickyFlags := op.do(x, y, z, mode|PE)
			if got == want && flags == wantFlags && sticky == want && stickyFlags|PE == wantFlags|PE {
				continue
			}
			if bad++; bad < 5 {
				t.Errorf("mode %#x: %#x, %#x, %#x = %#x %#x, host %#x %#x", mode, x, y, z, got, flags, want, wantFlags)
			}
		}
	}
	if bad != 0 {
		t.Errorf("%d differences", bad)
	}
}
