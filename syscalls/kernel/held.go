package kernel

import (
	"emurun/vfs"
	"emurun/vfs/anon"
)

// heldFiles are the open files that the call in progress works on. While it waits
// it has a reference to each, as Linux's fdget takes one: another thread may close
// the descriptor, or put another file there, and the call goes on with the file it began
// with.
type heldFiles struct {
	file [3]*vfs.OpenFile // no call that waits looks up more before it does
	fd   [3]int32
	n    int
	refs bool // each has been given a reference
}

// note adds what a descriptor of the call is.
func (h *heldFiles) note(fd int32, f *vfs.OpenFile) {
	if h.n < len(h.file) && !h.refs {
		h.file[h.n], h.fd[h.n] = f, fd
		h.n++
	}
}

// find returns the file that fd was when the call began, or nil.
func (h *heldFiles) find(fd int32) *vfs.OpenFile {
	for i := range h.n {
		if h.fd[i] == fd {
			return h.file[i]
		}
	}
	return nil
}

// keep takes the references, once.
func (h *heldFiles) keep() {
	for i := 0; i < h.n && !h.refs; i++ {
		h.file[i].Ref()
	}
	h.refs = true
}

// File returns the open file description behind fd, or abi.EBADF. In a call that
// runs again it is the one that fd was in the first run.
func (t *Thread) File(fd int32) (*vfs.OpenFile, error) {
	c := &t.call
	if c.again {
		if f := c.files.find(fd); f != nil {
			return f, nil
		}
	}
	f, err := t.Proc.FDs.File(fd)
	if err == nil && c.active {
		c.files.note(fd, f)
	}
	return f, err
}

// HoldPolled gives the call that waits a reference to each file it polls, instead of
// those it had: another thread may close their descriptors meanwhile, as with poll(2) on Linux.
func (t *Thread) HoldPolled(files []*vfs.OpenFile) {
	for _, f := range files {
		f.Ref()
	}
	old := t.call.polled
	t.call.polled = files
	for _, f := range old {
		f.Unref()
	}
}

// WaitsInOpen says that the call in progress has one end of a FIFO open, and
// waits for its partner.
func (t *Thread) WaitsInOpen(p *anon.Pipe) { t.call.fifo = p }

// endWait gives back what a call that waited holds, however it ends.
func (t *Thread) endWait() {
	c := &t.call
	if c.fifo != nil {
		c.fifo.CancelOpen(t.TID) // unless it is through
		c.fifo = nil
	}
	t.HoldPolled(nil)
	h := c.files
	c.files = heldFiles{}
	for i := 0; i < h.n && h.refs; i++ {
		h.file[i].Unref()
	}
}

// abandonWait is endWait of a thread that is killed.
func (t *Thread) abandonWait() {
	if t.call.again {
		t.k.Locks.StopWaiting(t.Proc.FDs)
		for _, f := range t.call.files.file[:t.call.files.n] {
			t.k.Locks.StopWaiting(f)
		}
	}
	t.endWait()
}
