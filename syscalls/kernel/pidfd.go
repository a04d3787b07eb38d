package kernel

import (
	"emurun/abi"
	"emurun/vfs"
)

// Pidfd is a file that stands for a process, pidfd_open(2). It is readable
// once the process has ended.
type Pidfd struct {
	vfs.FileDefaults
	proc *Process
}

// NewPidfd returns a file for p.
func NewPidfd(p *Process) *Pidfd { return &Pidfd{proc: p} }

// Process returns the process, or nil once it has been waited for.
func (f *Pidfd) Process() *Process {
	if f.proc.state == reaped {
		return nil
	}
	return f.proc
}

// PID returns the process ID, or -1 once it has been waited for.
func (f *Pidfd) PID() int32 {
	if f.proc.state == reaped {
		return -1
	}
	return f.proc.PID
}

// Ready implements vfs.File.
func (f *Pidfd) Ready() uint32 {
	if f.proc.state != alive {
		return abi.POLLIN | abi.POLLRDNORM
	}
	return 0
}

// Queue implements vfs.File.
func (f *Pidfd) Queue() *vfs.Queue { return &f.proc.exitQueue }
