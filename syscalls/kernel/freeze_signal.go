package kernel

import (
	"emurun/abi"
	"emurun/snapshot/wire"
)

// thawSignal reads a signal number, or 0.
func thawSignal(d *wire.Decoder) abi.Signal {
	s := abi.Signal(d.Int32())
	if s != 0 && !s.Valid() {
		d.Fail("signal %d", s)
		return 0
	}
	return s
}

func freezeSiginfo(e *wire.Encoder, i *abi.Siginfo) {
	e.Int32(int32(i.Signo))
	e.Int32(i.Errno)
	e.Int32(i.Code)
	for _, v := range i.Data {
		e.Uint64(v)
	}
}

func thawSiginfo(d *wire.Decoder) abi.Siginfo {
	i := abi.Siginfo{Signo: thawSignal(d), Errno: d.Int32(), Code: d.Int32()}
	for n := range i.Data {
		i.Data[n] = d.Uint64()
	}
	if i.Signo == 0 {
		d.Fail("a pending signal without a number")
	}
	return i
}

// freeze writes q.
func (q *sigQueue) freeze(e *wire.Encoder) {
	e.Uint64(q.set)
	e.Count(len(q.items))
	for i := range q.items {
		freezeSiginfo(e, &q.items[i])
	}
}

func (q *sigQueue) thaw(d *wire.Decoder) {
	q.set = d.Uint64()
	for range d.Count(wire.MaxLen, 44) {
		q.items = append(q.items, thawSiginfo(d))
	}
}

// Freeze writes a.
func (a *sigActions) Freeze(e *wire.Encoder) {
	e.Int32(a.refs)
	for i := range a.act {
		x := &a.act[i]
		e.Uint64(x.Handler)
		e.Uint64(x.Flags)
		e.Uint64(x.Restorer)
		e.Uint64(x.Mask)
	}
}

// Thaw reads a.
func (a *sigActions) Thaw(d *wire.Decoder) {
	a.refs = d.Int32()
	for i := range a.act {
		a.act[i] = abi.Sigaction{Handler: d.Uint64(), Flags: d.Uint64(), Restorer: d.Uint64(), Mask: d.Uint64()}
	}
}
