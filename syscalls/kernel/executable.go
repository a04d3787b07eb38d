package kernel

import "emurun/vfs"

// Executable is the program file of a process, /proc/PID/exe: of a script, its
// interpreter.
type Executable struct {
	Dentry *vfs.Dentry // nil for a process that was not booted from a file
	Path   string      // as execve(2) was asked, AT_EXECFN
}

// hold keeps the file in its place and from being written.
func (e *Executable) hold() {
	if e.Dentry != nil {
		e.Dentry.Pin()
		vfs.Run(e.Dentry.Node)
	}
}

// release undoes hold.
func (e *Executable) release() {
	if e.Dentry != nil {
		vfs.EndRun(e.Dentry.Node)
		e.Dentry.Unpin()
	}
}

// Exe returns the process's program file.
func (p *Process) Exe() Executable { return p.exe }
