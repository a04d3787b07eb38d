package machine

import (
	"bytes"
	"errors"
	"fmt"

	"emurun/abi"
	"emurun/vfs"
)

// Log takes what enters a machine from outside.
type Log interface {
	// Append takes the next entry. It keeps nothing of it.
	Append(e *Input) error
	// MarkDue reports whether the log wants to know how far the machine is. It is
	// asked often, and with idle set when the machine is about to wait for something outside.
	MarkDue(idle bool) bool
}

// Replay is a recorded outside.
type Replay interface {
	// Next returns the next entry, which is the caller's until the next call; io.EOF
	// at the end of the log.
	Next() (*Input, error)
	// Write takes what the guest writes to a port.
	Write(p Port, b []byte) error
}

// Errors of replays.
var (
	// ErrDiverged: the machine asks for other things than it did when it was recorded.
	ErrDiverged = errors.New("the replay differs from the recording")
	// ErrLogEnd: the recorded run was stopped where the machine is.
	ErrLogEnd = errors.New("the recorded run was stopped here")
	// ErrLogCut: the log has no end, and the machine is where it stops.
	ErrLogCut = errors.New("the recording was cut off here")
)

// door is the one way in: every answer from outside passes it, in order. It asks the
// outside and writes down what is not as always, or it answers from a log.
type door struct {
	m       *Machine
	outside Outside // nil in a replay
	log     Log     // nil for none
	replay  Replay  // nil for none
	next    *Input  // of the replay; nil at its end
	inputs  int     // entries so far
	err     error   // the first error of the log
	pending []int   // signals that the next poll takes in, see Attach

	streams  [3]*Stream // by descriptor; nil for one that is none, or the same as another
	terminal *terminal  // nil for none

	tick uint64 // see Input
	// What the outside answered last, which an answer without an entry repeats.
	ready    [Ports]uint32
	attr     [Ports]vfs.Attr
	termios  abi.Termios
	noModes  abi.Errno // or the error of both
	size     abi.Winsize
	noSize   abi.Errno
	buffered int64
}

// newDoor returns the door of a machine that begins as std says.
func newDoor(m *Machine, c *Config) *door {
	d := &door{m: m, outside: c.Outside, log: c.Log, replay: c.Replay}
	for i, s := range c.Standard.Streams {
		d.ready[i], d.attr[i] = s.Ready, s.Attr
		if s.Kind != 0 && !s.Terminal && int(s.Same) == i {
			d.streams[i] = newStream(d, Port(i), s)
		}
	}
	if c.Standard.HasTerminal() {
		d.terminal = newTerminal(d)
	}
	d.termios, d.size = c.Standard.Termios, c.Standard.Winsize
	if d.replay != nil {
		d.advance()
	}
	return d
}

// Tick tells apart the moments of a machine at the same step; see Input.
func (m *Machine) Tick() uint64 { return m.door.tick }

// fail keeps the first error; poll ends the run with it.
func (d *door) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// diverged ends a replay that goes another way than the recording.
func (d *door) diverged(e *Input) {
	found := "at its end"
	if d.next != nil {
		found = "at " + d.next.String()
	}
	d.fail(fmt.Errorf("%w: the machine is at %v, the recording %s", ErrDiverged, e, found))
}

// happened counts something that is no retired instruction: what comes from outside before
// and after it are two moments.
func (d *door) happened() { d.tick++ }

// here returns an entry of now.
func (d *door) here(kind InputKind, p Port) Input {
	return Input{Step: d.m.Kernel.Steps(), Tick: d.tick, Kind: kind, Port: p}
}

// ask asks the outside: f fills e with its answer. usual is the answer that needs no entry,
// nil for none.
func (d *door) ask(e, usual *Input, f func(e *Input)) {
	d.happened()
	e.Tick = d.tick
	switch {
	case d.replay != nil:
		d.recall(e, usual)
	case d.outside == nil:
		e.Errno = abi.EIO
	default:
		f(e)
		if usual == nil || !e.same(usual) {
			d.write(e)
		}
	}
}

// same reports whether two answers are the same.
func (e *Input) same(x *Input) bool {
	return e.Errno == x.Errno && e.Number == x.Number && e.Set == x.Set && bytes.Equal(e.Data, x.Data)
}

// write appends e to the log.
func (d *door) write(e *Input) {
	d.entered(e)
	if d.log != nil && d.err == nil {
		if err := d.log.Append(e); err != nil {
			d.fail(fmt.Errorf("input log: %w", err))
		}
	}
}

// entered counts an input, and shows it to who watches.
func (d *door) entered(e *Input) {
	d.inputs++
	if tr, ok := d.m.watch.Trace.(InputTracer); ok {
		tr.Input(*e)
	}
}

// at reports whether the next entry of the replay is of this moment.
func (d *door) at(e *Input) bool {
	return d.next != nil && d.next.Step == e.Step && d.next.Tick == e.Tick
}

// mark tells a log how far the machine is, if it wants to know.
func (d *door) mark(idle bool) {
	if d.log == nil || !d.log.MarkDue(idle) {
		return
	}
	e := d.here(InputMark, 0)
	if err := d.log.Append(&e); err != nil {
		d.fail(fmt.Errorf("input log: %w", err))
	}
}

// skipMarks passes over the marks up to e.
func (d *door) skipMarks(e *Input) {
	for d.next != nil && d.next.Kind == InputMark && (d.next.Step < e.Step || d.next.Step == e.Step && d.next.Tick <= e.Tick) {
		d.advance()
	}
}

// recall answers from the log.
func (d *door) recall(e, usual *Input) {
	d.skipMarks(e)
	switch {
	case d.err != nil:
		e.Errno = abi.EIO
	case d.at(e) && d.next.Kind == e.Kind && d.next.Port == e.Port:
		*e = *d.next
		e.Data = bytes.Clone(e.Data)
		d.entered(e)
		d.advance()
	case usual == nil || d.late(e):
		d.diverged(e)
		e.Errno = abi.EIO
	default:
		e.Errno, e.Number, e.Set, e.Data = usual.Errno, usual.Number, usual.Set, usual.Data
	}
}

// late reports whether the moment of the next entry has passed without it.
func (d *door) late(e *Input) bool {
	n := d.next
	switch {
	case n == nil || n.Step > e.Step || n.Step == e.Step && n.Tick > e.Tick:
		return false
	case n.Step == e.Step && n.Tick == e.Tick:
		return !n.Kind.pushed() // what is pushed comes after this answer
	}
	return true
}

// pushed reports whether an input comes by itself, and is no answer.
func (k InputKind) pushed() bool { return k == InputSignal || k == InputMark || k == InputEnd }

// advance reads the next entry of the replay.
func (d *door) advance() {
	n, err := d.replay.Next()
	if err != nil {
		d.next = nil
		d.fail(err)
		return
	}
	d.next = n
}

// limit cuts a budget at the step of the next entry of the replay.
func (d *door) limit(budget uint64) uint64 {
	if now := d.m.Kernel.Steps(); d.next != nil && d.next.Step > now {
		return min(budget, d.next.Step-now)
	}
	return budget
}
