package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/checkpoint"
	"emurun/machine"
	"emurun/machine/record"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/vfs"
)

// tape is what came from outside during a run, all of it, so that any part can be done again.
type tape []machine.Input

// readTape reads a replay to its end.
func readTape(r machine.Replay) (tape, error) {
	var t tape
	for {
		e, err := r.Next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		x := *e
		x.Data = bytes.Clone(e.Data)
		t = append(t, x)
	}
}

// after returns what comes after a moment of the run, at which a machine is between two turns: its
// signals are in by then.
func (t tape) after(step, tick uint64) tape {
	for i, e := range t {
		if e.Kind == machine.InputEnd || e.Step > step || e.Step == step && e.Tick > tick {
			return t[i:]
		}
	}
	return nil
}

// playing is a tape that is being replayed. It implements machine.Replay.
type playing struct {
	rest tape
	past *past
}

// Next implements machine.Replay.
func (p *playing) Next() (*machine.Input, error) {
	if len(p.rest) == 0 {
		return nil, io.EOF
	}
	e := p.rest[0]
	p.rest = p.rest[1:]
	return &e, nil
}

// Write implements machine.Replay: what the guest writes is noted and dropped.
func (p *playing) Write(port machine.Port, b []byte) error {
	p.past.add(b, uint64(port))
	return nil
}

// errPaused stops a machine where it is looked at. It can run on.
var errPaused = errors.New("paused")

// pausing is the machine.Between that stops a machine at a step.
type pausing struct{ at uint64 }

func (p *pausing) Until() uint64 { return p.at }
func (p *pausing) Between(m *machine.Machine) error {
	if m.Kernel.Steps() >= p.at {
		return errPaused
	}
	return nil
}

// point is a moment of a run: its machine, frozen.
type point struct {
	manifest *snapshot.Manifest
	tick     uint64
	past     past
}

// lane is one of two runs that are compared.
type lane struct {
	name string
	tape tape
	// start returns the machine where the run begins, thaw at a later moment; cfg has what
	// the lane knows: replay, watch, between.
	start func(cfg machine.Config) (*machine.Machine, error)
	thaw  func(p *point, cfg machine.Config) (*machine.Machine, error)

	m     *machine.Machine
	past  *past
	pause *pausing
	ended bool  // the run is over: its program has ended, or it was stopped there
	end   error // why, if its program has not ended
}

// begin makes the lane's machine where its run begins.
func (l *lane) begin() error {
	cfg := l.config(l.tape, past{}, nil)
	m, err := l.start(cfg)
	l.m = m
	return err
}

// config returns what a machine of the lane has. w watches it, if it is not nil, instead of the lane.
func (l *lane) config(t tape, before past, w *machine.Watch) machine.Config {
	l.pause, l.past = &pausing{}, &before
	l.ended, l.end = false, nil
	if w == nil {
		w = &machine.Watch{Trace: l.past, Calls: l.past}
	}
	return machine.Config{Replay: &playing{t, l.past}, Between: l.pause, Watch: *w}
}

// back brings the lane back to a moment before.
func (l *lane) back(p *point, w *machine.Watch) error {
	m, err := l.thaw(p, l.config(l.tape.after(p.manifest.Step, p.tick), p.past, w))
	l.m = m
	return err
}

// to runs the lane's machine up to a step.
func (l *lane) to(step uint64) error {
	if l.ended {
		return nil
	}
	l.pause.at = step
	_, err := l.m.Run()
	switch {
	case errors.Is(err, errPaused):
		return nil
	case err == nil:
	case errors.Is(err, machine.ErrLogEnd), errors.Is(err, machine.ErrLogCut), errors.Is(err, machine.ErrMaxSteps):
		l.end = err
	default:
		return fmt.Errorf("%s: step %d: %w", l.name, l.m.Kernel.Steps(), err)
	}
	l.ended = true
	return nil
}

// freeze puts the machine as it is into store.
func (l *lane) freeze(store *scratch) (*point, error) {
	f, err := l.m.Freeze()
	if err != nil {
		return nil, err
	}
	m, err := checkpoint.Put(f, store, store.own)
	f.Release(err == nil)
	return &point{m, l.m.Tick(), *l.past}, err
}

// scratch has the moments at which two runs were equal, and their pages. None of it is committed:
// it goes with the search.
type scratch struct {
	own   *dirstore.Store
	bases []snapshot.Getter // stores in which the runs begin
}

// Get implements snapshot.Getter.
func (s *scratch) Get(h snapshot.Hash) ([]byte, error) {
	p, err := s.own.Get(h)
	for _, b := range s.bases {
		if !errors.Is(err, snapshot.ErrNotFound) {
			break
		}
		p, err = b.Get(h)
	}
	return p, err
}

// thawIn returns the machine of a point in store, over files as h has them, which knows of the
// host's what back does.
func thawIn(store snapshot.Getter, p *point, h *record.Header, back []vfs.FileSystem, cfg machine.Config) (*machine.Machine, error) {
	f, err := resumedFiles(h, "", true, lowers{back, true})
	if err != nil {
		return nil, err
	}
	cfg.NS, cfg.Clock, cfg.Standard = f.ns, &f.clock, h.Standard
	frozen, err := checkpoint.Open(store, p.manifest)
	if err != nil {
		return nil, err
	}
	return machine.Thaw(cfg, frozen)
}

