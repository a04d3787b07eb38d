package sim

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// options of a seed: small worlds find most.
func options(seed uint64) Options {
	return Options{Seed: seed, Workers: 2 + int(seed%3), Jobs: 1 + int(seed/3%4), Length: 120 * time.Second}
}

// seeds is how many seeds are tried: SIM_SEEDS, or 2,000.
func seeds() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("SIM_SEEDS"), 10, 64); err == nil {
		return n
	}
	if testing.Short() {
		return 200
	}
	return 2000
}

// try simulates seeds until one goes wrong, and returns that.
func try(n uint64) (events int64, first error) {
	var next, total atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				seed := uint64(next.Add(1))
				mu.Lock()
				done := seed > n || first != nil
				mu.Unlock()
				if done {
					return
				}
				count, err := Run(options(seed))
				total.Add(int64(count))
				if err != nil {
					mu.Lock()
					first = err
					mu.Unlock()
				}
			}
		}()
	}
	wg.Wait()
	return total.Load(), first
}

func TestSeeds(t *testing.T) {
	events, err := try(seeds())
	if err != nil {
		t.Fatalf("%v\nrun it alone: go test ./server/core/sim -run TestOne -v with SIM_SEED", err)
	}
	t.Logf("%d seeds, %d events", seeds(), events)
}

// TestOne runs the seed SIM_SEED and tells what happens.
func TestOne(t *testing.T) {
	seed, err := strconv.ParseUint(os.Getenv("SIM_SEED"), 10, 64)
	if err != nil {
		t.Skip("SIM_SEED names no seed")
	}
	o := options(seed)
	o.Trace = t.Logf
	if _, err := Run(o); err != nil {
		t.Fatal(err)
	}
}

// TestSame: a seed is the same run each time.
func TestSame(t *testing.T) {
	for seed := range uint64(20) {
		a, errA := Run(options(seed))
		b, errB := Run(options(seed))
		if a != b || (errA == nil) != (errB == nil) {
			t.Errorf("seed %d: %d and %d events, errors %v and %v", seed, a, b, errA, errB)
		}
	}
}
