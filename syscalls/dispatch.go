package syscalls

import (
	"fmt"

	"emurun/abi"
	"emurun/syscalls/kernel"
)

// Dispatch runs the system call that t made with SYSCALL, or runs again the one
// that t was parked in. Its result is in RAX afterwards, unless t is parked, has
// new registers or is gone. An error is the emulator's and stops the machine.
func Dispatch(t *kernel.Thread) error {
	nr, args := t.EnterCall()
	if nr == abi.SYS_restart_syscall {
		if !t.ResumeRestartBlock() {
			return t.LeaveCall(0, abi.EINTR)
		}
		nr, args = t.EnterCall()
	}
	ret, err := Run(t, nr, Args(args))
	if err = t.LeaveCall(ret, err); err != nil {
		return fmt.Errorf("system call %d: %w", nr, err)
	}
	return nil
}

// restartSyscall implements restart_syscall(2) where no interrupted call waits to
// go on; Dispatch resumes the others.
func restartSyscall(t *kernel.Thread, a Args) (uint64, error) { return 0, abi.EINTR }
