package kernel

import "emurun/vfs"

// Executable is the program file of a process, /proc/PID/exe.
type Executable struct {
	Dentry *vfs.Dentry // nil for a process that was not booted from a file
	Path   string      // as execve(2) was asked, AT_EXECFN
}

func (e *Executable) hold() {
	if e.Dentry != nil {
		e.Dentry.Pin()
	}
}

func (e *Executable) release() {
	if e.Dentry != nil {
		e.Dentry.Unpin()
	}
}

// Exe returns the process's program file.
func (p *Process) Exe() Executable { return p.exe }
