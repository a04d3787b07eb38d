package freezetest

import (
	stdcmp "cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/checkpoint"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/snapshot/wire"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/capture"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// Program is what is run.
type Program struct {
	Argv   []string
	Env    []string
	Dir    string // working directory; default /
	In     string // standard input
	Root   string // default /
	Memory uint64 // default 1 GiB
	// Files are paths below which the guest's files are compared at the end.
	Files []string
}

// Outcome is how a run ended.
type Outcome struct {
	Status   int32
	Steps    uint64
	Out, Err string
	State    string            // hash of the final state
	Sections map[string]string // its parts
	Graph    []byte            // its objects
}

// Plan says where a run is frozen: it returns the next step after now, 0 for never again.
type Plan func(now uint64) uint64

// Never leaves a run alone.
func Never(uint64) uint64 { return 0 }

// Each freezes every n steps.
func Each(n uint64) Plan { return func(now uint64) uint64 { return now + n } }

// Random freezes about n times at random steps of a run that is steps long.
func Random(seed, steps, n uint64) Plan {
	rng := rand.New(rand.NewPCG(seed, steps))
	return func(now uint64) uint64 { return now + 1 + rng.Uint64N(2*max(steps/n, 1)) }
}

// errPause stops a machine where it is to be frozen.
var errPause = errors.New("pause")

// pause is a machine.Between that stops the machine.
type pause struct{ at uint64 }

func (p *pause) Until() uint64 { return p.at }
func (p *pause) Between(m *machine.Machine) error {
	if p.at != 0 && m.Kernel.Steps() >= p.at {
		return errPause
	}
	return nil
}

// run is one program on its way through several machines.
type run struct {
	t     testing.TB
	p     *Program
	world World
	store *dirstore.Store
	count int
	close []func()
}

// Run runs p, is frozen at the steps of plan, thaws in a fresh machine each time, and returns how it
// ended and how often it was frozen. How it behaves in a pause is compared too: what
// thaws freezes to the same bytes.
func Run(t testing.TB, p Program, plan Plan) (Outcome, int) {
	t.Helper()
	r := &run{t: t, p: &p, world: World{In: []byte(p.In)}}
	defer r.closeAll()
	store, err := dirstore.Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	r.store = store
	r.close = append(r.close, func() { store.Close() })
	stop := &pause{at: plan(0)}
	m, err := r.boot(stop)
	if err != nil {
		t.Fatalf("%s: %v", p.Argv, err)
	}
	for {
		result, err := m.Run()
		if !errors.Is(err, errPause) {
			return r.ended(m, result, err), r.count
		}
		r.count++
		stop = &pause{at: plan(m.Kernel.Steps())}
		m = r.again(m, stop)
	}
}

func (r *run) closeAll() {
	for i := len(r.close) - 1; i >= 0; i-- {
		r.close[i]()
	}
}

// trees are the folders of the host that runs have seen, by path. They belong to the process: what one
// run was told of the host another is told too, though somebody changes it meanwhile.
var trees = map[string]*capture.FS{}

// hostTree returns a folder of the host as the first run saw it.
func hostTree(root string) (*capture.FS, error) {
	if t := trees[root]; t != nil {
		return t, nil
	}
	lower, err := hostfs.Open(root, 0x801)
	if err != nil {
		return nil, err
	}
	trees[root] = capture.New(lower, capture.Options{})
	return trees[root], nil
}

// config is what every machine of the run has.
func (r *run) config(stop machine.Between) machine.Config {
	root := r.p.Root
	if root == "" {
		root = "/"
	}
	lower, err := hostTree(root)
	if err != nil {
		r.t.Fatal(err)
	}
	clock := new(machine.Clock)
	fs := overlay.New(overlay.Options{Lower: capture.New(lower, capture.Options{}), Dev: 0x801, Clock: clock.Now})
	return machine.Config{
		Seed: 1, EpochNs: 1e18, Memory: stdcmp.Or(r.p.Memory, 1<<30), MaxSteps: 20e9, NS: vfs.NewNamespace(fs, "/dev/root", "ext4", 0), Clock: clock,
		Standard: r.world.Standard(), Outside: &r.world, Between: stop,
	}
}

func (r *run) boot(stop machine.Between) (*machine.Machine, error) {
	c := r.config(stop)
	dir := r.p.Dir
	if dir == "" {
		dir = "/"
	}
	ctx := &vfs.Context{NS: c.NS, Root: c.NS.Root(), Cwd: c.NS.Root()}
	path, err := machine.FindProgram(ctx, r.p.Argv[0], machine.DefaultPath)
	if err != nil {
		return nil, err
	}
	env := append([]string{"PATH=" + machine.DefaultPath, "HOME=/root", "LC_ALL=C"}, r.p.Env...)
	c.Start = kernel.BootArgs{Path: path, Argv: r.p.Argv, Envp: env, Cwd: dir, Umask: 0o022, Cred: kernel.NewCred(0, 0, nil)}
	return machine.Boot(c)
}

// again freezes m, stores it, and returns a fresh machine that goes on.
func (r *run) again(m *machine.Machine, stop machine.Between) *machine.Machine {
	r.t.Helper()
	before, f := r.store1(m)
	f.Release(true)
	thawed, err := checkpoint.Open(r.store, before)
	if err != nil {
		r.t.Fatal(err)
	}
	next, err := machine.Thaw(r.config(stop), thawed)
	if err != nil {
		r.t.Fatalf("step %d: %v", before.Step, err)
	}
	g, err := next.Freeze()
	if err != nil {
		r.t.Fatalf("step %d, freezing what has thawed: %v", before.Step, err)
	}
	after, err := checkpoint.State(g, r.store)
	g.Release(false)
	if err != nil {
		r.t.Fatal(err)
	}
	if before.State() != after.State() {
		r.t.Fatalf("step %d: thawed and frozen again it is another machine (-before +after)\n%s%s",
			before.Step, cmp.Diff(parts(before), parts(after)), firstDifference(f.Graph.Encoding, g.Graph.Encoding))
	}
	return next
}

// store1 freezes m and stores it.
func (r *run) store1(m *machine.Machine) (*snapshot.Manifest, *machine.Frozen) {
	r.t.Helper()
	f, err := m.Freeze()
	if err != nil {
		r.t.Fatalf("step %d: %v", m.Kernel.Steps(), err)
	}
	x, err := checkpoint.Store(f, r.store)
	if err != nil {
		r.t.Fatalf("step %d: %v", m.Kernel.Steps(), err)
	}
	return x, f
}

// ended tells how the run ended.
func (r *run) ended(m *machine.Machine, result machine.Result, err error) Outcome {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s, step %d: %v\n%s", r.p.Argv, m.Kernel.Steps(), err, &r.world.Out[1])
	}
	f, err := m.Freeze()
	if err != nil {
		r.t.Fatalf("the end, step %d: %v", m.Kernel.Steps(), err)
	}
	defer f.Release(false)
	x, err := checkpoint.State(f, r.store)
	if err != nil {
		r.t.Fatal(err)
	}
	return Outcome{
		Status: result.Status, Steps: result.Steps, Out: r.world.Out[0].String(), Err: r.world.Out[1].String(),
		State: x.State().String(), Sections: parts(x), Graph: f.Graph.Encoding,
	}
}

