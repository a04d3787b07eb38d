package syscalls

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"emurun/abi"
	"emurun/emu/mem"
	"emurun/syscalls/kernel"
)

// memThread returns a thread with 16 MiB of machine memory and nothing mapped.
func memThread() *kernel.Thread {
	p := &kernel.Process{Mem: mem.NewSpace(mem.NewPool(16 << 20)), FDs: kernel.NewFDTable()}
	for i := range p.Limits {
		p.Limits[i] = abi.Rlimit{Cur: abi.RLIM_INFINITY, Max: abi.RLIM_INFINITY}
	}
	p.Limits[abi.RLIMIT_STACK].Cur = 8 << 20
	p.Mem.Layout.StartBrk, p.Mem.Layout.Brk = 0x500000, 0x500000
	return &kernel.Thread{Proc: p}
}

// memCall is a system call in a session, and what it must return: a value, or minus
// an abi.Errno.
type memCall struct {
	nr   int
	args Args
	want int64
}

const (
	rw       = abi.PROT_READ | abi.PROT_WRITE
	private  = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS
	fix      = private | abi.MAP_FIXED
	minusOne = ^uint64(0)
)

func e(errno abi.Errno) int64 { return -int64(errno) }

// A session is calls on one thread, in order.
var memSessions = map[string][]memCall{
	"mmap": {
		{abi.SYS_mmap, Args{0, 8192, rw, private, minusOne, 0}, 0x7ffff7ffd000},
		{abi.SYS_mmap, Args{0, 1, rw, private, minusOne, 0}, 0x7ffff7ffc000},
		{abi.SYS_mmap, Args{0x10000000, 4096, rw, private, minusOne, 0}, 0x10000000},
		{abi.SYS_mmap, Args{0x10000123, 4096, rw, private, minusOne, 0}, 0x7ffff7ffb000},
		{abi.SYS_mmap, Args{0x20000123, 4096, rw, private, minusOne, 0}, 0x20000000},
		{abi.SYS_mmap, Args{1, 4096, rw, private, minusOne, 0}, 0x7ffff7ffa000},
		{abi.SYS_mmap, Args{0x1001, 4096, rw, private, minusOne, 0}, 0x10000},
		{abi.SYS_mmap, Args{0, 0, rw, private, minusOne, 0}, e(abi.EINVAL)},
		{abi.SYS_mmap, Args{0, minusOne, rw, private, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_mmap, Args{0, 1 << 47, 0, private, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_mmap, Args{0, 4096, rw, private, minusOne, 1}, e(abi.EINVAL)},
		{abi.SYS_mmap, Args{0, 4096, rw, abi.MAP_ANONYMOUS, minusOne, 0}, e(abi.EINVAL)},
		{abi.SYS_mmap, Args{0, 4096, rw, abi.MAP_ANONYMOUS | abi.MAP_SHARED_VALIDATE, minusOne, 0}, e(abi.EINVAL)},
		{abi.SYS_mmap, Args{0, 4096, rw, abi.MAP_PRIVATE, 5, 0}, e(abi.EBADF)},
		{abi.SYS_mmap, Args{0, 4096, rw, private | abi.MAP_HUGETLB, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_mmap, Args{0x30000001, 4096, rw, fix, minusOne, 0}, e(abi.EINVAL)},
		{abi.SYS_mmap, Args{0x1000, 4096, rw, fix, minusOne, 0}, e(abi.EPERM)},
		{abi.SYS_mmap, Args{mem.Limit, 4096, rw, fix, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_mmap, Args{0x10000000, 4096, rw, private | abi.MAP_FIXED_NOREPLACE, minusOne, 0}, e(abi.EEXIST)},
		{abi.SYS_mmap, Args{0x10001000, 4096, rw, private | abi.MAP_FIXED_NOREPLACE, minusOne, 0}, 0x10001000},
		{abi.SYS_mmap, Args{0, 4096, rw, private | abi.MAP_32BIT, minusOne, 0}, 0x40000000},
		{abi.SYS_mmap, Args{0, 4096, rw, abi.MAP_SHARED | abi.MAP_ANONYMOUS | abi.MAP_GROWSDOWN, minusOne, 0}, e(abi.EINVAL)},
	},
	"memory is limited, reservations are not": {
		{abi.SYS_mmap, Args{0, 1 << 40, 0, private, minusOne, 0}, 0x7efff7fff000},
		{abi.SYS_mmap, Args{0, 1 << 40, rw, private | abi.MAP_NORESERVE, minusOne, 0}, 0x7dfff7fff000},
		{abi.SYS_mmap, Args{0, 32 << 20, rw, private, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_mmap, Args{0, 32 << 20, rw, abi.MAP_SHARED | abi.MAP_ANONYMOUS, minusOne, 0}, e(abi.ENOMEM)},
		{abi.SYS_brk, Args{0x500000 + 32<<20}, 0x500000},
		{abi.SYS_mprotect, Args{0x7efff7fff000, 32 << 20, rw}, e(abi.ENOMEM)},
		{abi.SYS_mprotect, Args{0x7efff7fff000, 1 << 20, rw}, 0},
	},
	"munmap": {
		{abi.SYS_mmap, Args{0x10000000, 0x3000, rw, fix, minusOne, 0}, 0x10000000},
		{abi.SYS_munmap, Args{0x10000001, 4096}, e(abi.EINVAL)},
		{abi.SYS_munmap, Args{0x10000000, 0}, e(abi.EINVAL)},
		{abi.SYS_munmap, Args{0x10000000, minusOne}, e(abi.EINVAL)},
		{abi.SYS_munmap, Args{0x10001000, 4096}, 0},
		{abi.SYS_munmap, Args{0x10001000, 4096}, 0},
		{abi.SYS_mincore, Args{0x10000000, 0x3000, 0x10000000}, e(abi.ENOMEM)},
	},
	"mprotect": {
		{abi.SYS_mmap, Args{0x10000000, 0x2000, rw, fix, minusOne, 0}, 0x10000000},
		{abi.SYS_mprotect, Args{0x10000001, 4096, rw}, e(abi.EINVAL)},
		{abi.SYS_mprotect, Args{0x10000000, 0, rw}, 0},
		{abi.SYS_mprotect, Args{0x10000000, 4096, 0x80}, e(abi.EINVAL)},
		{abi.SYS_mprotect, Args{0x10000000, 4096, abi.PROT_GROWSDOWN | abi.PROT_GROWSUP}, e(abi.EINVAL)},
		{abi.SYS_mprotect, Args{0x10000000, 4096, rw | abi.PROT_GROWSDOWN}, e(abi.EINVAL)},
		{abi.SYS_mprotect, Args{0x10000000, minusOne, rw}, e(abi.ENOMEM)},
		{abi.SYS_mprotect, Args{0x10000000, 0x3000, abi.PROT_READ}, e(abi.ENOMEM)},
		{abi.SYS_mprotect, Args{0x20000000, 0x1000, abi.PROT_READ}, e(abi.ENOMEM)},
		{abi.SYS_pkey_mprotect, Args{0x10000000, 0x1000, rw, minusOne}, 0},
		{abi.SYS_pkey_mprotect, Args{0x10000000, 0x1000, rw, 1}, e(abi.EINVAL)},
		{abi.SYS_pkey_alloc, Args{0, 0}, e(abi.ENOSPC)},
		{abi.SYS_pkey_alloc, Args{1, 0}, e(abi.EINVAL)},
		{abi.SYS_pkey_free, Args{0}, e(abi.EINVAL)},
	},
	"brk": {
		{abi.SYS_brk, Args{0}, 0x500000},
		{abi.SYS_brk, Args{0x501234}, 0x501234},
		{abi.SYS_brk, Args{0x500010}, 0x500010},
		{abi.SYS_brk, Args{0x4fffff}, 0x500010},
		{abi.SYS_mmap, Args{0x510000, 0x1000, rw, fix, minusOne, 0}, 0x510000},
		{abi.SYS_brk, Args{0x50f000}, 0x50f000},
		{abi.SYS_brk, Args{0x511000}, 0x50f000},
		{abi.SYS_brk, Args{minusOne}, 0x50f000},
	},
	"mremap": {
		{abi.SYS_mmap, Args{0x10000000, 0x3000, rw, fix, minusOne, 0}, 0x10000000},
		{abi.SYS_mremap, Args{0x10000000, 0x3000, 0x2000, 0, 0}, 0x10000000},
		{abi.SYS_mremap, Args{0x10000000, 0x2000, 0x4000, 0, 0}, 0x10000000},
		{abi.SYS_mmap, Args{0x10004000, 0x1000, abi.PROT_READ, fix, minusOne, 0}, 0x10004000},
		{abi.SYS_mremap, Args{0x10000000, 0x4000, 0x5000, 0, 0}, e(abi.ENOMEM)},
		{abi.SYS_mremap, Args{0x10000000, 0x4000, 0x5000, abi.MREMAP_MAYMOVE, 0}, 0x7ffff7ffa000},
		{abi.SYS_mremap, Args{0x10000000, 0x1000, 0x2000, abi.MREMAP_MAYMOVE, 0}, e(abi.EFAULT)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x6000, 0x7000, abi.MREMAP_MAYMOVE, 0}, e(abi.EFAULT)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0, 0, 0}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa001, 0x1000, 0x1000, 0, 0}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0x1000, 8, 0}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0x1000, abi.MREMAP_FIXED, 0x20000000}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0, 0x1000, abi.MREMAP_MAYMOVE, 0}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0x1000, abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED, 0x7ffff7ffa000}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0x1000, abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED, 0x20000001}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x7ffff7ffa000, 0x1000, 0x2000, abi.MREMAP_MAYMOVE | abi.MREMAP_FIXED, 0x20000000}, 0x20000000},
		{abi.SYS_mremap, Args{0x20000000, 0x1000, 0x1000, abi.MREMAP_MAYMOVE | abi.MREMAP_DONTUNMAP, 0}, 0x7ffff7ffa000},
		{abi.SYS_mremap, Args{0x20000000, 0x1000, 0x2000, abi.MREMAP_MAYMOVE | abi.MREMAP_DONTUNMAP, 0}, e(abi.EINVAL)},
		{abi.SYS_mremap, Args{0x20000000, 0x2000, 1 << 48, abi.MREMAP_MAYMOVE, 0}, e(abi.ENOMEM)},
	},
	"madvise": {
		{abi.SYS_mmap, Args{0x10000000, 0x3000, rw, fix, minusOne, 0}, 0x10000000},
		{abi.SYS_madvise, Args{0x10000000, 0x3000, abi.MADV_NORMAL}, 0},
		{abi.SYS_madvise, Args{0x10000001, 0x3000, abi.MADV_NORMAL}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x10000000, 0x3000, 5}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x10000000, minusOne, abi.MADV_NORMAL}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x10000000, 0, abi.MADV_DONTNEED}, 0},
		{abi.SYS_madvise, Args{0x10000000, 0x4000, abi.MADV_DONTNEED}, e(abi.ENOMEM)},
		{abi.SYS_madvise, Args{0x10000000, 0x4000, abi.MADV_HUGEPAGE}, e(abi.ENOMEM)},
		{abi.SYS_madvise, Args{0x10000000, 0x1000, abi.MADV_FREE}, 0},
		{abi.SYS_madvise, Args{0x10000000, 0x1000, abi.MADV_REMOVE}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x10000000, 0x1000, abi.MADV_POPULATE_WRITE}, 0},
		{abi.SYS_madvise, Args{0x10003000, 0x1000, abi.MADV_POPULATE_WRITE}, e(abi.ENOMEM)},
		{abi.SYS_mlock, Args{0x10000000, 0x1000}, 0},
		{abi.SYS_madvise, Args{0x10000000, 0x1000, abi.MADV_DONTNEED}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x10000000, 0x1000, abi.MADV_WIPEONFORK}, 0},
		{abi.SYS_mmap, Args{0x20000000, 0x3000, rw, abi.MAP_SHARED | abi.MAP_ANONYMOUS | abi.MAP_FIXED, minusOne, 0}, 0x20000000},
		{abi.SYS_madvise, Args{0x20000000, 0x1000, abi.MADV_WIPEONFORK}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x20000000, 0x1000, abi.MADV_FREE}, e(abi.EINVAL)},
		{abi.SYS_madvise, Args{0x20000000, 0x1000, abi.MADV_REMOVE}, 0},
	},
	"mincore, msync, mlock": {
		{abi.SYS_mmap, Args{0x10000000, 0x2000, rw, fix, minusOne, 0}, 0x10000000},
		{abi.SYS_mincore, Args{0x10000000, 0x2000, 0x10000000}, 0},
		{abi.SYS_mincore, Args{0x10000001, 0x2000, 0x10000000}, e(abi.EINVAL)},
		{abi.SYS_mincore, Args{0x10000000, 0x3000, 0x10000000}, e(abi.ENOMEM)},
		{abi.SYS_mincore, Args{0x10000000, 0x2000, 0x20000000}, e(abi.EFAULT)},
		{abi.SYS_mincore, Args{0x10000000, 0x2000, minusOne}, e(abi.EFAULT)},
		{abi.SYS_msync, Args{0x10000000, 0x2000, abi.MS_SYNC}, 0},
		{abi.SYS_msync, Args{0x10000000, 0x2000, abi.MS_SYNC | abi.MS_ASYNC}, e(abi.EINVAL)},
		{abi.SYS_msync, Args{0x10000000, 0x3000, abi.MS_SYNC}, e(abi.ENOMEM)},
		{abi.SYS_msync, Args{0x10000001, 0x2000, abi.MS_SYNC}, e(abi.EINVAL)},
		{abi.SYS_mlock, Args{0x10000001, 0x1000}, 0},
		{abi.SYS_mlock, Args{0x10000001, 0x2000}, e(abi.ENOMEM)},
		{abi.SYS_msync, Args{0x10000000, 0x2000, abi.MS_INVALIDATE}, e(abi.EBUSY)},
		{abi.SYS_munlock, Args{0x10000000, 0x2000}, 0},
		{abi.SYS_mlock2, Args{0x10000000, 0x1000, 2}, e(abi.EINVAL)},
		{abi.SYS_mlock2, Args{0x10000000, 0x1000, abi.MLOCK_ONFAULT}, 0},
		{abi.SYS_mlockall, Args{0}, e(abi.EINVAL)},
		{abi.SYS_mlockall, Args{abi.MCL_ONFAULT}, e(abi.EINVAL)},
		{abi.SYS_mlockall, Args{abi.MCL_CURRENT | abi.MCL_FUTURE}, 0},
		{abi.SYS_munlockall, Args{}, 0},
	},
}

