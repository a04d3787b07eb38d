package syscalls

import (
	"errors"
	"math/rand/v2"
	"testing"

	"emurun/abi"
	"emurun/emu/mem"
)

// memNumbers are the calls that FuzzMemoryCalls makes.
var memNumbers = []uint64{
	abi.SYS_mmap, abi.SYS_mmap, abi.SYS_munmap, abi.SYS_mprotect, abi.SYS_mremap, abi.SYS_brk, abi.SYS_madvise,
	abi.SYS_mincore, abi.SYS_msync, abi.SYS_mlock, abi.SYS_munlock, abi.SYS_mlock2, abi.SYS_mlockall, abi.SYS_munlockall,
}

// nasty returns an argument: an address, a length, flags, or one of the values where
// arithmetic goes wrong.
func nasty(r *rand.Rand) uint64 {
	switch r.IntN(8) {
	case 0:
		return uint64(r.IntN(16))
	case 1:
		return 0x10000000 + uint64(r.IntN(64))<<mem.PageShift
	case 2:
		return uint64(1+r.IntN(64)) << mem.PageShift
	case 3:
		return uint64(1) << r.IntN(64)
	case 4:
		return ^uint64(0) - uint64(r.IntN(3))<<mem.PageShift
	case 5:
		return mem.Limit - uint64(r.IntN(4))<<mem.PageShift
	case 6:
		return uint64(r.IntN(8)) | private
	}
	return r.Uint64()
}

// memArgs returns arguments for a memory call: mostly plausible ones, so that
// calls succeed, with a nasty one now and then.
func memArgs(r *rand.Rand, nr uint64) Args {
	addr := func() uint64 { return 0x10000000 + uint64(r.IntN(64))<<mem.PageShift }
	size := func() uint64 { return uint64(1+r.IntN(16)) << mem.PageShift }
	a := Args{addr(), size()}
	switch nr {
	case abi.SYS_mmap:
		kinds := []uint64{private, private, abi.MAP_SHARED | abi.MAP_ANONYMOUS, private | abi.MAP_GROWSDOWN, private | abi.MAP_POPULATE}
		a[2], a[3], a[4] = uint64(r.IntN(8)), kinds[r.IntN(len(kinds))]|uint64(r.IntN(2))*abi.MAP_FIXED, minusOne
	case abi.SYS_mprotect:
		a[2] = uint64(r.IntN(8))
	case abi.SYS_mremap:
		a[2], a[3], a[4] = size(), uint64(r.IntN(8)), addr()
		if r.IntN(8) == 0 {
			a[1] = 0
		}
	case abi.SYS_brk:
		a[0] = 0x500000 + uint64(r.IntN(1<<20))
	case abi.SYS_madvise:
		a[2] = uint64(r.IntN(26))
	case abi.SYS_mincore:
		a[2] = addr()
	case abi.SYS_msync, abi.SYS_mlock2, abi.SYS_mlockall:
		a[2] = uint64(r.IntN(8))
	}
	if r.IntN(3) == 0 {
		a[r.IntN(len(a))] = nasty(r)
	}
	return a
}

// hammer makes random memory calls on one thread and checks that each ends in a result or
// an errno and leaves an address space in which nothing overlaps.
func hammer(t *testing.T, seed uint64, calls int) {
	r := rand.New(rand.NewPCG(seed, 2))
	th := memThread()
	pool := th.Mem().Pool()
	defer pool.Close()
	for range calls {
		nr := memNumbers[r.IntN(len(memNumbers))]
		a := memArgs(r, nr)
		_, err := Run(th, nr, a)
		var errno abi.Errno
		if err != nil && !errors.As(err, &errno) {
			t.Fatalf("seed %d: %s%v: %v", seed, Lookup(nr).Name, a, err)
		}
		end := uint64(0)
		for m := range th.Mem().Mappings() {
			if m.Start < end || m.Start >= m.End || m.End > mem.Limit {
				t.Fatalf("seed %d: after %s%#x: mapping %#x-%#x", seed, Lookup(nr).Name, a, m.Start, m.End)
			}
			end = m.End
		}
		_ = th.Mem().PutUint64(memArgs(r, 0)[0]+uint64(r.IntN(mem.PageSize)), 1)
		_, _ = th.Mem().Uint64(nasty(r))
		if r.IntN(50) == 0 {
			c := th.Mem().Fork()
			c.Release()
		}
	}
	if th.Mem().Release(); pool.Used() != 0 {
		t.Errorf("seed %d: %d bytes leak", seed, pool.Used())
	}
}

func TestMemoryCallsHammer(t *testing.T) {
	for seed := range uint64(200) {
		hammer(t, seed, 300)
	}
}

// FuzzMemoryCalls hammers from any seed.
func FuzzMemoryCalls(f *testing.F) {
	f.Add(uint64(77))
	f.Fuzz(func(t *testing.T, seed uint64) { hammer(t, seed, 100) })
}
