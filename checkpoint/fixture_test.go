package checkpoint_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"emurun/checkpoint"
	"emurun/checkpoint/freezetest"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

var update = flag.Bool("update", false, "write the fixture of the present version")

// fixtureVersion is the version of the section of the kernel's objects. Its fixture is
// testdata/vN: a store with one checkpoint, and how the run ended from there.
const fixtureVersion = machine.SectionVersion

// fixtureEnd is how the run of a fixture ended after its checkpoint.
type fixtureEnd struct {
	Status int32
	Steps  uint64
	Out    string // behind the checkpoint
	State  string // the hash of the final state, as the version of the fixture has it
}

// guestRoot returns a root that has nothing but a guest of testbins in /bin, or all, and the
// usual folders.
func guestRoot(t *testing.T, guest string) string {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"bin", "tmp", "proc", "dev", "sys"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	guests, err := filepath.Glob("../testbins/bin/" + cmp.Or(guest, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range guests {
		if fi, err := os.Stat(path); err != nil || fi.IsDir() {
			continue
		}
		p, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, "bin", filepath.Base(path)), p, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// writeFixture writes the fixture of the present version: of a guest that is in the middle of
// everything.
func writeFixture(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	store, err := dirstore.Open(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	o := freezetest.Store(t, freezetest.Program{Argv: []string{"/bin/frozen"}, Root: guestRoot(t, "frozen")}, store)
	store.Close()
	for _, own := range []string{"lock", "tmp"} {
		if err := os.RemoveAll(filepath.Join(dir, "store", own)); err != nil { // they are made when they miss
			t.Fatal(err)
		}
	}
	p, _ := json.MarshalIndent(fixtureEnd{o.Status, o.Steps, o.Out, o.State}, "", "  ") // strings and numbers always encode
	if err := os.WriteFile(filepath.Join(dir, "end.json"), append(p, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// openFixture opens a copy of a fixture's store, in which a lock may be made.
func openFixture(t *testing.T, dir string) (*dirstore.Store, snapshot.Checkpoint) {
	t.Helper()
	own := filepath.Join(t.TempDir(), "store")
	if err := os.CopyFS(own, os.DirFS(filepath.Join(dir, "store"))); err != nil {
		t.Fatal(err)
	}
	store, err := dirstore.Open(own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	k, err := snapshot.Find(store, "fixture")
	if err != nil {
		t.Fatal(err)
	}
	return store, k
}

// TestFixtures thaws a checkpoint of each version, checked in, and runs it to its end. The guest
// has threads in calls that block, bytes in pipes and sockets, timers, pending signals, an
// epoll set, a file without a name, mappings. Nothing but the store is needed.
func TestFixtures(t *testing.T) {
	if *update {
		writeFixture(t, filepath.Join("testdata", fmt.Sprint("v", fixtureVersion)))
	}
	for v := 1; v <= fixtureVersion; v++ {
		dir := filepath.Join("testdata", fmt.Sprint("v", v))
		t.Run(fmt.Sprint("v", v), func(t *testing.T) {
			p, err := os.ReadFile(filepath.Join(dir, "end.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want fixtureEnd
			if err := json.Unmarshal(p, &want); err != nil {
				t.Fatal(err)
			}
			store, k := openFixture(t, dir)
			o := freezetest.Thaw(t, freezetest.Program{Root: t.TempDir()}, store, k)
			got := fixtureEnd{o.Status, o.Steps, o.Out, o.State}
			if v < fixtureVersion {
				got.State = want.State // its encoding has changed, what the guest sees has not
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("the checkpoint goes on otherwise than when it was written (-then +now):\n%s", diff)
			}
		})
	}
}

// TestUnknownVersions: what a newer emurun may write is refused with a sentence that says what to
// do.
func TestUnknownVersions(t *testing.T) {
	store, k := openFixture(t, filepath.Join("testdata", fmt.Sprint("v", fixtureVersion)))
	// changed returns the manifest with the version of a section changed.
	changed := func(prefix string) *snapshot.Manifest {
		m := *k.Manifest
		m.Sections = append([]snapshot.Section{}, m.Sections...)
		for i := range m.Sections {
			if strings.HasPrefix(m.Sections[i].Name, prefix) {
				m.Sections[i].Version = 99
				return &m
			}
		}
		t.Fatalf("no section %s", prefix)
		return nil
	}
	thaw := func(m *snapshot.Manifest) error {
		f, err := checkpoint.Open(store, m)
		if err != nil {
			return err
		}
		var failed error
		freezetest.With(t, freezetest.Program{Root: t.TempDir()}, nil, func(*machine.Machine) {}, func(c machine.Config) (*machine.Machine, error) {
			_, failed = machine.Thaw(c, f)
			return nil, nil
		})
		return failed
	}
	for name, try := range map[string]func() error{
		"the objects":  func() error { return thaw(changed(machine.Section)) },
		"memory":       func() error { return thaw(changed("mem")) },
		"a kind":       func() error { return thaw(otherKind(t, store, k.Manifest)) },
		"the inputs":   func() error { _, err := checkpoint.Inputs(store, changed(checkpoint.InputsSection)); return err },
		"the manifest": func() error { return otherManifest(t, k.Manifest) },
	} {
		t.Run(name, func(t *testing.T) {
			err := try()
			if err == nil || !strings.Contains(err.Error(), "use the emurun that wrote it, or a newer one") {
				t.Errorf("error %v", err)
			}
			if name != "a kind" && !errors.Is(err, snapshot.ErrVersion) {
				t.Errorf("%v is not ErrVersion", err)
			}
		})
	}
}

// otherKind returns a checkpoint that has objects of a kind that is not known.
func otherKind(t *testing.T, store snapshot.Store, m *snapshot.Manifest) *snapshot.Manifest {
	t.Helper()
	s, err := m.Section(machine.Section)
	if err != nil {
		t.Fatal(err)
	}
	p, err := snapshot.GetSection(store, s, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	known := "kernel.Thread"
	if !strings.Contains(string(p), known) {
		t.Fatalf("no %s in the graph", known)
	}
	p = []byte(strings.Replace(string(p), known, "kernel.Xhread", 1))
	s, err = snapshot.PutSection(store, machine.Section, machine.SectionVersion, p)
	if err != nil {
		t.Fatal(err)
	}
	other := *m
	other.Sections = append([]snapshot.Section{}, m.Sections...)
	for i := range other.Sections {
		if other.Sections[i].Name == machine.Section {
			other.Sections[i] = s
		}
	}
	return &other
}

// otherManifest reads a manifest of a version that is not known.
func otherManifest(t *testing.T, m *snapshot.Manifest) error {
	t.Helper()
	p, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	version := strings.Index(string(p), string([]byte{snapshot.Version, 0, 0, 0}))
	p[version] = 99
	_, err = snapshot.DecodeManifest(p)
	return err
}
