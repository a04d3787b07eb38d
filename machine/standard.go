package machine

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Standard is what the descriptors 0, 1 and 2 are when a machine begins: a part of its
// configuration, for a replay needs it as well.
type Standard struct {
	Streams [3]StreamConfig
	// Termios and Winsize are those of the terminal, if one is on it.
	Termios abi.Termios
	Winsize abi.Winsize
}

// StreamConfig is what one descriptor is.
type StreamConfig struct {
	Kind     uint32 // file type, abi.S_IFMT; 0 for a descriptor that is closed
	Terminal bool   // it is on the terminal, and the rest is not used
	Same     Port   // the first descriptor with which it shares an open file description: at most its own number
	Flags    uint32 // status flags, open(2)
	Path     string // of a redirected file, where the host tells; else empty
	Pos      int64  // of a seekable one
	Ready    uint32 // poll(2) events
	Attr     vfs.Attr
}

// HasTerminal reports whether a descriptor is on a terminal.
func (s *Standard) HasTerminal() bool {
	return s.Streams[0].Terminal || s.Streams[1].Terminal || s.Streams[2].Terminal
}

// Freeze writes s.
func (s *Standard) Freeze(e *wire.Encoder) {
	for i := range s.Streams {
		s.Streams[i].freeze(e)
	}
	var t [abi.TermiosSize]byte
	s.Termios.Put(t[:])
	e.Fixed(t[:])
	var w [abi.WinsizeSize]byte
	s.Winsize.Put(w[:])
	e.Fixed(w[:])
}

// Thaw reads s.
func (s *Standard) Thaw(d *wire.Decoder) {
	for i := range s.Streams {
		s.Streams[i].thaw(d)
		if int(s.Streams[i].Same) > i {
			d.Fail("descriptor %d is the same as descriptor %d", i, s.Streams[i].Same)
		}
	}
	var t [abi.TermiosSize]byte
	d.Fixed(t[:])
	s.Termios.Decode(t[:])
	var w [abi.WinsizeSize]byte
	d.Fixed(w[:])
	s.Winsize.Decode(w[:])
}

func (s *StreamConfig) freeze(e *wire.Encoder) {
	e.Uint32(s.Kind)
	e.Bool(s.Terminal)
	e.Uint8(uint8(s.Same))
	e.Uint32(s.Flags)
	e.String(s.Path)
	e.Int64(s.Pos)
	e.Uint32(s.Ready)
	s.Attr.Freeze(e)
}

// maxPath bounds the path of a redirected file.
const maxPath = 1 << 16

func (s *StreamConfig) thaw(d *wire.Decoder) {
	s.Kind = d.Uint32()
	s.Terminal = d.Bool()
	s.Same = Port(d.Uint8())
	s.Flags = d.Uint32()
	s.Path = d.String(maxPath)
	s.Pos = d.Int64()
	s.Ready = d.Uint32()
	s.Attr.Thaw(d)
	if s.Pos < 0 {
		d.Fail("a stream at %d", s.Pos)
	}
}
