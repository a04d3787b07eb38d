package trace_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"emurun/emu"
	"emurun/emu/mem"
	"emurun/machine"
	"emurun/machine/trace"
	"emurun/machine/trace/tracetest"
	"emurun/syscalls/kernel"
)

// place is a word of a process's memory.
type place struct {
	pid  int32
	addr uint64
}

// auditor copies all private memory every so many steps, as an oracle of what a trace says
// of writes.
type auditor struct {
	*trace.Recorder
	every  uint64
	next   uint64
	copies []memory
}

// memory is a copy at one step.
type memory struct {
	step  uint64
	pages map[place][mem.PageSize]byte
}

// Between implements machine.TurnTracer.
func (a *auditor) Between(m *machine.Machine) {
	a.Recorder.Between(m)
	if step := m.Kernel.Steps(); step >= a.next {
		a.next = step + a.every
		c := memory{step, map[place][mem.PageSize]byte{}}
		for _, p := range m.Kernel.Processes() {
			if p.Mem != nil {
				p.Mem.EachPage(func(addr uint64, page *[mem.PageSize]byte) { c.pages[place{p.PID, addr}] = *page })
			}
		}
		a.copies = append(a.copies, c)
	}
}

func (a *auditor) Before(t *kernel.Thread, budget uint64) uint64 { return a.Recorder.Before(t, budget) }
func (a *auditor) After(t *kernel.Thread, exit emu.Exit)         { a.Recorder.After(t, exit) }

// TestMemoryExact shows that a trace lists exactly the words that changed: those in which two
// copies of the memory differ, with the values of the later one.
func TestMemoryExact(t *testing.T) {
	for _, g := range []string{"hello", "sse", "signals", "hello.static", "pipes", "sigframe"} {
		t.Run(g, func(t *testing.T) { testMemoryExact(t, g) })
	}
}

func testMemoryExact(t *testing.T, guest string) {
	var b bytes.Buffer
	r, err := trace.NewRecorder(&b, trace.Options{Until: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	a := &auditor{Recorder: r, every: 250}
	m, err := tracetest.Boot(guests, guest, nil, 0, machine.Watch{Trace: a, Calls: a})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Run(); err == nil {
		err = r.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	list := writesBetween(t, b.Bytes(), a.copies)
	words := 0
	for i := 1; i < len(a.copies) && a.copies[i].step < 20_000; i++ {
		before, after := a.copies[i-1], a.copies[i]
		for at, page := range after.pages {
			old, ok := before.pages[at]
			if !ok {
				continue // a new page may be a file's
			}
			words += compareWords(t, guest, after.step, at, &old, &page, list[i])
		}
	}
	if words < 20 {
		t.Errorf("only %d words have changed", words)
	}
}

// writesBetween returns the words that a trace says were written before each copy.
func writesBetween(t *testing.T, p []byte, copies []memory) []map[place]uint64 {
	t.Helper()
	r, err := trace.NewReader(bytes.NewReader(p))
	if err != nil {
		t.Fatal(err)
	}
	list := make([]map[place]uint64, len(copies)+1)
	i := 0
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		// What a call does at the step of a copy was done before it, and a turn is behind.
		for i < len(copies) && (rec.Step > copies[i].step || rec.Step == copies[i].step && rec.Kind != trace.Call) {
			i++
		}
		if list[i] == nil {
			list[i] = map[place]uint64{}
		}
		for _, w := range rec.Memory {
			for j, v := range w.Words {
				list[i][place{w.PID, w.Addr + 8*uint64(j)}] = v
			}
		}
	}
}

// compareWords compares the words of a page with what the trace says, and returns how many
// have changed.
func compareWords(t *testing.T, guest string, step uint64, at place, old, page *[mem.PageSize]byte, written map[place]uint64) (n int) {
	t.Helper()
	for off := 0; off < mem.PageSize; off += 8 {
		x, y := binary.LittleEndian.Uint64(old[off:]), binary.LittleEndian.Uint64(page[off:])
		v, ok := written[place{at.pid, at.addr + uint64(off)}]
		switch {
		case ok && v != y, !ok && x != y:
			t.Fatalf("%s, before step %d: the word at %#x of process %d was %#x and is %#x; in the trace: %v, %#x", guest, step, at.addr+uint64(off), at.pid, x, y, ok, v)
		case x != y:
			n++
		}
	}
	return n
}
