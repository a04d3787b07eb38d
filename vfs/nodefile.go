package vfs

import "emurun/abi"

// Opened is a node that stamps what is written to it and wants to know when a
// description of it goes.
type Opened interface {
	Node
	// Now is the time of a write.
	Now() Time
	// Closed is called when a description of the node goes.
	Closed()
}

// nodeFile is an open regular file: its content is the node's.
type nodeFile struct {
	FileDefaults
	node   Node
	opened Opened // node, if it is one
}

// NodeFile returns the File whose content is n's. It can only be written if n is an Opened.
func NodeFile(n Node) File {
	f := new(nodeFile)
	f.setNode(n)
	return f
}

func (f *nodeFile) setNode(n Node) {
	f.node = n
	f.opened, _ = n.(Opened)
}

// Read implements File.
func (f *nodeFile) Read(p []byte, off int64) (int, error) { return ReadContent(f.node, p, off) }

// Write implements File.
func (f *nodeFile) Write(p []byte, off int64) (int, error) {
	if f.opened == nil {
		return 0, abi.EBADF
	}
	return WriteContent(f.node, p, off, f.opened.Now())
}

// Seekable implements File.
func (f *nodeFile) Seekable() bool { return true }

// Release implements File.
func (f *nodeFile) Release() {
	if f.opened != nil {
		f.opened.Closed()
	}
}

// dirFile is an open directory.
type dirFile struct {
	FileDefaults
	opened Opened // nil if the directory does not care
}

// DirFile returns the File of the open directory n, which is told when the description goes if
// it is an Opened.
func DirFile(n Node) File {
	f := new(dirFile)
	f.opened, _ = n.(Opened)
	return f
}

// Read implements File: read(2) gives EISDIR.
func (f *dirFile) Read([]byte, int64) (int, error) { return 0, abi.EISDIR }

// Write implements File. A directory cannot be open for writing.
func (f *dirFile) Write([]byte, int64) (int, error) { return 0, abi.EBADF }

// Seekable implements File: a directory has a position for getdents64(2).
func (f *dirFile) Seekable() bool { return true }

// Release implements File.
func (f *dirFile) Release() {
	if f.opened != nil {
		f.opened.Closed()
	}
}

// pathFile is a description opened with O_PATH: a place, not a file.
type pathFile struct {
	FileDefaults
	_ bool // so that each has an address of its own
}

// Read implements File.
func (*pathFile) Read([]byte, int64) (int, error) { return 0, abi.EBADF }

// Write implements File.
func (*pathFile) Write([]byte, int64) (int, error) { return 0, abi.EBADF }