// openRecordings makes the lanes of two recordings.
func (s *search) openRecordings(a, b string) error {
	for i, path := range []string{a, b} {
		r, closeFile, err := openRecording(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		s.closers = append(s.closers, closeFile)
		l := &s.lanes[i]
		l.name = path
		if l.tape, err = readTape(&replayed{Reader: r}); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		l.start = func(cfg machine.Config) (*machine.Machine, error) { return bootRecording(path, r, cfg) }
		l.thaw = func(p *point, cfg machine.Config) (*machine.Machine, error) {
			back, err := thawTrees(r)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return thawIn(&s.store, p, &r.Header, back, cfg)
		}
	}
	return nil
}

// bootRecording returns the machine of a recording where it begins.
func bootRecording(path string, r *record.Reader, cfg machine.Config) (*machine.Machine, error) {
	files, err := replayFiles(path, r)
	if err != nil {
		return nil, err
	}
	full := beginning(&r.Header, files)
	full.Replay, full.Between, full.Watch = cfg.Replay, cfg.Between, cfg.Watch
	if err := findProgram(&full.Start, files); err != nil {
		return nil, err
	}
	return machine.Boot(full)
}

// lineage is a checkpoint with those before it that are still there, the newest first.
type lineage struct {
	store store
	list  []snapshot.Checkpoint
}

// openLineage opens the checkpoint that arg means: STORE:CHECKPOINT, or one of the store that
// the flags name.
func (s *search) openLineage(c *cli.Context, arg string) (*lineage, error) {
	ref := arg
	var store store
	var err error
	if i := strings.LastIndex(arg, ":"); i >= 0 {
		ref = arg[i+1:]
		store, err = openThere(arg[:i])
	} else {
		store, _, err = openStore(c)
	}
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, store.Close)
	s.store.bases = append(s.store.bases, store)
	k, err := findCheckpoint(store, ref)
	if err != nil {
		return nil, err
	}
	l := &lineage{store, []snapshot.Checkpoint{k}}
	for !k.Parent.IsZero() {
		m, err := store.Manifest(k.Parent)
		if errors.Is(err, snapshot.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		k = snapshot.Checkpoint{ID: k.Parent, Manifest: m}
		l.list = append(l.list, k)
	}
	return l, nil
}

// openCheckpoints makes the lanes of two checkpoints, from the newest pair before them with the
// same state.
func (s *search) openCheckpoints(c *cli.Context, a, b string) error {
	x, err := s.openLineage(c, a)
	if err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	y, err := s.openLineage(c, b)
	if err != nil {
		return fmt.Errorf("%s: %w", b, err)
	}
	i, j, ok := common(x.list, y.list)
	if !ok {
		return fmt.Errorf("no checkpoints before %s and %s have the same state: keep more of them (--keep), or bisect two recordings", a, b)
	}
	for n, l := range []struct {
		*lineage
		from int
	}{{x, i}, {y, j}} {
		if err := s.openRun(&s.lanes[n], l.lineage, l.from); err != nil {
			return err
		}
	}
	return nil
}

// common returns where two lineages part: the newest checkpoint that is in both, else the newest pair
// with the same state that has others behind it, for at their ends runs become the same again.
func common(x, y []snapshot.Checkpoint) (i, j int, ok bool) {
	ids, states := map[snapshot.Hash]int{}, map[snapshot.Hash]int{}
	for j := len(y) - 1; j >= 0; j-- {
		ids[y[j].ID], states[y[j].State()] = j, j
	}
	for i := range x {
		if j, ok := ids[x[i].ID]; ok {
			return i, j, true
		}
	}
	for i := range x {
		if j, ok := states[x[i].State()]; ok && i > 0 && j > 0 {
			return i, j, true
		}
	}
	j, ok = states[x[0].State()]
	return 0, j, ok
}

// openRun makes the lane of the run from the checkpoint number from of a lineage to the first.
func (s *search) openRun(l *lane, x *lineage, from int) error {
	base, last := x.list[from], x.list[0]
	l.name = name(last.Manifest)
	end, err := thawStill(x.store, last)
	if err != nil {
		return err
	}
	replay := new(checkpoint.Replay)
	for i := from - 1; i >= 0; i-- {
		r, err := checkpoint.Inputs(x.store, x.list[i].Manifest)
		if err != nil {
			return fmt.Errorf("%s: %w", name(x.list[i].Manifest), err)
		}
		replay.Then(r)
	}
	replay.EndAt(end.Machine)
	if l.tape, err = readTape(replay); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	h, err := readHeader(x.store, base)
	if err != nil {
		return err
	}
	l.start = func(cfg machine.Config) (*machine.Machine, error) {
		return thawIn(x.store, &point{manifest: base.Manifest}, h, end.seen(), cfg)
	}
	l.thaw = func(p *point, cfg machine.Config) (*machine.Machine, error) {
		return thawIn(&s.store, p, h, end.seen(), cfg)
	}
	return nil
}
