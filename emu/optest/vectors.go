package optest

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"emurun/emu/x86"
	"emurun/internal/hostcpu"
)

// Vectors are the digests of what the real CPU did, by the name of the form: of the
// first ShortCases cases, and of all.
type Vectors map[string][2]Digest

// ShortCases is how many cases of a form slow hosts run.
const ShortCases = 25

// ReadVectors reads the file that Write wrote.
func ReadVectors(r io.Reader) (Vectors, error) {
	v := Vectors{}
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		s := sc.Text()
		if strings.HasPrefix(s, "#") {
			continue
		}
		var name string
		var d [2]Digest
		if _, err := fmt.Sscanf(s, "%s %x %x", &name, &d[0], &d[1]); err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		v[name] = d
	}
	return v, sc.Err()
}

// WriteVectors runs all cases on the real CPU and writes a line for each form, in the
// order of the table.
func WriteVectors(w io.Writer, h *hostcpu.Host) error {
	forms, err := Forms()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "# What an x86-64 CPU did: row/place/operand size, digest of the first %d cases, digest of all.\n", ShortCases)
	fmt.Fprintf(w, "# Written by go test ./emu/interp -run Vectors -update on linux/amd64. See emu/optest.\n")
	for i := range forms {
		f := &forms[i]
		cases, results := f.All(0, f.Cases)
		if err := h.Run(results); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		d := digests(cases, func(k int) (*hostcpu.State, *x86.Exception) { return &results[k].Out, results[k].Exc })
		fmt.Fprintf(w, "%s %016x %016x\n", f.Name(), uint64(d[0]), uint64(d[1]))
	}
	return nil
}

// All makes n cases from the given number on, and again in the form that hostcpu runs.
func (f *Form) All(from, n int) ([]*Case, []hostcpu.Case) {
	cases, in := make([]*Case, n), make([]hostcpu.Case, n)
	for k := range cases {
		cases[k] = f.Case(from + k)
		in[k] = cases[k].Case
	}
	return cases, in
}

// digests are those of the results that get returns for the cases.
func digests(cases []*Case, get func(k int) (*hostcpu.State, *x86.Exception)) (d [2]Digest) {
	for k, c := range cases {
		s, exc := get(k)
		d[1].Add(c, s, exc)
		if k == ShortCases-1 {
			d[0] = d[1]
		}
	}
	return d
}

// Check runs the form's cases, or only the first of them, on the engine and reports
// whether it did as the real CPU.
func (v Vectors) Check(f *Form, r *Runner, short bool) error {
	want, ok := v[f.Name()]
	if !ok {
		return fmt.Errorf("%s: no vectors", f.Name())
	}
	n := f.Cases
	if short {
		n = ShortCases
	}
	var failed error
	cases := make([]*Case, n)
	for k := range cases {
		cases[k] = f.Case(k)
	}
	got := digests(cases, func(k int) (*hostcpu.State, *x86.Exception) {
		s, exc, err := r.Run(&cases[k].Case)
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s, case %d: %w", f.Name(), k, err)
		}
		return &s, exc
	})
	switch {
	case failed != nil:
		return failed
	case got[0] != want[0], !short && got[1] != want[1]:
		return fmt.Errorf("%s: not as the real CPU did; TestLive on linux/amd64 shows the case", f.Name())
	}
	return nil
}
