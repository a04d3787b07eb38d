package kernel

import "emurun/vfs"

// FSContext is what CLONE_FS shares: root, working directory and umask.
type FSContext struct {
	Umask uint32

	ns        *vfs.Namespace
	root, cwd *vfs.Dentry
	refs      int32
}

// NewFSContext returns a context with one user.
func NewFSContext(ns *vfs.Namespace, root, cwd *vfs.Dentry, umask uint32) *FSContext {
	f := &FSContext{Umask: umask, ns: ns, root: root, cwd: cwd, refs: 1}
	f.pin()
	return f
}

// Root returns the root directory of absolute paths.
func (f *FSContext) Root() *vfs.Dentry { return f.root }

// Cwd returns the working directory.
func (f *FSContext) Cwd() *vfs.Dentry { return f.cwd }

// SetCwd implements chdir(2).
func (f *FSContext) SetCwd(d *vfs.Dentry) {
	d.Pin()
	f.cwd.Unpin()
	f.cwd = d
}

// SetRoot implements chroot(2).
func (f *FSContext) SetRoot(d *vfs.Dentry) {
	d.Pin()
	f.root.Unpin()
	f.root = d
}

func (f *FSContext) pin() {
	if f.root != nil {
		f.root.Pin()
		f.cwd.Pin()
	}
}

// clone returns a copy for fork(2).
func (f *FSContext) clone() *FSContext {
	n := *f
	n.refs = 1
	n.pin()
	return &n
}

// release drops one use; the last lets go of the directories.
func (f *FSContext) release() {
	f.refs--
	if f.refs == 0 && f.root != nil {
		f.root.Unpin()
		f.cwd.Unpin()
	}
}

// VFS returns the context in which the thread's path operations run. It is
// good for the call in progress.
func (t *Thread) VFS() *vfs.Context {
	p := t.Proc
	f := p.FS
	t.vfs = vfs.Context{
		NS: f.ns, Root: f.root, Cwd: f.cwd, Umask: f.Umask,
		Cred: vfs.Cred{UID: p.Cred.FSUID, GID: p.Cred.FSGID, Groups: p.Cred.Groups},
		Now:  vfs.Time(t.k.Realtime()),
	}
	return &t.vfs
}

// Unshare returns a context that only the caller uses: f itself, or a copy.
func (f *FSContext) Unshare() *FSContext {
	if f.refs == 1 {
		return f
	}
	f.refs--
	return f.clone()
}
