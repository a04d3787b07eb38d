package checkpoint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"emurun/checkpoint"
	"emurun/checkpoint/freezetest"
	"emurun/machine"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

// mib is the size of the guest of the benchmarks in MiB: RESIDENT, or 1024.
func mib() int {
	if n, err := strconv.Atoi(os.Getenv("RESIDENT")); err == nil {
		return n
	}
	return 1024
}

// resident runs the guest that fills memory, and returns the checkpoints that it asked for, and the store.
func resident(b *testing.B, n int) (map[string]checkpoint.Done, string) {
	b.Helper()
	bin, err := filepath.Abs("../testbins/bin/bench/resident")
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(b.TempDir(), "store")
	store, err := dirstore.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	done := map[string]checkpoint.Done{}
	run := checkpoint.New(checkpoint.Config{Store: store, Job: "resident", Report: func(d checkpoint.Done) {
		if d.Err != nil {
			b.Fatal(d.Err)
		}
		done[d.Manifest.Label] = d
	}}, 0)
	freezetest.With(b, freezetest.Program{Argv: []string{bin, fmt.Sprint(n)}, Memory: 4 << 30}, run, func(m *machine.Machine) {
		if _, err := m.Run(); err != nil {
			b.Fatal(err)
		}
		run.Close()
	})
	return done, dir
}

// BenchmarkCheckpoint measures checkpoints of a large guest: how long it stands still, and how fast its pages
// are stored behind it.
func BenchmarkCheckpoint(b *testing.B) {
	n := mib()
	for range b.N {
		done, _ := resident(b, n)
		full := done["full"]
		b.ReportMetric(float64(n)/full.Took.Seconds(), "MiB/s-full")
		b.ReportMetric(ms(full.Pause), "ms-pause-full")
		b.ReportMetric(ms(done["one"].Pause), "ms-pause-1%")
		b.ReportMetric(ms(done["one"].Took), "ms-store-1%")
		b.ReportMetric(ms(done["mib64"].Took), "ms-store-64MiB")
		b.ReportMetric(ms(done["none"].Took), "ms-store-nothing")
	}
	b.ReportMetric(0, "ns/op")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkThaw measures how long a large guest takes from the store to its first instruction, and to
// its end.
func BenchmarkThaw(b *testing.B) {
	n := mib()
	_, dir := resident(b, n)
	b.ResetTimer()
	for range b.N {
		start := time.Now()
		store, err := dirstore.Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		k, err := snapshot.Find(store, "full")
		if err != nil {
			b.Fatal(err)
		}
		stop := &onestep{at: k.Step + 1}
		freezetest.With(b, freezetest.Program{}, stop, func(*machine.Machine) {}, func(c machine.Config) (*machine.Machine, error) {
			f, err := checkpoint.Open(store, k.Manifest)
			if err != nil {
				return nil, err
			}
			m, err := machine.Thaw(c, f)
			if err != nil {
				return nil, err
			}
			if _, err = m.Run(); err == errStep {
				err = nil
			}
			b.ReportMetric(ms(time.Since(start)), "ms-to-first-instruction")
			return m, err
		})
		store.Close()
	}
	b.ReportMetric(0, "ns/op")
}

// onestep stops a machine at a step.
type onestep struct{ at uint64 }

var errStep = fmt.Errorf("here")

func (s *onestep) Until() uint64 { return s.at }
func (s *onestep) Between(m *machine.Machine) error {
	if m.Kernel.Steps() >= s.at {
		return errStep
	}
	return nil
}
