package machine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
)

// inputs has one of each kind.
func inputs() []Input {
	attr := make([]byte, attrSize)
	attr[0] = 7
	return []Input{
		{Step: 1, Kind: InputSignal, Number: 2},
		{Step: 1, Tick: 1, Kind: InputTime, Number: 1 << 40, Set: 9},
		{Step: 100, Tick: 2, Kind: InputRead, Port: Stdin, Data: []byte("hello\n")},
		{Step: 100, Tick: 3, Kind: InputRead, Port: OnTerminal, Errno: abi.EAGAIN},
		{Step: 101, Tick: 4, Kind: InputWrite, Port: Stdout, Number: -1, Errno: abi.EPIPE},
		{Step: 1 << 50, Tick: 5, Kind: InputReady, Port: Stderr, Number: 5},
		{Step: 1 << 50, Tick: 6, Kind: InputAttr, Port: Stdout, Data: attr},
		{Step: 1 << 50, Tick: 7, Kind: InputTruncate, Port: Stdout, Errno: abi.ENOSPC},
		{Step: 1 << 50, Tick: 8, Kind: InputTermios, Port: OnTerminal, Data: make([]byte, abi.TermiosSize)},
		{Step: 1 << 50, Tick: 9, Kind: InputWinsize, Port: OnTerminal, Data: make([]byte, abi.WinsizeSize)},
		{Step: 1 << 50, Tick: 10, Kind: InputBuffered, Port: OnTerminal, Number: 3 | 4<<32},
		{Step: 1 << 51, Tick: 11, Kind: InputMark},
		{Step: 1 << 51, Tick: 1 << 40, Kind: InputEnd, Number: 1},
	}
}

// encode returns the encoding of a log.
func encode(list []Input) []byte {
	var p []byte
	before := Input{}
	for i := range list {
		p = AppendInput(p, &before, &list[i])
		before = list[i]
	}
	return p
}

// decode decodes p up to its end or an error.
func decode(p []byte) (list []Input, err error) {
	before := Input{}
	for len(p) > 0 {
		var e Input
		if e, p, err = DecodeInput(p, &before); err != nil {
			return list, err
		}
		list = append(list, e)
		before = e
	}
	return list, nil
}

func TestLog(t *testing.T) {
	want := inputs()
	p := encode(want)
	got, err := decode(p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if len(got[i].Data) == 0 {
			got[i].Data = nil
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := len(encode(want[:1])); got != 7 {
		t.Errorf("a signal takes %d bytes", got)
	}
}

// FuzzLog: what decodes encodes to the same bytes; nothing panics.
func FuzzLog(f *testing.F) {
	f.Add(encode(inputs()))
	f.Fuzz(func(t *testing.T, p []byte) {
		list, err := decode(p)
		if err != nil {
			return
		}
		if q := encode(list); string(q) != string(p) {
			t.Errorf("% x\nencodes again to\n% x", p, q)
		}
	})
}

func TestStandardFreeze(t *testing.T) {
	wiretest.RoundTrip(t, new(Standard), new(Standard), wiretest.Adjust(func(s *Standard) {
		for i := range s.Streams {
			s.Streams[i].Same = Port(i)
		}
	}))
}

func TestOutsideFreeze(t *testing.T) {
	kinds := new(wire.Kinds)
	wire.Add(kinds, "machine.door", func() *door { return new(door) })
	wire.Add(kinds, "machine.stream", func() *Stream { return new(Stream) })
	wire.Add(kinds, "machine.terminal", func() *terminal { return new(terminal) })
	host := []string{"m", "outside", "log", "replay", "next", "inputs", "err", "pending"} // not state
	below := func(at string) (paths []string) {
		for _, name := range host {
			paths = append(paths, at+name)
		}
		return paths
	}
	d := new(door)
	wiretest.RoundTripGraph(t, kinds, d, wiretest.Skip(host...),
		wiretest.Make("streams", func() any { return (*Stream)(nil) }), wiretest.Make("terminal", func() any { return (*terminal)(nil) }))
	wiretest.RoundTripGraph(t, kinds, new(Stream), wiretest.Make("door", func() any { return new(door) }),
		wiretest.Skip(append(below("door."), "NodeDefaults.cache", "queue.waiters", "queue.events", "config.Same")...),
		wiretest.Adjust(func(s *Stream) { s.port = Stderr }))
	wiretest.RoundTripGraph(t, kinds, new(terminal), wiretest.Make("door", func() any { return new(door) }),
		wiretest.Skip(append(below("door."), "queue.waiters", "queue.events")...))
}
