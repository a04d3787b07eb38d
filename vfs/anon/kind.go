package anon

import (
	"fmt"

	"emurun/abi"
	"emurun/vfs"
)

// kind is what the files of this package have in common: a queue, an inode
// number, and Linux's answers for what they lack.
type kind struct {
	queue vfs.Queue
	ino   uint64
	name  string // as in /proc/self/fd: "pipe" or "anon_inode:[eventfd]"
	mode  uint32
}

// Inodes numbers the inodes of nameless files in the order of their creation.
type Inodes struct{ Last uint64 }

// Next returns a number that no file had.
func (i *Inodes) Next() uint64 {
	i.Last++
	return i.Last
}

// Seekable implements vfs.File: none of these files has a position.
func (k *kind) Seekable() bool { return false }

// Queue implements vfs.File.
func (k *kind) Queue() *vfs.Queue { return &k.queue }

// Ioctl implements vfs.File.
func (k *kind) Ioctl(uint32, uint64, vfs.Memory) (uint64, error) { return 0, abi.ENOTTY }

// Release implements vfs.File.
func (k *kind) Release() {}

// Read implements vfs.File for kinds that cannot be read.
func (k *kind) Read([]byte, int64) (int, error) { return 0, abi.EINVAL }

// Write implements vfs.File for kinds that cannot be written.
func (k *kind) Write([]byte, int64) (int, error) { return 0, abi.EINVAL }

// Attr is what fstat(2) tells of the file.
func (k *kind) Attr() (vfs.Attr, error) {
	return vfs.Attr{Dev: abi.Mkdev(0, 15), Ino: k.ino, Mode: k.mode, Nlink: 1, Blksize: 4096}, nil
}

// LinkName is what readlink(2) of /proc/self/fd/N gives.
func (k *kind) LinkName() string {
	if k.mode&abi.S_IFMT == abi.S_IFIFO {
		return fmt.Sprintf("%s:[%d]", k.name, k.ino)
	}
	return "anon_inode:" + k.name
}

func anonInode(name string, ino uint64) kind { return kind{name: name, ino: ino, mode: 0o600} }

// putInt writes a C int for an ioctl(2) such as FIONREAD.
func putInt(m vfs.Memory, addr uint64, v int) (uint64, error) {
	var b [4]byte
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	_, err := m.WriteAt(b[:], addr)
	return 0, err
}
