package machine

import (
	"emurun/abi"
	"emurun/snapshot/wire"
)

// outsideKinds adds the objects that are the machine's side of the outside. There is one
// door, which the fresh machine has.
func outsideKinds(k *wire.Kinds, d *door) {
	wire.Add(k, "machine.door", func() *door { return d })
	wire.Add(k, "machine.stream", func() *Stream { return new(Stream) })
	wire.Add(k, "machine.terminal", func() *terminal { return new(terminal) })
}

// Freeze writes what the machine remembers of the outside. Which streams and which terminal
// there are, and where they are now, is not part of the state.
func (d *door) Freeze(e *wire.Encoder) {
	e.Uint64(d.tick)
	for i := range d.ready {
		e.Uint32(d.ready[i])
		d.attr[i].Freeze(e)
	}
	var t [abi.TermiosSize]byte
	d.termios.Put(t[:])
	e.Fixed(t[:])
	e.Uint32(uint32(d.noModes))
	var w [abi.WinsizeSize]byte
	d.size.Put(w[:])
	e.Fixed(w[:])
	e.Uint32(uint32(d.noSize))
	e.Int64(d.buffered)
	for _, s := range d.streams {
		e.Ref(s)
	}
	e.Ref(d.terminal)
}

// Thaw reads what Freeze wrote.
func (d *door) Thaw(x *wire.Decoder) {
	d.tick = x.Uint64()
	for i := range d.ready {
		d.ready[i] = x.Uint32()
		d.attr[i].Thaw(x)
	}
	var t [abi.TermiosSize]byte
	x.Fixed(t[:])
	d.termios.Decode(t[:])
	d.noModes = thawErrno(x)
	var w [abi.WinsizeSize]byte
	x.Fixed(w[:])
	d.size.Decode(w[:])
	d.noSize = thawErrno(x)
	d.buffered = x.Int64()
	for i := range d.streams {
		d.streams[i] = wire.Ref[*Stream](x)
	}
	d.terminal = wire.Ref[*terminal](x)
}

func thawErrno(d *wire.Decoder) abi.Errno {
	n := d.Uint32()
	if n > maxErrno {
		d.Fail("error number %d", n)
	}
	return abi.Errno(n)
}

// Link implements wire.Linker: each stream has its place, and all belong to the door.
func (d *door) Link() error {
	for i, s := range d.streams {
		if s != nil && (s.port != Port(i) || s.door != d) {
			return wire.Corrupt("stream %d stands at %d", s.port, i)
		}
	}
	if d.terminal != nil && d.terminal.door != d {
		return wire.Corrupt("the terminal belongs to another machine")
	}
	return nil
}
