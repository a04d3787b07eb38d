package syscalls

import (
	"emurun/abi"
	"emurun/syscalls/kernel"
	"emurun/vfs"
	"emurun/vfs/anon"
)

// end is one side of a call that copies between two files: a file with the
// offset to use, which is the file's own position or a number in memory.
type end struct {
	f    *vfs.OpenFile
	addr uint64 // of the offset; 0 is the file's position
	off  int64
}

// newEnd reads the offset that goes with fd.
func newEnd(t *kernel.Thread, fd int32, addr uint64) (*end, error) {
	f, err := t.File(fd)
	if err != nil {
		return nil, err
	}
	e := &end{f: f, addr: addr, off: f.Pos}
	if addr == 0 {
		return e, nil
	}
	if !f.File.Seekable() {
		return nil, abi.ESPIPE
	}
	off, err := t.ReadU64(addr)
	if err != nil {
		return nil, err
	}
	if e.off = int64(off); e.off < 0 {
		return nil, abi.EINVAL
	}
	return e, nil
}

func (e *end) read(b []byte) (int, error) {
	if e.f.File.Seekable() {
		n, err := e.f.Pread(b, e.off)
		return n, err
	}
	return e.f.Read(b)
}

func (e *end) write(b []byte) (int, error) {
	if e.f.File.Seekable() && (e.addr != 0 || e.f.Flags&abi.O_APPEND == 0) {
		return e.f.Pwrite(b, e.off)
	}
	return e.f.Write(b)
}

// advance moves the offset on after n bytes.
func (e *end) advance(n int) {
	e.off += int64(n)
	if e.addr == 0 && e.f.File.Seekable() {
		e.f.Pos = e.off
	}
}

// finish writes the offset back.
func (e *end) finish(t *kernel.Thread) error {
	if e.addr == 0 {
		return nil
	}
	return t.WriteU64(e.addr, uint64(e.off))
}

// kindOf is the file type of an end.
func (e *end) kindOf() uint32 {
	a, err := e.f.Node.Attr()
	if err != nil {
		return 0
	}
	return a.Mode & abi.S_IFMT
}

// copyChunk is how much is copied at once.
const copyChunk = 1 << 16

// room is how much the pipe behind f takes now; of other files any number.
func room(f *vfs.OpenFile) int {
	if p, ok := f.File.(*anon.PipeEnd); ok {
		return p.Room()
	}
	return copyChunk
}

// copyFile moves up to n bytes from one end to the other. It reads no more than the
// other side takes, so nothing is lost when it stops. Unless nowait is set it waits for its
// first byte.
func copyFile(t *kernel.Thread, in, out *end, n uint64, nowait bool) (uint64, error) {
	n = min(n, abi.MAX_RW_COUNT)
	if n > 0 && out.f.File.Seekable() {
		if err := t.VFS().RemovePrivs(out.f.Node); err != nil {
			return 0, err
		}
	}
	done := t.Done()
	for done < n {
		k, q, err := copySome(t, in, out, n-done)
		done += uint64(k)
		if err == abi.EPIPE {
			if serr := t.Send(kernel.KernelInfo(abi.SIGPIPE)); serr != nil {
				return 0, serr
			}
		}
		if err == abi.EAGAIN && done == 0 && !nowait {
			return 0, t.Park(kernel.Forever, q)
		}
		if err != nil && (done == 0 || !isErrno(err)) {
			return 0, err
		}
		if k == 0 || err != nil {
			break
		}
	}
	if err := in.finish(t); err != nil {
		return 0, err
	}
	return done, out.finish(t)
}

// copySome copies one piece; with EAGAIN it tells whose queue to wait on.
func copySome(t *kernel.Thread, in, out *end, n uint64) (int, *vfs.Queue, error) {
	if out.f.File.Ready()&(abi.POLLOUT|abi.POLLERR) == 0 || room(out.f) == 0 && out.f.File.Ready()&abi.POLLERR == 0 {
		return 0, out.f.File.Queue(), abi.EAGAIN
	}
	b := t.Kernel().Scratch(int(min(n, copyChunk, uint64(max(room(out.f), 1)))))
	k, err := in.read(b)
	if err != nil || k == 0 {
		return 0, in.f.File.Queue(), err
	}
	w, err := out.write(b[:k])
	if err != nil {
		return 0, out.f.File.Queue(), err
	}
	in.advance(w)
	out.advance(w)
	return w, nil, nil
}

// sendfile implements sendfile(2).
func sendfile(t *kernel.Thread, a Args) (uint64, error) {
	out, err := newEnd(t, a.Int(0), 0)
	if err != nil {
		return 0, err
	}
	in, err := newEnd(t, a.Int(1), a[2])
	switch {
	case err != nil:
		return 0, err
	case !in.f.Readable() || !out.f.Writable():
		return 0, abi.EBADF
	case !in.f.File.Seekable() || in.kindOf() == abi.S_IFDIR || out.f.Flags&abi.O_APPEND != 0:
		return 0, abi.EINVAL
	}
	return copyFile(t, in, out, a[3], out.f.Flags&abi.O_NONBLOCK != 0)
}

