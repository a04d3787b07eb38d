package host

import (
	"os"
	"sync/atomic"
	"unsafe"

	"emurun/machine"
)

// Written is how far a run has written the files to which its output is redirected. It lies
// in a file that outlives a process that is killed, so that whoever goes on with the run can cut
// off what it wrote after its checkpoint, and knows if somebody else has written there since. The file is
// 8 bytes for each port, in the host's byte order: the position behind the last write plus 1, or 0.
type Written struct {
	p     []byte // of the file, or of memory where the host cannot map files
	close func() error
}

const writtenSize = 8 * int(machine.Ports)

// OpenWritten opens the file at path, which is made if need be.
func OpenWritten(path string) (*Written, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(int64(writtenSize)); err != nil {
		return nil, err
	}
	w := new(Written)
	w.p, w.close, err = hostMap(f, writtenSize)
	return w, err
}

// Close gives the file back.
func (w *Written) Close() error { return w.close() }

// word returns the number of a port.
func (w *Written) word(p machine.Port) *int64 { return (*int64)(unsafe.Pointer(&w.p[8*int(p)])) }

// end returns the position behind the last write; false if it is not known.
func (w *Written) end(p machine.Port) (int64, bool) {
	if w == nil {
		return 0, false
	}
	v := atomic.LoadInt64(w.word(p))
	return v - 1, v > 0
}

// set sets the position behind the last write.
func (w *Written) set(p machine.Port, end int64) {
	if w != nil {
		atomic.StoreInt64(w.word(p), end+1)
	}
}

// Track keeps how far the run writes in w.
func (o *World) Track(w *Written) {
	o.written = w
	for p, x := range o.streams {
		if x != nil {
			x.track(machine.Port(p), w)
		}
	}
}

// track keeps how far x, which is port p, is written.
func (x *stream) track(p machine.Port, w *Written) {
	if !x.seekable() || !x.writable() {
		return
	}
	x.port, x.written = p, w
	x.note()
}

// announce notes where a write of n bytes will end: who is killed in it has written up to there at most.
func (x *stream) announce(n int64) {
	if x.written == nil {
		return
	}
	end := x.pos + x.base
	if x.appends() {
		end = x.attr().Size + x.base
	}
	x.written.set(x.port, end+n)
}

// note notes how far x is written.
func (x *stream) note() {
	switch {
	case x.written == nil:
	case x.appends():
		x.written.set(x.port, x.attr().Size+x.base)
	default:
		x.written.set(x.port, x.pos+x.base)
	}
}
