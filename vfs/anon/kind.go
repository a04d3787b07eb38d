package anon

import (
	"fmt"

	"emurun/abi"
	"emurun/vfs"
)

// State is what nameless files share in a machine.
type State struct {
	last  uint64            // inode number given last
	fifos map[fifoKey]*Pipe // never ranged over
}

// NextInode returns an inode number that no nameless file had.
func (s *State) NextInode() uint64 {
	s.last++
	return s.last
}

// inode is the node of a nameless file: numbers and no content.
type inode struct {
	vfs.NodeDefaults
	ino  uint64
	mode uint32
	time vfs.Time
}

// Attr implements vfs.Node.
func (n *inode) Attr() (vfs.Attr, error) {
	return vfs.Attr{
		Dev: abi.Mkdev(0, 15), Ino: n.ino, Mode: n.mode, Nlink: 1, Blksize: 4096,
		Atime: n.time, Mtime: n.time, Ctime: n.time, Btime: n.time,
	}, nil
}

// kind is what the files of this package have in common: a queue, and Linux's
// answers for what they lack.
type kind struct {
	vfs.FileDefaults
	queue vfs.Queue
}

// Queue implements vfs.File.
func (k *kind) Queue() *vfs.Queue { return &k.queue }

// Open returns the description of a file that only descriptors lead to:
// "anon_inode:[eventfd]" in /proc/self/fd.
func (s *State) Open(f vfs.File, name string, flags uint32) *vfs.OpenFile {
	// All such files share one inode in Linux.
	n := &inode{ino: 1, mode: 0o600}
	return vfs.NewOpenFile(f, n, vfs.NewDentry("anon_inode:"+name, n), flags)
}

// OpenPipe returns the descriptions of the two ends of a new pipe.
func (s *State) OpenPipe(now vfs.Time, flags uint32) (r, w *vfs.OpenFile) {
	p := newPipe(inode{ino: s.NextInode(), mode: abi.S_IFIFO | 0o600, time: now})
	d := vfs.NewDentry(fmt.Sprintf("pipe:[%d]", p.ino), p)
	flags &= abi.O_NONBLOCK | abi.O_DIRECT
	return vfs.NewOpenFile(p.End(abi.O_RDONLY), p, d, flags|abi.O_RDONLY),
		vfs.NewOpenFile(p.End(abi.O_WRONLY|flags), p, d, flags|abi.O_WRONLY)
}

// putInt writes a C int for an ioctl(2) such as FIONREAD.
func putInt(m vfs.Memory, addr uint64, v int) (uint64, error) {
	b := []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}
	_, err := m.WriteAt(b, addr)
	return 0, err
}
