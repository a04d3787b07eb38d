package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs/anon"
)

// eventfd implements the eventfd system call, which has no flags.
func eventfd(t *kernel.Thread, a Args) (uint64, error) { return eventfd2(t, Args{a[0]}) }

// eventfd2 implements eventfd(2).
func eventfd2(t *kernel.Thread, a Args) (uint64, error) {
	flags := a.Uint(1)
	if flags&^(abi.EFD_SEMAPHORE|abi.EFD_CLOEXEC|abi.EFD_NONBLOCK) != 0 {
		return 0, abi.EINVAL
	}
	e := anon.NewEventfd(uint64(a.Uint(0)), flags)
	f := t.Kernel().Anon.Open(e, "[eventfd]", abi.O_RDWR|flags&abi.EFD_NONBLOCK)
	return install(t, f, flags&abi.EFD_CLOEXEC != 0)
}