func TestMemoryCalls(t *testing.T) {
	for name, calls := range memSessions {
		t.Run(name, func(t *testing.T) {
			th := memThread()
			for _, c := range calls {
				ret, err := Run(th, uint64(c.nr), c.args)
				got := int64(ret)
				var errno abi.Errno
				if errors.As(err, &errno) {
					got = e(errno)
				}
				if got != c.want {
					t.Errorf("%s: got %#x (%v), want %#x", callText(c), got, err, c.want)
				}
			}
		})
	}
}

// callText writes a call in hexadecimal.
func callText(c memCall) string {
	row := Lookup(uint64(c.nr))
	var args []string
	for i := range row.Args {
		args = append(args, fmt.Sprintf("%#x", c.args[i]))
	}
	return row.Name + "(" + strings.Join(args, ", ") + ")"
}

// A program that allocates without end is told ENOMEM, and has room to say so.
func TestAllocateWithoutEnd(t *testing.T) {
	th := memThread()
	total := uint64(0)
	for {
		a, err := Run(th, abi.SYS_mmap, Args{0, 1 << 20, rw, private, minusOne, 0})
		if err != nil {
			if !errors.Is(err, abi.ENOMEM) {
				t.Fatal(err)
			}
			break
		}
		if cause := th.Mem().Populate(a, a+1<<20, true); cause != mem.CauseNone {
			t.Fatalf("cause %d after %d MiB", cause, total>>20)
		}
		total += 1 << 20
	}
	if total < 8<<20 || th.Mem().Pool().Used() > 15<<20 {
		t.Errorf("stopped after %d MiB", total>>20)
	}
}
