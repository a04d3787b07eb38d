package kernel

import "emurun/emu/mem"

// Process is a thread group with what its threads share, clone(2).
type Process struct {
	PID  int32
	Mem  *mem.Space
	FDs  *FDTable
	FS   *FSContext
	Cred Cred
}

// FSContext is what CLONE_FS shares: root, working directory and umask.
type FSContext struct {
	Umask uint32
	// Root, Cwd *vfs.Dentry; NS *vfs.Namespace
}

// Cred is a process's credentials, credentials(7).
type Cred struct {
	RUID, EUID, SUID, FSUID uint32
	RGID, EGID, SGID, FSGID uint32
	Groups                  []uint32
}
