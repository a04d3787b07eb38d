package machine

import (
	"errors"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// errno returns the number of an error from outside.
func errno(err error) abi.Errno {
	var n abi.Errno
	switch {
	case err == nil:
		return 0
	case errors.As(err, &n):
		return n
	}
	return abi.EIO
}

// error returns the error of an answer, or nil.
func (e *Input) error() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// read reads from a port.
func (d *door) read(p Port, b []byte, off int64) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(b) > maxInputData {
		b = b[:maxInputData]
	}
	e := d.here(InputRead, p)
	d.ask(&e, nil, func(e *Input) {
		n, err := d.outside.Read(p, b, off)
		e.Errno, e.Data = errno(err), b[:max(n, 0)]
	})
	if len(e.Data) > len(b) {
		d.diverged(&e)
		return 0, abi.EIO
	}
	return copy(b, e.Data), e.error()
}

// write writes to a port.
func (d *door) writeTo(p Port, b []byte, off int64) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	e := d.here(InputWrite, p)
	d.ask(&e, &Input{Number: int64(len(b))}, func(e *Input) {
		n, err := d.outside.Write(p, b, off)
		e.Errno, e.Number = errno(err), int64(n)
	})
	if e.Number < 0 || e.Number > int64(len(b)) {
		d.diverged(&e)
		return 0, abi.EIO
	}
	if d.replay != nil && e.Number > 0 {
		if err := d.replay.Write(p, b[:e.Number]); err != nil {
			d.fail(err)
		}
	}
	return int(e.Number), e.error()
}

// readyAt returns which poll(2) events hold at a port.
func (d *door) readyAt(p Port) uint32 {
	e := d.here(InputReady, p)
	d.ask(&e, &Input{Number: int64(d.ready[p])}, func(e *Input) { e.Number = int64(d.outside.Ready(p)) })
	d.ready[p] = uint32(e.Number)
	return d.ready[p]
}

// attrOf returns the attributes of a redirected file.
func (d *door) attrOf(p Port) vfs.Attr {
	e := d.here(InputAttr, p)
	d.ask(&e, &Input{Data: encodeAttr(&d.attr[p])}, func(e *Input) {
		a := d.outside.Attr(p)
		e.Data = encodeAttr(&a)
	})
	if a, err := decodeAttr(e.Data); err == nil {
		d.attr[p] = a
	}
	return d.attr[p]
}

// plain asks for something whose only answer is whether it worked.
func (d *door) plain(kind InputKind, p Port, f func() error) error {
	e := d.here(kind, p)
	d.ask(&e, &Input{}, func(e *Input) { e.Errno = errno(f()) })
	return e.error()
}

// modes returns the modes of the terminal.
func (d *door) modes() (abi.Termios, error) {
	e := d.here(InputTermios, OnTerminal)
	usual := Input{Errno: d.noModes}
	if d.noModes == 0 {
		usual.Data = make([]byte, abi.TermiosSize)
		d.termios.Put(usual.Data)
	}
	d.ask(&e, &usual, func(e *Input) {
		t, err := d.outside.Termios()
		if e.Errno = errno(err); err == nil {
			e.Data = make([]byte, abi.TermiosSize)
			t.Put(e.Data)
		}
	})
	if d.noModes = e.Errno; e.Errno == 0 {
		d.termios.Decode(e.Data)
	}
	return d.termios, e.error()
}

// windowSize returns the size of the terminal.
func (d *door) windowSize() (abi.Winsize, error) {
	e := d.here(InputWinsize, OnTerminal)
	usual := Input{Errno: d.noSize}
	if d.noSize == 0 {
		usual.Data = make([]byte, abi.WinsizeSize)
		d.size.Put(usual.Data)
	}
	d.ask(&e, &usual, func(e *Input) {
		w, err := d.outside.WindowSize()
		if e.Errno = errno(err); err == nil {
			e.Data = make([]byte, abi.WinsizeSize)
			w.Put(e.Data)
		}
	})
	if d.noSize = e.Errno; e.Errno == 0 {
		d.size.Decode(e.Data)
	}
	return d.size, e.error()
}

// waiting returns how many bytes wait in the terminal.
func (d *door) waiting() (in, out int) {
	e := d.here(InputBuffered, OnTerminal)
	d.ask(&e, &Input{Number: d.buffered}, func(e *Input) {
		in, out := d.outside.Buffered()
		e.Number = int64(uint32(in)) | int64(out)<<32
	})
	d.buffered = e.Number
	return int(uint32(e.Number)), int(e.Number >> 32 & 0x7fff_ffff)
}

// attrSize is the size of an encoded vfs.Attr.
const attrSize = 2*8 + 4*4 + 8 + 7*8

func encodeAttr(a *vfs.Attr) []byte {
	e := wire.NewEncoder(make([]byte, 0, attrSize))
	a.Freeze(e)
	return e.Encoding()
}

// decodeAttr decodes what encodeAttr wrote.
func decodeAttr(p []byte) (vfs.Attr, error) {
	var a vfs.Attr
	d := wire.NewDecoder(p)
	a.Thaw(d)
	return a, d.End()
}
