package freezetest

import (
	"errors"
	"testing"

	"emurun/machine"
)

// Frozen runs p for some steps, freezes it and calls do with the result, while its machine is there.
func Frozen(t testing.TB, p Program, steps uint64, do func(*machine.Frozen)) {
	t.Helper()
	r := &run{t: t, p: &p, world: World{In: []byte(p.In)}}
	defer r.closeAll()
	m, err := r.boot(&pause{at: steps})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Run(); !errors.Is(err, errPause) {
		t.Fatalf("%s ended before step %d: %v", p.Argv, steps, err)
	}
	f, err := m.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release(false)
	do(f)
}

// Damaged thaws f, which may be anything, and if that gives no error freezes what came of it and runs it for
// some steps. None of that may panic or hang.
func Damaged(t testing.TB, p Program, f *machine.Frozen, steps uint64) error {
	t.Helper()
	r := &run{t: t, p: &p, world: World{In: []byte(p.In)}}
	defer r.closeAll()
	c := r.config(&pause{at: f.Step + steps})
	c.MaxSteps = f.Step + 2*steps
	m, err := machine.Thaw(c, f)
	if err != nil {
		return err
	}
	g, err := m.Freeze()
	if err != nil {
		return err
	}
	g.Release(false)
	if _, err = m.Run(); errors.Is(err, errPause) {
		err = nil
	}
	return err
}
