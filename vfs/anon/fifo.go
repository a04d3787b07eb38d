package anon

import (
	"emurun/abi"
	"emurun/vfs"
)

// fifoKey names the inode of a FIFO.
type fifoKey struct{ dev, ino uint64 }

// Opening is a FIFO's open(2) in progress: the end is there, so that its
// partner's open can go on, but the call has not returned.
type opening struct {
	tid  int32
	end  *PipeEnd
	seen uint64 // opens of the other side when this one began
}

// Fifo returns the pipe behind a FIFO, which is there while somebody has it open.
func (s *State) Fifo(a *vfs.Attr) *Pipe {
	k := fifoKey{a.Dev, a.Ino}
	p := s.fifos[k]
	if p == nil {
		p = newPipe(inode{ino: a.Ino, mode: a.Mode})
		p.fifos, p.key = s, k
		if s.fifos == nil {
			s.fifos = make(map[fifoKey]*Pipe)
		}
		s.fifos[k] = p
	}
	return p
}

// OpenFifo opens a FIFO for thread tid, fifo(7): reading waits for a writer and
// writing for a reader, unless O_NONBLOCK; then a writer without a reader gets ENXIO.
// EAGAIN means to wait on the pipe's queue and call again, or give up with
// CancelOpen.
func (p *Pipe) OpenFifo(tid int32, flags uint32) (*PipeEnd, error) {
	for i, o := range p.opening {
		if o.tid != tid {
			continue
		}
		if !p.met(&o) {
			return nil, abi.EAGAIN
		}
		p.opening = append(p.opening[:i:i], p.opening[i+1:]...)
		return o.end, nil
	}
	acc := flags & abi.O_ACCMODE
	if acc == abi.O_WRONLY && flags&abi.O_NONBLOCK != 0 && p.readers == 0 {
		p.tidy()
		return nil, abi.ENXIO
	}
	o := opening{tid: tid, seen: p.writeOpens}
	if acc == abi.O_WRONLY {
		o.seen = p.readOpens
	}
	o.end = p.End(flags)
	if flags&abi.O_NONBLOCK != 0 || acc == abi.O_RDWR || p.met(&o) {
		return o.end, nil
	}
	p.opening = append(p.opening, o)
	return nil, abi.EAGAIN
}

// met reports whether the other side is there, or was since the open began.
func (p *Pipe) met(o *opening) bool {
	if o.end.r {
		return p.writers > 0 || p.writeOpens != o.seen
	}
	return p.readers > 0 || p.readOpens != o.seen
}

// CancelOpen gives up an open that waits.
func (p *Pipe) CancelOpen(tid int32) {
	for i, o := range p.opening {
		if o.tid == tid {
			p.opening = append(p.opening[:i:i], p.opening[i+1:]...)
			o.end.Release()
			return
		}
	}
}

// tidy forgets a FIFO's pipe that nobody has open.
func (p *Pipe) tidy() {
	if p.readers == 0 && p.writers == 0 {
		p.bufs = nil
		if s := p.fifos; s != nil && s.fifos[p.key] == p {
			delete(s.fifos, p.key)
		}
	}
}