// parts are the roots of the sections of m.
func parts(m *snapshot.Manifest) map[string]string {
	p := map[string]string{}
	for _, s := range m.Sections {
		p[s.Name] = fmt.Sprintf("%d %v", s.Size, s.Root)
	}
	return p
}

// Diff compares two outcomes; empty if they are the same.
func Diff(want, got Outcome) string {
	a, b := want.Graph, got.Graph
	want.Graph, got.Graph = nil, nil
	d := cmp.Diff(want, got)
	if string(a) != string(b) {
		d += firstDifference(a, b)
	}
	return d
}

// firstDifference says where two graphs differ.
func firstDifference(a, b []byte) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			lo, hi := max(i-32, 0), i+32
			return fmt.Sprintf("the graphs have %d and %d bytes and differ first at %#x, in %s and %s:\n% x\n% x\n%q",
				len(a), len(b), i, wire.Locate(a, i), wire.Locate(b, i), a[lo:min(hi, len(a))], b[lo:min(hi, len(b))], a[lo:min(hi, len(a))])
		}
	}
	return fmt.Sprintf("the graphs have %d and %d bytes", len(a), len(b))
}

// With makes a machine of p, with between its turns, and calls do with it. make, if given, makes the machine
// instead of booting it.
func With(t testing.TB, p Program, between machine.Between, do func(*machine.Machine), make ...func(machine.Config) (*machine.Machine, error)) {
	t.Helper()
	r := &run{t: t, p: &p}
	defer r.closeAll()
	var m *machine.Machine
	var err error
	if len(make) > 0 {
		m, err = make[0](r.config(between))
	} else {
		m, err = r.boot(between)
	}
	if err != nil {
		t.Fatal(err)
	}
	do(m)
}

// Thaw goes on with p from a checkpoint in a store that was written earlier, to its end. p says
// what is left of the input; what it has printed before is not in the outcome.
func Thaw(t testing.TB, p Program, store *dirstore.Store, k snapshot.Checkpoint) Outcome {
	t.Helper()
	r := &run{t: t, p: &p, world: World{In: []byte(p.In)}, store: store}
	defer r.closeAll()
	f, err := checkpoint.Open(store, k.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	m, err := machine.Thaw(r.config(nil), f)
	if err != nil {
		t.Fatal(err)
	}
	m.Kernel.SetThawed(k.Seq, k.Label)
	result, err := m.Run()
	return r.ended(m, result, err)
}

// Store runs p to its end, with the checkpoints that it asks for stored in store.
func Store(t testing.TB, p Program, store *dirstore.Store) Outcome {
	t.Helper()
	r := &run{t: t, p: &p, world: World{In: []byte(p.In)}, store: store}
	defer r.closeAll()
	c := checkpoint.New(checkpoint.Config{Store: store, Job: "fixture", Keep: 1, Report: func(d checkpoint.Done) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
	}}, 0)
	m, err := r.boot(c)
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.Run()
	c.Close()
	return r.ended(m, result, err)
}
