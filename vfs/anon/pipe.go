package anon

import (
	"emurun/abi"
	"emurun/vfs"
)

// pageSize is the size of a pipe buffer.
const pageSize = 4096

// Pipe is a pipe or FIFO, pipe(7). Like Linux's it is a list of buffers of one page
// each: a write fills the last buffer only if its odd bytes fit there, so how
// much fits depends on how it was written, and what is at most PIPE_BUF long stays
// in one piece.
type Pipe struct {
	inode
	kind
	bufs    []pipeBuf
	slots   int // how many buffers the capacity allows
	readers int
	writers int
	// How often each side was opened, so that a FIFO's open(2) that waits can
	// tell that its partner came even if it left again.
	readOpens, writeOpens uint64
	opening               []opening
	fifos                 *State  // of a FIFO: where it is found while somebody has it open
	key                   fifoKey // there
}

type pipeBuf struct {
	data   []byte
	packet bool // O_DIRECT: a read takes it whole and never joins it to the next
}

func newPipe(n inode) *Pipe { return &Pipe{inode: n, slots: abi.PIPE_DEF_SIZE / pageSize} }

// Open implements vfs.Node: /proc/self/fd/N of a pipe can be opened again.
func (p *Pipe) Open(flags uint32) (vfs.File, error) { return p.End(flags), nil }

// PipeEnd is an open file of a pipe: its reading end, its writing end, or both
// (a FIFO opened O_RDWR).
type PipeEnd struct {
	*Pipe
	r, w   bool
	packet bool   // O_DIRECT
	seen   uint64 // writeOpens when a reader opened: a FIFO does not hang up before it changes
}

// End adds an end to the pipe.
func (p *Pipe) End(flags uint32) *PipeEnd {
	acc := flags & abi.O_ACCMODE
	e := &PipeEnd{Pipe: p, r: acc != abi.O_WRONLY, w: acc != abi.O_RDONLY, packet: flags&abi.O_DIRECT != 0}
	e.seen = p.writeOpens
	if e.r {
		p.readers++
		p.readOpens++
		if p.writers > 0 {
			e.seen = 0
		}
	}
	if e.w {
		p.writers++
		p.writeOpens++
	}
	p.queue.Wake()
	return e
}

// Release implements vfs.File.
func (e *PipeEnd) Release() {
	if e.r {
		e.readers--
	}
	if e.w {
		e.writers--
	}
	e.tidy()
	e.queue.Wake()
}

// SetPacket turns packet mode on or off, as fcntl(2) does with O_DIRECT.
func (e *PipeEnd) SetPacket(on bool) { e.packet = on }

// Read implements vfs.File. At the end, when no writer is left, it returns 0.
func (e *PipeEnd) Read(p []byte, _ int64) (int, error) {
	if !e.r {
		return 0, abi.EBADF
	}
	if len(p) == 0 {
		return 0, nil
	}
	n := 0
	for n < len(p) && len(e.bufs) > 0 {
		b := &e.bufs[0]
		k := copy(p[n:], b.data)
		n += k
		packet := b.packet
		if b.data = b.data[k:]; len(b.data) == 0 || packet {
			e.bufs = e.bufs[1:]
		}
		if packet {
			break
		}
	}
	switch {
	case n > 0:
		e.queue.WakeFor(abi.POLLOUT | abi.POLLWRNORM)
		return n, nil
	case e.writers == 0:
		return 0, nil
	}
	return 0, abi.EAGAIN
}

// Write implements vfs.File. It returns EPIPE without readers, and EAGAIN when
// not a byte fits; else it writes as much as fits.
func (e *PipeEnd) Write(p []byte, _ int64) (int, error) {
	if !e.w {
		return 0, abi.EBADF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if e.readers == 0 {
		return 0, abi.EPIPE
	}
	n := e.merge(p)
	for n < len(p) && len(e.bufs) < e.slots {
		k := min(len(p)-n, pageSize)
		data := make([]byte, k, pageSize)
		copy(data, p[n:])
		e.bufs = append(e.bufs, pipeBuf{data, e.packet})
		n += k
	}
	if n == 0 {
		return 0, abi.EAGAIN
	}
	e.queue.WakeFor(abi.POLLIN | abi.POLLRDNORM)
	return n, nil
}

// merge appends the odd bytes of p, what is beyond whole pages, to the last
// buffer if they fit.
func (e *PipeEnd) merge(p []byte) int {
	odd := len(p) % pageSize
	if odd == 0 || e.packet || len(e.bufs) == 0 {
		return 0
	}
	b := &e.bufs[len(e.bufs)-1]
	if b.packet || len(b.data)+odd > cap(b.data) {
		return 0
	}
	b.data = append(b.data, p[:odd]...)
	return odd
}

// Ready implements vfs.File.
func (e *PipeEnd) Ready() uint32 {
	var ev uint32
	if e.r {
		if len(e.bufs) > 0 {
			ev |= abi.POLLIN | abi.POLLRDNORM
		}
		if e.writers == 0 && (e.fifos == nil || e.writeOpens > e.seen) {
			ev |= abi.POLLHUP
		}
	}
	if e.w {
		if len(e.bufs) < e.slots {
			ev |= abi.POLLOUT | abi.POLLWRNORM
		}
		if e.readers == 0 {
			ev |= abi.POLLERR
		}
	}
	return ev
}

// Room returns how many bytes a write of whole pages would take now.
func (p *Pipe) Room() int { return max(0, p.slots-len(p.bufs)) * pageSize }

// Peek returns up to n bytes from the front and leaves them there, tee(2).
func (p *Pipe) Peek(n int) []byte {
	var out []byte
	for _, b := range p.bufs {
		out = append(out, b.data[:min(len(b.data), n-len(out))]...)
	}
	return out
}

// Buffered returns how many bytes are in the pipe, FIONREAD.
func (p *Pipe) Buffered() int {
	n := 0
	for _, b := range p.bufs {
		n += len(b.data)
	}
	return n
}

// Ioctl implements vfs.File.
func (e *PipeEnd) Ioctl(req uint32, arg uint64, m vfs.Memory) (uint64, error) {
	if req == abi.FIONREAD {
		return putInt(m, arg, e.Buffered())
	}
	return 0, abi.ENOTTY
}

// Capacity returns the size of the pipe, F_GETPIPE_SZ.
func (p *Pipe) Capacity() int { return p.slots * pageSize }

// SetCapacity implements F_SETPIPE_SZ: it rounds up to a power of two of pages
// and refuses with EBUSY what is smaller than what the pipe holds.
func (p *Pipe) SetCapacity(size uint64, privileged bool) (int, error) {
	if size > 1<<31 {
		return 0, abi.EINVAL
	}
	if size > abi.PIPE_MAX_SIZE && !privileged {
		return 0, abi.EPERM
	}
	slots := 1
	for uint64(slots*pageSize) < size {
		slots *= 2
	}
	if slots < len(p.bufs) {
		return 0, abi.EBUSY
	}
	p.slots = slots
	p.queue.Wake()
	return p.Capacity(), nil
}
