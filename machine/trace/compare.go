package trace

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Difference is where two traces part. What comes before is the same in both.
type Difference struct {
	A, B *Record // nil where a trace has nothing more
	// Before are the registers of the thread of A, or else of B, as they were; nil if
	// they are not known.
	Before *ThreadState
	// LastCall is the last system call before, and LastStop the last record before
	// that has an instruction or a block; nil for none.
	LastCall, LastStop *Record
	Mode               Mode
	Every              uint64
}

// Range returns the steps between which the runs part: from the last stop at which they were
// equal to the first one at which they differ.
func (d *Difference) Range() (from, to uint64) {
	if d.LastStop != nil {
		from = d.LastStop.Step
	}
	for _, r := range []*Record{d.A, d.B} {
		if r != nil && (to == 0 || r.Step < to) {
			to = r.Step
		}
	}
	return from, max(from, to)
}

// Step returns the step at which the traces differ.
func (d *Difference) Step() uint64 {
	_, to := d.Range()
	return to
}

// Compare reads two traces to their end, or to the first record in which they differ, which it
// returns. It returns an error if a trace cannot be read or the two cannot be compared.
func Compare(a, b *Reader) (*Difference, error) {
	states, err := mayCompare(&a.Header, &b.Header)
	if err != nil {
		return nil, err
	}
	d := &Difference{Mode: a.Header.Mode, Every: a.Header.Every}
	for {
		x, errA := following(a, states)
		y, errB := following(b, states)
		switch {
		case errA == io.EOF && errB == io.EOF:
			return nil, nil
		case errA != nil && errA != io.EOF:
			return nil, fmt.Errorf("first trace: %w", errA)
		case errB != nil && errB != io.EOF:
			return nil, fmt.Errorf("second trace: %w", errB)
		}
		if x == nil || y == nil || !Equal(x, y) {
			d.A, d.B = x.Clone(), y.Clone()
			d.before(a, b)
			return d, nil
		}
		d.remember(x)
	}
}

// remember keeps of an equal record what a reader of the difference wants to know.
func (d *Difference) remember(r *Record) {
	switch r.Kind {
	case Call:
		d.LastCall = r.Clone()
		d.LastStop = d.LastCall
	case Block, Turn:
		d.LastStop = r.Clone()
	}
}

// before takes the registers before the difference.
func (d *Difference) before(a, b *Reader) {
	s := a.Before()
	if s == nil {
		s = b.Before()
	}
	if s != nil {
		c := *s
		d.Before = &c
	}
}

var errIncomparable = errors.New("the traces cannot be compared")

// mayCompare says whether two traces can be compared, and whether with their State records.
func mayCompare(a, b *Header) (states bool, err error) {
	switch {
	case a.Mode != b.Mode:
		return false, fmt.Errorf("%w: one has the mode %v and one %v", errIncomparable, a.Mode, b.Mode)
	case a.Every != b.Every:
		return false, fmt.Errorf("%w: one has blocks of %d steps and one of %d", errIncomparable, a.Every, b.Every)
	case a.From != b.From:
		return false, fmt.Errorf("%w: one begins at step %d and one at step %d", errIncomparable, a.From, b.From)
	}
	return a.StateEvery == b.StateEvery && a.StateKind == b.StateKind, nil
}

// following returns the next record that is to be compared.
func following(t *Reader, states bool) (*Record, error) {
	for {
		r, err := t.Next()
		if err != nil {
			return nil, err
		}
		if states || r.Kind != State {
			return r, nil
		}
	}
}

// Equal reports whether two records say the same.
func Equal(a, b *Record) bool {
	return a.Kind == b.Kind && a.Step == b.Step && a.PID == b.PID && a.TID == b.TID && a.RIP == b.RIP && a.Next == b.Next &&
		a.Chain == b.Chain && slices.Equal(a.Regs, b.Regs) && slices.EqualFunc(a.Memory, b.Memory, equalWrite) &&
		string(a.Code) == string(b.Code) && equalBody(a, b)
}

func equalWrite(a, b Write) bool {
	return a.PID == b.PID && a.Addr == b.Addr && slices.Equal(a.Words, b.Words)
}

// equalBody compares what records of some kinds have.
func equalBody(a, b *Record) bool {
	switch a.Kind {
	case Call:
		return a.Syscall == b.Syscall
	case Fault:
		return a.Fault == b.Fault
	case Signal:
		return a.Signal == b.Signal
	case Exit:
		return a.Ended == b.Ended
	case Input:
		x, y := &a.Input, &b.Input
		return x.Kind == y.Kind && x.Port == y.Port && x.Set == y.Set && x.Errno == y.Errno && x.Tick == y.Tick &&
			x.Number == y.Number && x.Size == y.Size && string(x.Data) == string(y.Data)
	case State:
		return a.Sum == b.Sum
	case End:
		return a.Reason == b.Reason
	}
	return true
}

// Clone returns a copy that stays; nil of nil.
func (r *Record) Clone() *Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Regs, c.Code, c.Input.Data = slices.Clone(r.Regs), slices.Clone(r.Code), slices.Clone(r.Input.Data)
	c.Memory = slices.Clone(r.Memory)
	for i := range c.Memory {
		c.Memory[i].Words = slices.Clone(c.Memory[i].Words)
	}
	return &c
}
