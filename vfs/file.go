package vfs

// Memory is the calling thread's memory as an ioctl sees it.
type Memory interface {
	ReadAt(p []byte, addr uint64) (int, error)
	WriteAt(p []byte, addr uint64) (int, error)
}

// File is the kind-specific part of an open file description: a regular file, a
// directory, a pipe end, a socket, a terminal, an eventfd…
//
// Read and Write work at off; stream kinds ignore it. A file that is not ready
// answers abi.EAGAIN: the system call either passes that on (O_NONBLOCK) or parks
// the thread on Queue.
type File interface {
	Read(p []byte, off int64) (int, error)
	Write(p []byte, off int64) (int, error)
	// Seekable reports whether the description has a position; else lseek(2)
	// and pread(2) give ESPIPE.
	Seekable() bool
	// Ready returns the poll(2) events that hold now: abi.POLLIN, POLLOUT, POLLHUP….
	Ready() uint32
	// Queue is woken whenever Ready may have changed; nil for files that are always ready.
	Queue() *Queue
	// Ioctl implements ioctl(2); ENOTTY by default.
	Ioctl(req uint32, arg uint64, m Memory) (uint64, error)
	// Release is called when the last reference to the description goes.
	Release()
}
