package hostfiles

import (
	"fmt"
	"math/rand"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire"
	"emurun/snapshot/wire/wiretest"
	"emurun/vfs/capture"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// once returns x the first time, then nil.
func once[T any](x *T) func() *T {
	return func() *T {
		y := x
		x = nil
		return y
	}
}

// kinds are the objects of a guest's tree.
func (g *guest) kinds() *wire.Kinds {
	k := new(wire.Kinds)
	overlay.Kinds(k, once(g.upper))
	capture.Kinds(k, once(g.upper.Lower().(*capture.FS)))
	return k
}

// restart closes all that the guest has open, as if it had ended its programs.
func (g *guest) restart() {
	g.runner.Close()
	g.runner = vfstest.NewRunner(vfstest.Over(g.upper))
}

// world is a guest that is killed and resumed, beside one that nothing happens to.
type world struct {
	t       *testing.T
	r       *rand.Rand
	dir     string
	state   string
	store   wiretest.Pages
	taken   map[string]*wiretest.Snapshot // by name of checkpoint; with the time of the guest
	clocks  map[string]*guest
	parent  string
	control *guest
	guest   *guest
	files   *Files
	played  []played // by the guest since parent
	log     []string
}

type played struct {
	l   vfstest.Line
	got string
}

func (w *world) play(n int) {
	for range w.r.Intn(n) {
		l := vfstest.RandomLine(w.r)
		got := w.guest.runner.Run(&l)
		w.played = append(w.played, played{l, got})
		w.log = append(w.log, fmt.Sprintf("%s %v = %s", l.Op, l.Args, got))
	}
}

// follow plays to the control what the guest has done up to a checkpoint.
func (w *world) follow(done []played) {
	w.t.Helper()
	for _, p := range done {
		if want := w.control.runner.Run(&p.l); p.got != want {
			w.t.Fatalf("%v\n%s %v answers %s, want %s", w.log, p.l.Op, p.l.Args, p.got, want)
		}
	}
	w.control.restart()
}

func (w *world) fatal(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s: %v", w.log, what, err)
	}
}

// begin starts a process of the guest, from the checkpoint parent if there is one.
func (w *world) begin() {
	w.guest = newGuest(w.t, w.dir, true)
	w.files = &Files{State: w.state, Store: "/store", Job: "job", Trees: []Tree{{w.dir, w.guest.upper, w.guest.view}}}
	w.played = nil
	_, err := hostfs.Recover(w.state, func(o hostfs.Owner) (bool, error) { return w.taken[o.Name] != nil, nil })
	w.fatal("recover", err)
	if w.parent == "" {
		return
	}
	w.taken[w.parent].Thaw(w.t, w.guest.kinds())
	w.guest.now = w.clocks[w.parent].now
	w.guest.runner = vfstest.NewRunner(vfstest.Over(w.guest.upper))
	ok, at, err := w.files.Resumed(w.parent)
	w.fatal("resume", err)
	if !ok {
		w.t.Fatalf("%v\nthe host has %q, not %q", w.log, at, w.parent)
	}
	w.log = append(w.log, "resume "+w.parent)
	want := lines(w.control.upper) // both guests look at everything
	if d := cmp.Diff(want, lines(w.guest.upper)); d != "" {
		w.t.Fatalf("%v\nresumed (-control +guest)\n%s", w.log, d)
	}
	if d := cmp.Diff(want, onHost(w.t, w.dir)); d != "" {
		w.t.Fatalf("%v\nresumed (-control +host)\n%s", w.log, d)
	}
}

// checkpoint takes one and is killed somewhere on the way, or not.
func (w *world) checkpoint(name string) (killed bool) {
	w.guest.restart()
	done := w.played
	u, err := w.files.Take()
	w.fatal("take", err)
	clock := *w.guest
	frozen := w.store.Freeze(w.t, w.guest.kinds(), w.guest.upper)
	w.log = append(w.log, "checkpoint "+name)
	w.play(8)
	if w.r.Intn(6) == 0 {
		return true
	}
	w.fatal("prepare", u.Prepare(name))
	w.play(8)
	if w.r.Intn(6) == 0 {
		u.prepared.Leave()
		return true
	}
	w.follow(done)
	w.taken[name], w.clocks[name], w.parent = frozen, &clock, name
	w.played = w.played[len(done):]
	if w.r.Intn(6) == 0 {
		u.prepared.Leave()
		return true
	}
	w.fatal("apply", u.Apply())
	if w.r.Intn(6) == 0 {
		return true
	}
	w.play(8)
	u.Release(true)
	return false
}

// TestResume lets a guest perform random operations, with checkpoints, kills it anywhere and
// resumes it, and compares it with one that nothing happens to: every answer, the host's files
// at each resumption, and the frozen state at the end.
func TestResume(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the operations give files away: run as root")
	}
	defer hostfs.Quick()()
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { resumeRun(t, rand.New(rand.NewSource(seed))) })
		if t.Failed() {
			break
		}
	}
}

func resumeRun(t *testing.T, r *rand.Rand) {
	// A file of the host of which all names that were seen are gone, but not all it has, is
	// not known again by the others after a resumption.
	a, b := twins(t, r, false)
	w := &world{
		t: t, r: r, dir: a, state: t.TempDir(), control: newGuest(t, b, true),
		taken: map[string]*wiretest.Snapshot{}, clocks: map[string]*guest{},
	}
	w.begin()
	for i := range 6 {
		w.play(25)
		if w.checkpoint(fmt.Sprintf("%04d", i)) {
			w.log = append(w.log, "kill")
			w.begin()
		}
	}
	w.guest.restart()
	w.follow(w.played)
	if d := cmp.Diff(numbers("", w.control.upper.Root()), numbers("", w.guest.upper.Root())); d != "" {
		t.Fatalf("%v\ninode numbers (-control +guest)\n%s", w.log, d)
	}
	if d := cmp.Diff(vfstest.Tree(w.control.upper), vfstest.Tree(w.guest.upper)); d != "" {
		t.Fatalf("%v\n(-control +guest)\n%s", w.log, d)
	}
	want := w.store.Hash(t, w.control.kinds(), w.control.upper)
	got := w.store.Hash(t, w.guest.kinds(), w.guest.upper)
	if d := cmp.Diff(want.Encoding, got.Encoding); d != "" {
		t.Errorf("%v\nfrozen (-control +guest)\n%s", w.log, d)
	}
	if d := cmp.Diff(want.Roots, got.Roots); d != "" {
		t.Errorf("%v\ncontent (-control +guest)\n%s", w.log, d)
	}
}
