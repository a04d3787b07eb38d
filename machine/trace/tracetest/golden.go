package tracetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/machine"
	"emurun/machine/trace"
)

// Golden is a golden trace: of a guest, from one step until another; 0 is its end.
type Golden struct {
	Guest       string
	From, Until uint64
}

// Goldens are the golden traces, and what each is for.
var Goldens = []Golden{
	{"syscall", 0, 0},           // the first instructions of all: a program without a library
	{"hello", 0, 0},             // start of a C program, stdio
	{"cpu", 29_000, 37_000},     // integer instructions and their flags, rotates, divisions
	{"cpu", 88_000, 96_000},     // string instructions
	{"sse", 40_000, 52_000},     // SSE, rounding, exceptions
	{"x87", 20_000, 24_500},     // x87, 80 bits
	{"cat", 0, 0},               // input from outside
	{"hello.static", 0, 0},      // start of a program of glibc, its string functions
	{"smc", 0, 0},               // code that changes itself
	{"memory", 0, 14_000},       // mmap, mprotect, brk
	{"threads", 0, 60_000},      // clone, futex, thread-local storage
	{"futexes", 30_000, 55_000}, // waiting and waking
	{"signals", 0, 0},           // handlers, masks, queues
	{"sigframe", 0, 0},          // what a handler sees and changes
	{"faults", 0, 16_000},       // CPU exceptions as signals
	{"fork", 0, 0},              // processes, copy on write, wait
	{"pipes", 10_000, 26_000},   // pipes between processes
	{"timers", 0, 0},            // clocks, timers, sleep
	{"execs", 20_000, 36_000},   // execve
}

// stateEvery is how often a golden trace has a hash of the state.
const stateEvery = 1 << 10

func (g Golden) options() trace.Options {
	return trace.Options{
		Mode: trace.Full, StateEvery: stateEvery, From: g.From, Until: g.Until,
		Seed: seed, EpochNs: epochNs, Args: []string{"/" + g.Guest},
	}
}

// Config says what Run tests.
type Config struct {
	Engine Engine // nil is the interpreter
	Root   string // the project's top folder
	Update bool   // write the golden traces anew
}

func (c *Config) guests() string { return filepath.Join(c.Root, "testbins", "bin") }

// String returns the name of g: the guest, and the step if it is not the first.
func (g Golden) String() string {
	if g.From == 0 {
		return g.Guest
	}
	return fmt.Sprintf("%s-%d", g.Guest, g.From)
}

// file is where a golden trace is.
func (c *Config) file(g Golden) string {
	return filepath.Join(c.Root, "machine", "trace", "testdata", "golden", g.String()+".trc")
}

// Run holds an engine to the golden traces.
func Run(t *testing.T, c Config) {
	for _, g := range Goldens {
		t.Run(g.String(), func(t *testing.T) {
			got, err := Record(c.guests(), g, c.Engine)
			if err != nil {
				t.Fatal(err)
			}
			if c.Update {
				if err := os.WriteFile(c.file(g), got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(c.file(g))
			if err != nil {
				t.Fatal(err)
			}
			if text := Diff(got, golden); text != "" {
				t.Errorf("in single steps: %s", text)
			}
			for _, most := range []uint64{7, 100, 5000} {
				if err := Follow(c.guests(), g, c.Engine, golden, most); err != nil {
					t.Errorf("in blocks of up to %d steps: %v", most, err)
				}
			}
		})
	}
}

// Record returns the trace of g.
func Record(guests string, g Golden, engine Engine) ([]byte, error) {
	var b bytes.Buffer
	r, err := trace.NewRecorder(&b, g.options())
	if err != nil {
		return nil, err
	}
	var w machine.Watch
	r.Watch(&w)
	m, err := Boot(guests, g.Guest, engine, g.Until, w)
	if err != nil {
		return nil, err
	}
	if err := finish(m); err != nil {
		return nil, err
	}
	err = r.Close()
	return b.Bytes(), err
}

// Diff says in words where a trace first differs from the golden one; "" if it does not.
func Diff(got, golden []byte) string {
	a, err := trace.NewReader(bytes.NewReader(got))
	if err != nil {
		return err.Error()
	}
	b, err := trace.NewReader(bytes.NewReader(golden))
	if err != nil {
		return fmt.Sprintf("golden trace: %v", err)
	}
	if diff := cmp.Diff(b.Header, a.Header); diff != "" {
		return "the traces are of different runs (-golden +got):\n" + diff
	}
	d, err := trace.Compare(a, b)
	if err != nil {
		return err.Error()
	}
	if d == nil {
		return ""
	}
	text := d.Text("the run", "golden") + "\n\n"
	if states := d.States("the run", "golden"); states != "" {
		return text + states
	}
	return text + "record (-golden +got):\n" + cmp.Diff(d.B, d.A)
}

// finish runs m to its end, or to its limit of steps.
func finish(m *machine.Machine) error {
	_, err := m.Run()
	if errors.Is(err, machine.ErrMaxSteps) {
		err = nil
	}
	return err
}
