package hostfs

import "os"

// Scratch is a file of this run alone, for what does not fit into memory. It is
// made when it is first written, and has no name where the host allows that, so that it
// goes with the process.
type Scratch struct {
	dir string
	f   *os.File
}

// NewScratch returns a scratch file to be made in dir; "" is the system's
// directory for temporary files.
func NewScratch(dir string) *Scratch { return &Scratch{dir: dir} }

// open makes the file.
func (s *Scratch) open() (err error) {
	if s.f == nil {
		if s.f, err = os.CreateTemp(s.dir, "emurun-scratch-*"); err == nil {
			_ = os.Remove(s.f.Name()) // where that is refused, Close does it
		}
	}
	return err
}

// ReadAt reads at off.
func (s *Scratch) ReadAt(p []byte, off int64) (int, error) {
	if err := s.open(); err != nil {
		return 0, Errno(err)
	}
	n, err := s.f.ReadAt(p, off)
	return n, Errno(err)
}

// WriteAt writes at off. A full disk is the guest's ENOSPC.
func (s *Scratch) WriteAt(p []byte, off int64) (int, error) {
	if err := s.open(); err != nil {
		return 0, Errno(err)
	}
	n, err := s.f.WriteAt(p, off)
	return n, Errno(err)
}

// Close gives the file back.
func (s *Scratch) Close() {
	if s.f != nil {
		_ = s.f.Close()
		_ = os.Remove(s.f.Name())
	}
}
