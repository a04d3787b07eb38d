//go:build unix

package hostfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the lock of a file, which goes with the process; false if another
// process has it.
func lock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

// removeLocked deletes a file and then lets its lock go.
func removeLocked(f *os.File, name string) error { return errors.Join(os.Remove(name), f.Close()) }

// renameLocked renames a file, which keeps its lock.
func renameLocked(f *os.File, name, to string) (*os.File, error) { return f, os.Rename(name, to) }
