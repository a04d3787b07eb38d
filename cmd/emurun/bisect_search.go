package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"emurun/machine"
	"emurun/machine/inspect"
	"emurun/machine/trace"
	"emurun/snapshot/dirstore"
)

// search looks for the first step at which two runs differ.
type search struct {
	lanes   [2]lane
	store   scratch
	closers []func() error

	lo    uint64    // the last step at which they were found equal
	equal [2]*point // the machines there; in the end those where they differ
	looks int       // how often they were compared
}

// newSearch makes a search with a temporary store.
func newSearch() (*search, error) {
	dir, err := os.MkdirTemp("", "emurun-bisect-")
	if err != nil {
		return nil, err
	}
	s := &search{closers: []func() error{func() error { return os.RemoveAll(dir) }}}
	s.store.own, err = dirstore.Open(filepath.Join(dir, "store"))
	if err != nil {
		s.close()
		return nil, err
	}
	s.closers = append(s.closers, s.store.own.Close)
	return s, nil
}

// close removes what the search has made; nobody can do anything about errors.
func (s *search) close() {
	for _, f := range slices.Backward(s.closers) {
		_ = f()
	}
}

// parting is where two runs part.
type parting struct {
	different bool
	from, at  uint64 // the last step at which they were the same, and the first at which they are not
	found     *trace.Difference
	did       [2][]string // what each did at that step
	lines     []string    // what differs between the machines
	ends      [2]string
}

// Strides of the first pass: how far the runs go between two comparisons.
const (
	firstStride = 1 << 10
	lastStride  = 1 << 26
)

// find runs both until they differ, in strides that grow, then searches in the last stride.
func (s *search) find() (*parting, error) {
	for i := range s.lanes {
		if err := s.lanes[i].begin(); err != nil {
			return nil, fmt.Errorf("%s: %w", s.lanes[i].name, err)
		}
	}
	a, b := &s.lanes[0], &s.lanes[1]
	s.lo = a.m.Kernel.Steps()
	if !s.same() {
		lines, err := s.differences()
		return &parting{different: true, from: s.lo, at: s.lo, lines: lines}, err
	}
	for stride := uint64(firstStride); ; stride = min(2*stride, lastStride) {
		if err := s.keep(); err != nil {
			return nil, err
		}
		hi := s.lo + stride
		if err := s.both(hi); err != nil {
			return nil, err
		}
		switch {
		case !s.same():
			return s.narrow(max(a.m.Kernel.Steps(), b.m.Kernel.Steps()))
		case a.ended || b.ended:
			return &parting{from: a.m.Kernel.Steps(), at: a.m.Kernel.Steps(), ends: s.ends()}, nil
		}
		s.lo = hi
	}
}

// both runs both machines up to a step. Where a recording was stopped, the other one stops too.
func (s *search) both(step uint64) error {
	for i := range s.lanes {
		if err := s.lanes[i].to(step); err != nil {
			return err
		}
		if l := &s.lanes[i]; l.end != nil {
			step = min(step, l.m.Kernel.Steps())
		}
	}
	if a, b := s.lanes[0].m.Kernel.Steps(), s.lanes[1].m.Kernel.Steps(); s.lanes[1].end != nil && a > b {
		if err := s.lanes[0].back(s.equal[0], nil); err != nil { // it was too far
			return err
		}
		return s.lanes[0].to(b)
	}
	return nil
}

// same compares the machines: time, registers, memory, what they have done so far, and whether the
// program has ended.
func (s *search) same() bool {
	s.looks++
	a, b := &s.lanes[0], &s.lanes[1]
	stopped := a.end != nil || b.end != nil
	return (a.ended == b.ended || stopped) && a.m.Kernel.Realtime() == b.m.Kernel.Realtime() &&
		*a.past == *b.past && a.m.StateSum() == b.m.StateSum()
}

// keep freezes both where they are equal.
func (s *search) keep() error {
	for i := range s.lanes {
		var err error
		if s.equal[i], err = s.lanes[i].freeze(&s.store); err != nil {
			return fmt.Errorf("%s: %w", s.lanes[i].name, err)
		}
	}
	return nil
}

// back brings both to where they were equal.
func (s *search) back(w [2]*machine.Watch) error {
	for i := range s.lanes {
		if err := s.lanes[i].back(s.equal[i], w[i]); err != nil {
			return fmt.Errorf("%s: %w", s.lanes[i].name, err)
		}
	}
	return nil
}

// narrow searches between lo, where they are equal, and hi, where they are not.
func (s *search) narrow(hi uint64) (*parting, error) {
	atLo := false
	for hi-s.lo > 1 {
		if !atLo {
			if err := s.back([2]*machine.Watch{}); err != nil {
				return nil, err
			}
		}
		mid := s.lo + (hi-s.lo)/2
		if err := s.both(mid); err != nil {
			return nil, err
		}
		if atLo = s.same(); !atLo {
			hi = mid
			continue
		}
		s.lo = mid
		if err := s.keep(); err != nil {
			return nil, err
		}
	}
	return s.look(hi)
}

