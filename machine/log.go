package machine

import (
	"encoding/binary"
	"fmt"

	"emurun/abi"
	"emurun/snapshot/wire"
)

// InputKind says what came from outside.
type InputKind uint8

// The kinds of entries. What an entry does not mention is 0.
const (
	// InputSignal: the emulator was sent signal Number.
	InputSignal InputKind = iota + 1
	// InputTime: the machine waited in real time; Number is CLOCK_MONOTONIC afterwards,
	// and the ports whose bits are set in Set became ready.
	InputTime
	// InputRead: reading Port gave Data, or Errno. No data is the end of the file.
	InputRead
	// InputWrite: writing to Port took Number bytes, or failed with Errno. A write
	// without an entry took all.
	InputWrite
	// InputReady: the poll(2) events Number hold at Port.
	InputReady
	// InputAttr: Data is the attributes of the file behind Port.
	InputAttr
	// InputTruncate: setting the length of the file behind Port failed with Errno.
	InputTruncate
	// InputTermios: Data is the terminal's modes, struct termios, or Errno.
	InputTermios
	// InputSetTermios: setting them failed with Errno.
	InputSetTermios
	// InputWinsize: Data is the terminal's struct winsize, or Errno.
	InputWinsize
	// InputSetWinsize: setting it failed with Errno.
	InputSetWinsize
	// InputFlush: TCFLSH failed with Errno.
	InputFlush
	// InputBuffered: so many bytes of input (the low 32 bits of Number) and of output (the
	// high ones) are waiting in the terminal.
	InputBuffered
	// InputMark: nothing else had come up to here.
	InputMark
	// InputEnd: the run has ended here, and the log is whole. Number is 1 if it was
	// stopped before its program had ended.
	InputEnd
	inputKinds
)

var inputNames = [inputKinds]string{
	"", "signal", "time", "read", "write", "ready", "attr", "truncate", "termios", "set termios", "winsize", "set winsize", "flush",
	"buffered", "mark", "end",
}

// String returns the name of the kind.
func (k InputKind) String() string {
	if k == 0 || k >= inputKinds {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return inputNames[k]
}

// Input is one thing that entered the machine from outside. Step and Tick say when: Step is
// the machine's clock, and Tick counts what happened besides retiring instructions, so that
// the two together are one moment, whatever parts the run was made in.
type Input struct {
	Step, Tick uint64
	Kind       InputKind
	Port       Port
	Set        uint8
	Errno      abi.Errno
	Number     int64
	Data       []byte
}

// maxInputData bounds the data of an entry; more is read in several.
const maxInputData = 1 << 20

// AppendInput appends the encoding of e, which follows the entry before: a byte kind, a
// byte with port in its low and set in its high four bits, then as variable-length integers
// (LEB128) the steps and ticks since before, errno, number (zigzag), and the length of the
// data, which follows.
func AppendInput(p []byte, before, e *Input) []byte {
	p = append(p, byte(e.Kind), byte(e.Port)|e.Set<<4)
	p = binary.AppendUvarint(p, e.Step-before.Step)
	p = binary.AppendUvarint(p, e.Tick-before.Tick)
	p = binary.AppendUvarint(p, uint64(e.Errno))
	p = binary.AppendVarint(p, e.Number)
	p = binary.AppendUvarint(p, uint64(len(e.Data)))
	return append(p, e.Data...)
}

// inputReader takes an encoding apart; after an error it gives zeros.
type inputReader struct {
	p   []byte
	err error
}

func (r *inputReader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("input log: %w: %s", wire.ErrCorrupt, what)
	}
	r.p = nil
}

func (r *inputReader) byte() byte {
	if len(r.p) == 0 {
		r.fail("cut short")
		return 0
	}
	b := r.p[0]
	r.p = r.p[1:]
	return b
}

func (r *inputReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.p)
	if n <= 0 || n > 1 && r.p[n-1] == 0 {
		r.fail("an integer is cut short, too large or longer than it need be")
		return 0
	}
	r.p = r.p[n:]
	return v
}

// DecodeInput decodes the entry at the beginning of p, which follows the entry before, and
// returns what is behind it. The data is a part of p.
func DecodeInput(p []byte, before *Input) (Input, []byte, error) {
	r := &inputReader{p: p}
	e := Input{Kind: InputKind(r.byte())}
	where := r.byte()
	e.Port, e.Set = Port(where&15), where>>4
	steps, ticks := r.uvarint(), r.uvarint()
	e.Step, e.Tick = before.Step+steps, before.Tick+ticks
	errno := r.uvarint()
	e.Errno = abi.Errno(errno)
	z := r.uvarint()
	e.Number = int64(z>>1) ^ -int64(z&1)
	n := r.uvarint()
	switch {
	case r.err != nil:
	case n > uint64(min(len(r.p), maxInputData)):
		r.fail("cut short")
	case e.Kind == 0 || e.Kind >= inputKinds:
		r.fail(fmt.Sprintf("an entry of %v", e.Kind))
	case e.Port >= Ports || errno > maxErrno || e.Step < before.Step || e.Tick < before.Tick:
		r.fail(fmt.Sprintf("a %v entry of port %d with errno %d at step %d", e.Kind, e.Port, errno, e.Step))
	default:
		r.checkData(&e, int(n))
	}
	if r.err != nil {
		return Input{}, nil, r.err
	}
	e.Data = r.p[:n:n]
	return e, r.p[n:], nil
}

const maxErrno = 4095 // MAX_ERRNO

// checkData tests that an entry has as much data as its kind says.
func (r *inputReader) checkData(e *Input, n int) {
	want := 0
	switch e.Kind {
	case InputRead:
		want = n
	case InputAttr:
		want = attrSize
	case InputTermios:
		want = abi.TermiosSize
	case InputWinsize:
		want = abi.WinsizeSize
	}
	if e.Errno != 0 {
		want = 0
	}
	if n != want {
		r.fail(fmt.Sprintf("a %v entry with %d bytes of data", e.Kind, n))
	}
}

// String returns e as a line for people.
func (e *Input) String() string {
	s := fmt.Sprintf("step %d.%d %v", e.Step, e.Tick, e.Kind)
	switch e.Kind {
	case InputSignal:
		return fmt.Sprintf("%s %v", s, abi.Signal(e.Number))
	case InputTime:
		return fmt.Sprintf("%s to %d ns, ready %04b", s, e.Number, e.Set)
	case InputMark, InputEnd:
		return s
	}
	s = fmt.Sprintf("%s port %d", s, e.Port)
	if e.Errno != 0 {
		return fmt.Sprintf("%s: %v", s, e.Errno)
	}
	if len(e.Data) > 0 {
		return fmt.Sprintf("%s: %d bytes", s, len(e.Data))
	}
	return fmt.Sprintf("%s: %d", s, e.Number)
}
