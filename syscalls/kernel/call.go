package kernel

import (
	"errors"

	"emurun/abi"
	"emurun/emu/x86"
)

// EnterCall begins the system call that SYSCALL made, or resumes the one
// that was parked, and returns its number and arguments.
func (t *Thread) EnterCall() (nr uint64, args [6]uint64) {
	c := &t.call
	if !c.active {
		r := &t.CPU.R
		*c = call{
			active: true,
			nr:     uint64(uint32(r[x86.RAX])), // Linux looks at EAX alone
			args:   [6]uint64{r[x86.RDI], r[x86.RSI], r[x86.RDX], r[x86.R10], r[x86.R8], r[x86.R9]},
		}
	}
	c.waiting = false
	return c.nr, c.args
}

// LeaveCall takes a handler's result. An abi.Errno becomes the program's
// result; any other error is the emulator's and is returned.
func (t *Thread) LeaveCall(ret uint64, err error) error {
	c := &t.call
	if !c.active || t.state == dead {
		return nil // rt_sigreturn, execve, exit: the registers are as they must be
	}
	if err == nil {
		if c.again {
			t.endWait()
		}
		t.CPU.R[x86.RAX] = ret
		t.EndSuspend()
		return nil
	}
	if Parked(err) {
		c.waiting, c.again = true, true
		c.files.keep()
		return nil
	}
	if c.again {
		t.endWait()
	}
	var errno abi.Errno
	if !errors.As(err, &errno) {
		return err
	}
	if errno != abi.EINTR && errno < abi.ERESTARTSYS {
		t.EndSuspend() // else the mask stays until the handler has its frame
	}
	t.setErrno(errno)
	c.errno = errno
	return nil
}

// setErrno makes errno the result of a system call.
func (t *Thread) setErrno(errno abi.Errno) { t.CPU.R[x86.RAX] = -uint64(errno) }

// NoResult ends the call in progress without a result: the handler has
// replaced the registers.
func (t *Thread) NoResult() {
	t.endWait()
	t.call = call{}
	t.restart.valid = false
}

// InCall reports whether a system call of the thread waits to run again.
func (t *Thread) InCall() bool { return t.call.waiting }

// ResumeRestartBlock makes the call that a signal interrupted the call in
// progress again, with its deadline and progress, restart_syscall(2). It returns false
// where there is none.
func (t *Thread) ResumeRestartBlock() bool {
	if !t.restart.valid {
		return false
	}
	t.call = t.restart.call
	t.call.again, t.call.errno = true, 0
	t.restart.valid = false
	return true
}

// CallNumber returns the number and arguments of the call in progress.
func (t *Thread) CallNumber() (nr uint64, args [6]uint64) { return t.call.nr, t.call.args }
