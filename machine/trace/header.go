package trace

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"emurun/snapshot/wire"
)

// Version is the version of the format.
const Version = 1

const (
	magic     = "EMURTRCE"
	maxHeader = 1 << 20
	maxArgs   = 1 << 12
)

// Errors of a Reader, which say more than these.
var (
	ErrCorrupt = errors.New("corrupt")
	ErrVersion = errors.New("unknown version")
	// ErrCut: the file ends before the trace does. What was read before is good.
	ErrCut = errors.New("the trace is cut off")
)

// Mode says what a trace has a record of.
type Mode uint8

const (
	// Full has a record of every instruction.
	Full Mode = iota
	// Hash has a record of every block of instructions.
	Hash
)

// String returns the name of m as flags have it.
func (m Mode) String() string { return [2]string{"full", "hash"}[m&1] }

// Header says what a trace is of.
type Header struct {
	Mode       Mode
	Every      uint64 // steps of a block, in Hash; else 0
	StateEvery uint64 // steps between two records State; 0 for none
	StateKind  string // what their hashes are of
	From       uint64 // the step at which the trace begins
	// What the run was, for people and to run it again.
	Seed    uint64
	EpochNs int64
	Args    []string
}

// Freeze writes h.
func (h *Header) Freeze(e *wire.Encoder) {
	e.Uint8(uint8(h.Mode))
	e.Uint64(h.Every)
	e.Uint64(h.StateEvery)
	e.String(h.StateKind)
	e.Uint64(h.From)
	e.Uint64(h.Seed)
	e.Int64(h.EpochNs)
	e.Count(len(h.Args))
	for _, a := range h.Args {
		e.String(a)
	}
}

// Thaw reads h.
func (h *Header) Thaw(d *wire.Decoder) {
	if h.Mode = Mode(d.Uint8()); h.Mode > Hash {
		d.Fail("mode %d", h.Mode)
	}
	h.Every, h.StateEvery, h.StateKind = d.Uint64(), d.Uint64(), d.String(255)
	h.From, h.Seed, h.EpochNs = d.Uint64(), d.Uint64(), d.Int64()
	h.Args = make([]string, d.Count(maxArgs, 4))
	for i := range h.Args {
		h.Args[i] = d.String(maxHeader)
	}
}

// encode returns the bytes of h in a file but for their hash.
func (h *Header) encode() ([]byte, error) {
	body, err := wire.Marshal(h)
	if err != nil {
		return nil, err
	}
	if len(body) > maxHeader || len(h.Args) > maxArgs {
		return nil, errors.New("the arguments of the program are too long for a trace")
	}
	e := wire.NewEncoder([]byte(magic))
	e.Uint32(Version)
	e.Bytes(body)
	return e.Encoding(), nil
}

// readHeader reads a header and returns it with its hash.
func readHeader(r io.Reader) (*Header, [32]byte, error) {
	var sum [32]byte
	head := make([]byte, len(magic)+8)
	if n, err := io.ReadFull(r, head); err != nil {
		if !bytes.HasPrefix([]byte(magic), head[:min(n, len(magic))]) || n == 0 {
			return nil, sum, fmt.Errorf("no trace: it does not begin with %q: %w", magic, ErrCorrupt)
		}
		return nil, sum, headerCut(err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, sum, fmt.Errorf("no trace: it does not begin with %q: %w", magic, ErrCorrupt)
	}
	d := wire.NewDecoder(head[len(magic):])
	if v := d.Uint32(); v != Version {
		return nil, sum, fmt.Errorf("the trace has format version %d and this emurun reads version %d: use the emurun that wrote it, or record it again: %w", v, Version, ErrVersion)
	}
	size := d.Uint32()
	if size > maxHeader {
		return nil, sum, fmt.Errorf("header of %d bytes: %w", size, ErrCorrupt)
	}
	rest := make([]byte, int(size)+len(sum))
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, sum, headerCut(err)
	}
	body := rest[:size]
	sum = sha256.Sum256(append(head, body...))
	if !bytes.Equal(sum[:], rest[size:]) {
		return nil, sum, fmt.Errorf("header: its hash differs: %w", ErrCorrupt)
	}
	h := new(Header)
	if err := wire.Unmarshal(body, h); err != nil {
		return nil, sum, fmt.Errorf("header: %w: %w", ErrCorrupt, err)
	}
	return h, sum, nil
}

func headerCut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w in its header", ErrCut)
	}
	return err
}
