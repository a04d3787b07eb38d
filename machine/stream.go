package machine

import (
	"emurun/abi"
	"emurun/snapshot/wire"
	"emurun/vfs"
)

// Stream is a standard descriptor as the guest's file: a pipe, socket, device or redirected
// file of the outside. It is its own inode. All that it knows of the outside comes
// through the door.
type Stream struct {
	vfs.FileDefaults
	vfs.NodeDefaults
	door    *door
	port    Port
	config  StreamConfig // as at the beginning
	queue   vfs.Queue
	missing uint32 // the events for which somebody may wait; none after a wake

	in, out uint64 // bytes read and written since the beginning
	end     int64  // of a seekable stream: the position behind the last access
}

// newStream returns the stream of a descriptor.
func newStream(d *door, p Port, c StreamConfig) *Stream {
	return &Stream{door: d, port: p, config: c, queue: vfs.Queue{External: true}, end: c.Pos}
}

// Port returns which descriptor of the outside s is.
func (s *Stream) Port() Port { return s.port }

// Kind returns the type of the file behind s, abi.S_IFMT.
func (s *Stream) Kind() uint32 { return s.config.Kind }

// Offsets returns how many bytes the guest has read and written since the run began. A run
// that goes on from a checkpoint continues both.
func (s *Stream) Offsets() (in, out uint64) { return s.in, s.out }

// Path returns the path of a redirected file where the machine began; empty if it has none.
func (s *Stream) Path() string { return s.config.Path }

// End returns the position of a seekable stream behind the last access.
func (s *Stream) End() int64 { return s.end }

// Read implements vfs.File.
func (s *Stream) Read(p []byte, off int64) (int, error) {
	n, err := s.door.read(s.port, p, off)
	s.in += uint64(n)
	s.moved(n, off)
	s.after(err, abi.POLLIN)
	return n, err
}

// Write implements vfs.File.
func (s *Stream) Write(p []byte, off int64) (int, error) {
	n, err := s.door.writeTo(s.port, p, off)
	s.out += uint64(n)
	s.moved(n, off)
	s.after(err, abi.POLLOUT)
	return n, err
}

// moved notes where an access ended.
func (s *Stream) moved(n int, off int64) {
	if s.Seekable() {
		s.end = off + int64(n)
	}
}

// after notes for which event the guest has to wait.
func (s *Stream) after(err error, event uint32) {
	if err == abi.EAGAIN {
		s.missing |= event
	}
}

// Seekable implements vfs.File.
func (s *Stream) Seekable() bool {
	return s.config.Kind == abi.S_IFREG || s.config.Kind == abi.S_IFBLK
}

// Ready implements vfs.File and remembers what was missing.
func (s *Stream) Ready() uint32 {
	if s.Seekable() {
		return abi.POLLIN | abi.POLLOUT
	}
	ready := s.door.readyAt(s.port)
	s.missing |= (abi.POLLIN | abi.POLLOUT) &^ ready
	return ready
}

// Queue implements vfs.File.
func (s *Stream) Queue() *vfs.Queue { return &s.queue }

// Closed implements vfs.Holder: the outside hears where the guest has left the file.
func (s *Stream) Closed(f *vfs.OpenFile) {
	if s.Seekable() {
		s.end = f.Pos
		s.door.left(s)
	}
}

// Attr implements vfs.Node. A redirected file is as the outside has it; of what is made
// anew for each run, it tells only the kind.
func (s *Stream) Attr() (vfs.Attr, error) {
	if s.Seekable() {
		return s.door.attrOf(s.port), nil
	}
	return s.config.Attr, nil
}

// Open implements vfs.Node: /dev/stdout and the like can be opened once more, with
// the rights that the descriptor has. Each description of a file has its own position.
func (s *Stream) Open(flags uint32) (vfs.File, error) {
	has, want := s.config.Flags&abi.O_ACCMODE, flags&abi.O_ACCMODE
	switch {
	case s.config.Kind == abi.S_IFSOCK:
		return nil, abi.ENXIO
	case has != abi.O_RDWR && has != want:
		return nil, abi.EACCES
	}
	return s, nil
}

// SetAttr implements vfs.Node: only the size of a redirected file changes.
func (s *Stream) SetAttr(mask vfs.AttrMask, a vfs.Attr, _ vfs.Time) error {
	if mask != vfs.AttrSize || s.config.Kind != abi.S_IFREG {
		return abi.EPERM
	}
	return s.door.plain(InputTruncate, s.port, func() error { return s.door.outside.Truncate(s.port, a.Size) })
}

// open returns the first description of s.
func (s *Stream) open() *vfs.OpenFile {
	var d *vfs.Dentry
	if s.config.Path != "" {
		d = vfs.NewDentry(s.config.Path, s)
	}
	f := vfs.NewOpenFile(s, s, d, s.config.Flags)
	f.Pos = s.config.Pos
	f.Hold(s)
	return f
}

// Freeze implements wire.Object.
func (s *Stream) Freeze(e *wire.Encoder) {
	s.FreezeDefaults(e)
	e.Ref(s.door)
	e.Uint8(uint8(s.port))
	s.config.freeze(e)
	s.queue.Freeze(e)
	e.Uint32(s.missing)
	e.Uint64(s.in)
	e.Uint64(s.out)
	e.Int64(s.end)
}

// Thaw implements wire.Object.
func (s *Stream) Thaw(d *wire.Decoder) {
	s.ThawDefaults(d)
	s.door = wire.Ref[*door](d)
	s.port = Port(d.Uint8())
	s.config.thaw(d)
	s.queue.Thaw(d)
	s.missing = d.Uint32()
	s.in, s.out = d.Uint64(), d.Uint64()
	s.end = d.Int64()
	if s.door == nil || s.port >= OnTerminal || s.end < 0 {
		d.Fail("stream %d at %d", s.port, s.end)
	}
}
