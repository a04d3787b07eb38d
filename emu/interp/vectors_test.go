package interp_test

import (
	"errors"
	"os"
	"sort"
	"testing"

	"emurun/emu/interp"
	"emurun/emu/optest"
	"emurun/internal/hostcpu"
)

// TestLive compares the interpreter with the real CPU, where there is one.
func TestLive(t *testing.T) {
	if os.Getenv("EMURUN_LIVE") == "" {
		t.Skip("SKIPPED: rows are still missing; EMURUN_LIVE=1 runs it, OPTEST_ONLY=ADD for one mnemonic")
	}
	h, err := hostcpu.Start()
	if errors.Is(err, hostcpu.ErrUnavailable) {
		t.Skip("SKIPPED: ", err)
	}
	defer h.Close()
	r, err := optest.NewRunner(interp.New)
	if err != nil {
		t.Fatal(err)
	}
	forms, err := optest.Forms()
	if err != nil {
		t.Fatal(err)
	}
	only := os.Getenv("OPTEST_ONLY")
	bad := map[string]int{}
	total := 0
	for i := range forms {
		f := &forms[i]
		if only != "" && only != f.Row.Mnemonic {
			continue
		}
		cases := make([]*optest.Case, f.Cases)
		in := make([]hostcpu.Case, f.Cases)
		for k := range cases {
			cases[k] = f.Case(k)
			in[k] = cases[k].Case
		}
		if err := h.Run(in); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			h.Close()
			if h, err = hostcpu.Start(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for k, c := range cases {
			total++
			got, exc, err := r.Run(&c.Case)
			if err == nil && c.Equal(in[k].Out, got, in[k].Exc, exc) {
				continue
			}
			if bad[f.Name()]++; bad[f.Name()] <= 1 {
				t.Errorf("case %d: %v %s", k, err, c.Diff(in[k].Out, got, in[k].Exc, exc))
			}
		}
	}
	var names []string
	for n := range bad {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		t.Logf("%s: %d differ", n, bad[n])
	}
	t.Logf("%d forms, %d cases", len(forms), total)
}