// copyFileRange implements copy_file_range(2).
func copyFileRange(t *kernel.Thread, a Args) (uint64, error) {
	if a.Uint(5) != 0 {
		return 0, abi.EINVAL
	}
	in, err := newEnd(t, a.Int(0), a[1])
	if err != nil {
		return 0, err
	}
	out, err := newEnd(t, a.Int(2), a[3])
	switch {
	case err != nil:
		return 0, err
	case in.kindOf() == abi.S_IFDIR || out.kindOf() == abi.S_IFDIR:
		return 0, abi.EISDIR
	case in.kindOf() != abi.S_IFREG || out.kindOf() != abi.S_IFREG:
		return 0, abi.EINVAL
	case !in.f.Readable() || !out.f.Writable() || out.f.Flags&abi.O_APPEND != 0:
		return 0, abi.EBADF
	case in.f.Dentry.Mount() != out.f.Dentry.Mount() && in.f.Node != out.f.Node && !sameType(in.f, out.f):
		return 0, abi.EXDEV
	case in.f.Node == out.f.Node && in.off < out.off+int64(a[4]) && out.off < in.off+int64(a[4]) && a[4] > 0:
		return 0, abi.EINVAL // the ranges overlap
	}
	return copyFile(t, in, out, a[4], true)
}

// sameType reports whether two files are on file systems of one type, between
// which Linux copies.
func sameType(f, g *vfs.OpenFile) bool {
	m, n := f.Dentry.Mount(), g.Dentry.Mount()
	return m != nil && n != nil && m.Type == n.Type
}

// splice implements splice(2): one side is a pipe.
func splice(t *kernel.Thread, a Args) (uint64, error) {
	const known = abi.SPLICE_F_MOVE | abi.SPLICE_F_NONBLOCK | abi.SPLICE_F_MORE | abi.SPLICE_F_GIFT
	if a.Uint(5)&^known != 0 {
		return 0, abi.EINVAL
	}
	in, err := newEnd(t, a.Int(0), a[1])
	if err != nil {
		return 0, err
	}
	out, err := newEnd(t, a.Int(2), a[3])
	if err != nil {
		return 0, err
	}
	p, fromPipe := in.f.File.(*anon.PipeEnd)
	q, toPipe := out.f.File.(*anon.PipeEnd)
	switch {
	case !in.f.Readable() || !out.f.Writable():
		return 0, abi.EBADF
	case !fromPipe && !toPipe, fromPipe && toPipe && p.Pipe == q.Pipe, out.f.Flags&abi.O_APPEND != 0 && !toPipe:
		return 0, abi.EINVAL
	}
	nowait := a.Uint(5)&abi.SPLICE_F_NONBLOCK != 0 || in.f.Flags&abi.O_NONBLOCK != 0 || out.f.Flags&abi.O_NONBLOCK != 0
	if !fromPipe && in.f.File.Seekable() {
		return copyFile(t, in, out, min(a[4], uint64(max(room(out.f), 1))), nowait)
	}
	return copyFile(t, in, out, a[4], nowait)
}

// tee implements tee(2): it copies between pipes and takes nothing away.
func tee(t *kernel.Thread, a Args) (uint64, error) {
	f, err := t.File(a.Int(0))
	if err != nil {
		return 0, err
	}
	g, err := t.File(a.Int(1))
	if err != nil {
		return 0, err
	}
	in, ok := f.File.(*anon.PipeEnd)
	out, ok2 := g.File.(*anon.PipeEnd)
	switch {
	case !f.Readable() || !g.Writable():
		return 0, abi.EBADF
	case !ok || !ok2 || in.Pipe == out.Pipe:
		return 0, abi.EINVAL
	}
	nowait := a.Uint(3)&abi.SPLICE_F_NONBLOCK != 0
	b := in.Peek(int(min(a[2], uint64(out.Room()))))
	switch {
	case len(b) == 0 && in.Ready()&abi.POLLHUP != 0, a[2] == 0:
		return 0, nil
	case len(b) == 0 && nowait:
		return 0, abi.EAGAIN
	case len(b) == 0 && out.Room() == 0 && out.Ready()&abi.POLLERR == 0:
		return 0, t.Park(kernel.Forever, out.Queue())
	case len(b) == 0 && out.Ready()&abi.POLLERR == 0:
		return 0, t.Park(kernel.Forever, in.Queue())
	}
	n, err := out.Write(b, 0)
	if err == abi.EPIPE {
		if serr := t.Send(kernel.KernelInfo(abi.SIGPIPE)); serr != nil {
			return 0, serr
		}
	}
	return uint64(n), err
}

// vmsplice implements vmsplice(2) by copying.
func vmsplice(t *kernel.Thread, a Args) (uint64, error) {
	x, err := newTransfer(t, a.Int(0))
	if err != nil {
		return 0, err
	}
	if _, ok := x.f.File.(*anon.PipeEnd); !ok {
		return 0, abi.EBADF
	}
	if x.v, err = readVector(t, a[1], a[2]); err != nil {
		return 0, err
	}
	x.nowait = x.nowait || a.Uint(3)&abi.SPLICE_F_NONBLOCK != 0
	if x.f.Writable() {
		return x.write()
	}
	return x.read()
}
