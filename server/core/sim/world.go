package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"emurun/server/core"
)

// Options say what is simulated.
type Options struct {
	Seed    uint64
	Workers int
	Jobs    int
	Length  time.Duration // of the part with faults
	Trace   func(format string, args ...any)
}

// World is one simulation.
type World struct {
	o      Options
	rng    *rand.Rand
	now    core.Time
	seq    uint64
	count  int
	events queue
	calm   bool // no more faults
	rough  int  // one message of so many is lost, doubled or late

	profile core.Profile
	server  *server
	workers []*worker
	cut     map[string]core.Time // until when a node is cut off
	model   *model
	err     error
	orders  uint64
}

const second = core.Time(time.Second)

// Run simulates, and returns the number of events, and what was wrong.
func Run(o Options) (events int, err error) {
	w := &World{
		o: o, rng: rand.New(rand.NewPCG(o.Seed, 0x5eed)), profile: core.Fast, cut: map[string]core.Time{}, model: newModel(),
	}
	if w.rng.IntN(4) == 0 {
		w.profile = core.Normal
	}
	w.rough = []int{6, 30, 60}[w.rng.IntN(3)]
	w.server = &server{w: w, disk: map[string][]byte{}, abort: w.rng.IntN(5) == 0}
	w.server.start()
	for i := range o.Workers {
		k := &worker{w: w, name: fmt.Sprintf("node%d", i)}
		w.workers = append(w.workers, k)
		w.after(w.between(0, second), k.start)
	}
	for i := range o.Jobs {
		w.submit(fmt.Sprintf("job%d", i))
	}
	w.after(w.between(0, 2*second), w.fault)
	w.after(w.between(0, 3*second), w.people)
	w.run(core.Time(o.Length))
	w.peace()
	const enough = 40
	for i := 0; i < enough && w.err == nil && !w.finished(); i++ {
		w.run(w.now + 4*core.Time(w.profile.Expire))
	}
	if w.err == nil && !w.finished() {
		w.fail("not all jobs finish: %s", w.unfinished())
	}
	return w.count, w.err
}

// fail says what is wrong; the first time counts.
func (w *World) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("seed %d, at %v: %s", w.o.Seed, time.Duration(w.now), fmt.Sprintf(format, args...))
	}
}

func (w *World) trace(format string, args ...any) {
	if w.o.Trace != nil {
		w.o.Trace("%12v "+format, append([]any{time.Duration(w.now)}, args...)...)
	}
}

// between returns a time from lo to hi.
func (w *World) between(lo, hi core.Time) core.Time {
	return lo + core.Time(w.rng.Int64N(int64(hi-lo)+1))
}

// chance reports whether something happens that does so once in n times.
func (w *World) chance(n int) bool { return w.rng.IntN(n) == 0 }

// send lets the network have a message: it may lose it, delay it and double it.
func (w *World) send(m core.Message) {
	copies := 1
	if !w.calm {
		switch w.rng.IntN(w.rough) {
		case 0:
			copies = 0
		case 1:
			copies = 2
		}
	}
	for range copies {
		delay := w.between(second/1000, second/10)
		if !w.calm && w.chance(w.rough) {
			delay = w.between(second/10, 30*second)
		}
		w.after(delay, func() { w.deliver(m) })
	}
}

// deliver hands a message to its receiver, unless one of the two is cut off.
func (w *World) deliver(m core.Message) {
	if w.isCut(m.From) || w.isCut(m.To) {
		return
	}
	w.trace("%-8s → %-8s %T %+v", or(m.From), or(m.To), m.Body, m.Body)
	switch {
	case m.To == "":
		w.server.step(m)
	case m.To == person:
		w.heard(m)
	default:
		for _, k := range w.workers {
			if k.name == m.To {
				k.step(m)
			}
		}
	}
}

func or(name string) string {
	if name == "" {
		return "server"
	}
	return name
}

func (w *World) isCut(name string) bool { return w.cut[name] > w.now }

// finished reports whether every job has ended.
func (w *World) finished() bool { return w.unfinished() == "" }

func (w *World) unfinished() string {
	if w.server.core == nil {
		return "the server is down"
	}
	text := ""
	for _, j := range w.server.core.Jobs() {
		if !j.State.Ended() {
			text += fmt.Sprintf("%s is %s at %d; ", j.Name, j.State, j.Head.Seq)
		}
	}
	return text
}
