package checkpoint_test

import (
	"path/filepath"
	"testing"

	"emurun/checkpoint/freezetest"
)

// same runs p with and without freezing, and compares.
func same(t *testing.T, p freezetest.Program, n uint64) {
	t.Helper()
	want, _ := freezetest.Run(t, p, freezetest.Never)
	got, count := freezetest.Run(t, p, freezetest.Each(n))
	if d := freezetest.Diff(want, got); d != "" {
		t.Errorf("%s, frozen %d times (-left alone +frozen)\n%s", p.Argv, count, d)
	}
	t.Logf("%s: %d steps, frozen %d times, status %#x", p.Argv, want.Steps, count, want.Status)
}

// guests are the programs of testbins that end by themselves, and how often each is frozen.
func TestFreezeAnywhere(t *testing.T) {
	bin, err := filepath.Abs("../testbins/bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []string{"abort", "args", "clone", "closing", "cpu", "epolls", "exec", "execs", "faults", "files", "fork", "futexes", "gohello", "groups", "hello", "hello.glibc", "jobs", "locks", "mappings", "memory", "notices", "pipes", "procfs", "restart", "rlimits", "shm", "sigframe", "signals", "sigqueues", "smc", "sockets", "sse", "syscall", "textbusy", "threads", "timers", "tsc", "waits", "x87"} {
		t.Run(g, func(t *testing.T) {
			same(t, freezetest.Program{Argv: []string{filepath.Join(bin, g)}, Dir: bin}, 20011)
		})
	}
}
