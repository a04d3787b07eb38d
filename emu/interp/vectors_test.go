package interp_test

import (
	"bytes"
	_ "embed"
	"errors"
	"flag"
	"os"
	"testing"

	"emurun/emu/interp"
	"emurun/emu/optest"
	"emurun/emu/x86/isa"
	"emurun/internal/hostcpu"
)

var (
	update = flag.Bool("update", false, "write testdata/ops/vectors.txt from what the host CPU does")
	only   = flag.String("only", "", "run the vectors of one mnemonic")
	from   = flag.Int("from", 0, "number of the first case of each form that TestLive runs")
	count  = flag.Int("count-per-form", 0, "how many cases of each form TestLive runs; 0: those that are stored")
	all    = flag.Bool("all", false, "print every case that differs, not the first of each form")
)

//go:embed testdata/ops/vectors.txt
var stored []byte

// startHost starts the oracle, or skips the test where there is none.
func startHost(t testing.TB) *hostcpu.Host {
	h, err := hostcpu.Start()
	if errors.Is(err, hostcpu.ErrUnavailable) {
		t.Skip("SKIPPED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func newRunner(t testing.TB) *optest.Runner {
	r, err := optest.NewRunner(interp.New)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// forms returns those of the mnemonic that -only names, or all.
func forms(t testing.TB) []optest.Form {
	list, err := optest.Forms()
	if err != nil {
		t.Fatal(err)
	}
	var some []optest.Form
	for _, f := range list {
		if *only == "" || f.Row.Mnemonic == *only {
			some = append(some, f)
		}
	}
	return some
}

// TestVectors compares the interpreter with what the real CPU did, on every host.
func TestVectors(t *testing.T) {
	if *update {
		h := startHost(t)
		var b bytes.Buffer
		if err := optest.WriteVectors(&b, h); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/ops/vectors.txt", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		stored = b.Bytes()
	}
	v, err := optest.ReadVectors(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(t)
	list := forms(t)
	n := 0
	for i := range list {
		f := &list[i]
		if err := v.Check(f, r, testing.Short()); err != nil {
			t.Error(err)
		}
		n += f.Cases
	}
	t.Logf("%d forms, %d cases", len(list), n)
}

// TestEveryRow fails on a row that has neither vectors nor a reason for having none.
func TestEveryRow(t *testing.T) {
	rows, err := isa.Rows()
	if err != nil {
		t.Fatal(err)
	}
	v, err := optest.ReadVectors(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	list, err := optest.Forms()
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if _, ok := v[list[i].Name()]; ok {
			has[list[i].Row.Name] = true
			delete(v, list[i].Name())
		}
	}
	exempt := 0
	for i := range rows {
		r := &rows[i]
		switch why := optest.Exempt(r); {
		case why != "":
			exempt++
		case !has[r.Name]:
			t.Errorf("%s.isa:%d: %s has no vectors: go test ./emu/interp -run Vectors -update", r.File, r.Line, r)
		}
	}
	for name := range v { // order: any
		t.Errorf("vectors of %s, which is no form", name)
	}
	t.Logf("%d rows, %d without vectors for a reason", len(rows), exempt)
}

// TestLive compares the interpreter with the real CPU, where there is one, and shows
// the first case of each form that differs.
func TestLive(t *testing.T) {
	h, r := startHost(t), newRunner(t)
	list := forms(t)
	for i := range list {
		f := &list[i]
		n := f.Cases
		if testing.Short() {
			n = optest.ShortCases
		}
		if *count > 0 {
			n = *count
		}
		cases, results := f.All(*from, n)
		if err := h.Run(results); err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		differ := 0
		for k, c := range cases {
			got, exc, err := r.Run(&c.Case)
			if err != nil {
				t.Fatalf("%s, case %d: %v", f.Name(), k, err)
			}
			if c.Equal(results[k].Out, got, results[k].Exc, exc) {
				continue
			}
			if differ++; differ == 1 || *all {
				t.Errorf("case %d: %s", *from+k, c.Diff(results[k].Out, got, results[k].Exc, exc))
			}
		}
		if differ > 1 {
			t.Errorf("%s: %d of %d differ", f.Name(), differ, n)
		}
	}
}
