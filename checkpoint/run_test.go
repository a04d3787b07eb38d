package checkpoint_test

import (
	"path/filepath"
	"testing"

	"emurun/checkpoint"
	"emurun/checkpoint/freezetest"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

// TestRun stores checkpoints behind guests that go on, and they end as if nothing had
// happened. What is kept can be read and is one line.
func TestRun(t *testing.T) {
	bin, err := filepath.Abs("../testbins/bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []string{"threads", "files", "mappings", "pipes", "fork"} {
		t.Run(g, func(t *testing.T) {
			p := freezetest.Program{Argv: []string{filepath.Join(bin, g)}, Dir: bin}
			want, _ := freezetest.Run(t, p, freezetest.Never)
			store, err := dirstore.Open(filepath.Join(t.TempDir(), "store"))
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			var done []checkpoint.Done
			run := checkpoint.New(checkpoint.Config{
				Store: store, Job: g, Keep: 2, Every: checkpoint.Every{Steps: 5003},
				Report: func(d checkpoint.Done) { done = append(done, d) },
			}, 0)
			freezetest.With(t, p, run, func(m *machine.Machine) {
				if _, err := m.Run(); err != nil {
					t.Fatal(err)
				}
				if err := run.Last(m); err != nil {
					t.Fatal(err)
				}
			})
			last := done[len(done)-1]
			if got := last.Manifest.State().String(); got != want.State {
				t.Errorf("it ends in the state %s after %d checkpoints, and left alone in %s", got, len(done), want.State)
			}
			report, err := store.Verify()
			if err != nil || len(report.Damage) > 0 || len(report.Good) != 2 {
				t.Errorf("%d checkpoints are good, damage %v, error %v", len(report.Good), report.Damage, err)
			}
			if report.Good[0].ID != last.ID || report.Good[0].Parent != report.Good[1].ID {
				t.Error("the newest two are no line")
			}
			for i, d := range done {
				if d.Err != nil || d.Manifest.Seq != uint64(i+1) || i > 0 && d.Manifest.Parent != done[i-1].ID {
					t.Errorf("checkpoint %d of %d: number %d, error %v", i+1, len(done), d.Manifest.Seq, d.Err)
				}
			}
		})
	}
}

// TestRequest: a request is fulfilled between two turns, and may end the run.
func TestRequest(t *testing.T) {
	bin, err := filepath.Abs("../testbins/bin/loop")
	if err != nil {
		t.Fatal(err)
	}
	store, err := dirstore.Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	run := checkpoint.New(checkpoint.Config{Store: store, Job: "loop", Every: checkpoint.Every{Steps: 1_000_003}}, 0)
	var got checkpoint.Done
	run.Request(checkpoint.Request{Label: "here", Stop: true, Done: func(d checkpoint.Done) { got = d }})
	freezetest.With(t, freezetest.Program{Argv: []string{bin}}, run, func(m *machine.Machine) {
		if _, err := m.Run(); err != checkpoint.ErrStopped {
			t.Errorf("the run ends with %v", err)
		}
		run.Close()
	})
	k, err := snapshot.Find(store, "here")
	if err != nil || k.ID != got.ID || got.Err != nil || k.Job != "loop" {
		t.Errorf("the checkpoint is %+v, the answer %+v, error %v", k, got, err)
	}
}
