package vfs

import "emurun/abi"

// nodeFile is an open regular file: its content is the node's.
type nodeFile struct {
	FileDefaults
	node    Node
	now     Clock
	release func()
}

// NodeFile returns the File whose content is n's; now stamps what it writes.
// release, if not nil, is called when the description goes.
func NodeFile(n Node, now Clock, release func()) File {
	return &nodeFile{node: n, now: now, release: release}
}

// Read implements File.
func (f *nodeFile) Read(p []byte, off int64) (int, error) { return ReadContent(f.node, p, off) }

// Write implements File.
func (f *nodeFile) Write(p []byte, off int64) (int, error) {
	if f.now == nil {
		return 0, abi.EBADF
	}
	return WriteContent(f.node, p, off, f.now())
}

// Seekable implements File.
func (f *nodeFile) Seekable() bool { return true }

// Release implements File.
func (f *nodeFile) Release() {
	if f.release != nil {
		f.release()
	}
}

// dirFile is an open directory.
type dirFile struct {
	FileDefaults
	release func()
}

// DirFile returns the File of an open directory. release, if not nil, is called
// when the description goes.
func DirFile(release func()) File { return &dirFile{release: release} }

// Read implements File: read(2) gives EISDIR.
func (f *dirFile) Read([]byte, int64) (int, error) { return 0, abi.EISDIR }

// Write implements File. A directory cannot be open for writing.
func (f *dirFile) Write([]byte, int64) (int, error) { return 0, abi.EBADF }

// Seekable implements File: a directory has a position for getdents64(2).
func (f *dirFile) Seekable() bool { return true }

// Release implements File.
func (f *dirFile) Release() {
	if f.release != nil {
		f.release()
	}
}

// pathFile is a description opened with O_PATH: a place, not a file.
type pathFile struct{ FileDefaults }

// Read implements File.
func (pathFile) Read([]byte, int64) (int, error) { return 0, abi.EBADF }

// Write implements File.
func (pathFile) Write([]byte, int64) (int, error) { return 0, abi.EBADF }