// look traces the step at which they part.
func (s *search) look(hi uint64) (*parting, error) {
	var out [2]bytes.Buffer
	var recs [2]*trace.Recorder
	w := [2]*machine.Watch{{}, {}}
	for i := range recs {
		var err error
		if recs[i], err = trace.NewRecorder(&out[i], trace.Options{From: s.lo, Until: hi + 1}); err != nil {
			return nil, err
		}
		recs[i].Watch(w[i])
	}
	if err := s.back(w); err != nil {
		return nil, err
	}
	if err := s.both(hi); err != nil {
		return nil, err
	}
	lines, err := s.differences()
	if err != nil {
		return nil, err
	}
	p := &parting{different: true, from: s.lo, at: hi, lines: lines, ends: s.ends()}
	var readers [2]*trace.Reader
	for i := range recs {
		if err := recs[i].Close(); err != nil {
			return nil, err
		}
		if p.did[i], err = records(out[i].Bytes()); err != nil {
			return nil, err
		}
		if readers[i], err = trace.NewReader(&out[i]); err != nil {
			return nil, err
		}
	}
	p.found, err = trace.Compare(readers[0], readers[1])
	return p, err
}

// records returns what is in a trace, without where threads go on.
func records(t []byte) (list []string, err error) {
	r, err := trace.NewReader(bytes.NewReader(t))
	if err != nil {
		return nil, err
	}
	for {
		x, err := r.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if x.Kind != trace.Turn && x.Kind != trace.End {
			list = append(list, x.String())
		}
	}
}

// differences says what differs between the machines.
func (s *search) differences() ([]string, error) {
	a, b := s.lanes[0].m, s.lanes[1].m
	lines := inspect.Diff(inspect.Of(a), inspect.Of(b))
	if x, y := a.Kernel.Realtime(), b.Kernel.Realtime(); x != y {
		lines = append(lines, fmt.Sprintf("time: %s, then %s", timeText(x), timeText(y)))
	}
	if err := s.keep(); err != nil {
		return nil, err
	}
	pages, err := differentPages(&s.store, s.equal[0].manifest, s.equal[1].manifest)
	return append(lines, pages...), err
}

func timeText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// ends says how the runs ended.
func (s *search) ends() (list [2]string) {
	for i := range s.lanes {
		switch l := &s.lanes[i]; {
		case l.end != nil:
			list[i] = l.end.Error()
		case l.ended:
			list[i] = "the program has ended"
		}
	}
	return list
}

// text says where the runs part.
func (p *parting) text(a, b string) string {
	var s strings.Builder
	switch {
	case !p.different:
		fmt.Fprintf(&s, "%s and %s are the same up to step %d", a, b, p.at)
		for i, n := range []string{a, b} {
			if p.ends[i] != "" {
				fmt.Fprintf(&s, "; %s: %s", n, p.ends[i])
			}
		}
		s.WriteString(".\n")
		return s.String()
	case p.from == p.at:
		fmt.Fprintf(&s, "%s and %s differ from the beginning, step %d.\n", a, b, p.at)
	default:
		fmt.Fprintf(&s, "%s and %s are the same after %d steps, and differ after %d.\n", a, b, p.from, p.at)
	}
	if d := p.found; d != nil {
		text := d.Text(a, b)
		fmt.Fprintf(&s, "%s.\n", strings.ToUpper(text[:1])+text[1:])
		if states := d.States(a, b); states != "" {
			fmt.Fprintf(&s, "\n%s", states)
		}
	}
	for i, n := range []string{a, b} {
		if len(p.did[i]) == 0 {
			continue
		}
		fmt.Fprintf(&s, "\n%s\n", n)
		for _, l := range p.did[i] {
			fmt.Fprintf(&s, "  %s\n", l)
		}
	}
	if len(p.lines) > 0 {
		fmt.Fprintf(&s, "\nin %s, then in %s\n", a, b)
	}
	for _, l := range p.lines {
		fmt.Fprintf(&s, "  %s\n", l)
	}
	return s.String()
}

// printJSON prints p as trace --diff --json does.
func (p *parting) printJSON(w io.Writer, a, b string) error {
	j := jsonDifference{Same: !p.different, Step: p.at, From: p.from, State: p.lines}
	if p.did[0] != nil || p.did[1] != nil {
		j.Did = p.did[:]
	}
	if d := p.found; d != nil {
		j.Text, j.Differences = d.Text(a, b), d.Differences(a, b)
		j.A, j.B, j.LastCall, j.Before = d.A.JSON(), d.B.JSON(), d.LastCall.JSON(), d.Before.JSON()
	}
	return json.NewEncoder(w).Encode(j)
}
