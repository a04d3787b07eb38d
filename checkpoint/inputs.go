package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// InputsSection is the name of the section that has what came from outside since the
// checkpoint before, with which the run up to this one can be done again. It is not state.
//
//	list of segments: bytes: entries as machine.AppendInput writes them, the first of a
//	segment as if an entry of zeroes came before
const InputsSection = "@inputs"

// inputsVersion is the version of that section.
const inputsVersion = 1

// maxInputs bounds that section.
const maxInputs = 1 << 30

// inputs collects what comes from outside. It implements machine.Log.
type inputs struct {
	segments [][]byte // closed, and not committed
	open     []byte
	before   machine.Input // the last of the open segment
}

// Append implements machine.Log.
func (l *inputs) Append(e *machine.Input) error {
	l.open = machine.AppendInput(l.open, &l.before, e)
	l.before = *e
	l.before.Data = nil
	return nil
}

// MarkDue implements machine.Log: a checkpoint is mark enough.
func (l *inputs) MarkDue(bool) bool { return false }

// cut closes the open segment and returns all that are not committed.
func (l *inputs) cut() [][]byte {
	if len(l.open) > 0 {
		l.segments = append(l.segments, l.open)
	}
	l.open, l.before = nil, machine.Input{}
	return slices.Clone(l.segments)
}

// committed forgets the first n segments.
func (l *inputs) committed(n int) { l.segments = l.segments[n:] }

// encodeInputs returns what InputsSection holds.
func encodeInputs(segments [][]byte) ([]byte, error) {
	var e wire.Encoder
	e.Count(len(segments))
	for _, s := range segments {
		e.Bytes(s)
	}
	return e.Encoding(), e.Err()
}

// Replay answers from the inputs of a checkpoint. It implements machine.Replay.
type Replay struct {
	segments [][]byte
	rest     []byte // of the first
	before   machine.Input
	end      *machine.Input // nil once it was given
	// Output, if set, gets what the guest writes.
	Output func(p machine.Port, b []byte) error
}

// ErrVaried is running again into a checkpoint whose run was varied on the way.
var ErrVaried = errors.New("the run was given other random numbers or another time on the way: it cannot be done again")

// Inputs returns what came from outside between the checkpoint before m and m.
func Inputs(from snapshot.Getter, m *snapshot.Manifest) (*Replay, error) {
	s, err := m.Section(InputsSection)
	if errors.Is(err, snapshot.ErrNotFound) {
		return nil, ErrVaried
	} else if err != nil {
		return nil, err
	}
	if err := known(s, inputsVersion); err != nil {
		return nil, err
	}
	p, err := snapshot.GetSection(from, s, maxInputs)
	if err != nil {
		return nil, err
	}
	r := new(Replay)
	d := wire.NewDecoder(p)
	for range d.Count(wire.MaxLen, 4) {
		r.segments = append(r.segments, d.Bytes(wire.MaxLen))
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("section %s: %w", s.Name, err)
	}
	return r, nil
}

// EndAt says that the replay ends, with machine.ErrLogEnd, where m is.
func (r *Replay) EndAt(m *machine.Machine) {
	r.end = &machine.Input{Step: m.Kernel.Steps(), Tick: m.Tick(), Kind: machine.InputEnd, Number: 1}
}

// last returns the end of the replay, once.
func (r *Replay) last() (*machine.Input, error) {
	e := r.end
	if r.end = nil; e == nil {
		return nil, io.EOF
	}
	return e, nil
}

// Then appends the inputs of a later checkpoint.
func (r *Replay) Then(next *Replay) { r.segments = append(r.segments, next.segments...) }

// Next implements machine.Replay.
func (r *Replay) Next() (*machine.Input, error) {
	for len(r.rest) == 0 {
		if len(r.segments) == 0 {
			return r.last()
		}
		r.rest, r.segments = r.segments[0], r.segments[1:]
		r.before = machine.Input{}
	}
	e, rest, err := machine.DecodeInput(r.rest, &r.before)
	if err != nil {
		return nil, fmt.Errorf("section %s: %w", InputsSection, err)
	}
	r.rest, r.before = rest, e
	r.before.Data = nil
	return &e, nil
}

// Write implements machine.Replay.
func (r *Replay) Write(p machine.Port, b []byte) error {
	if r.Output == nil {
		return nil
	}
	return r.Output(p, b)
}
