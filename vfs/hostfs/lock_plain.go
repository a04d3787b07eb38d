//go:build !unix

package hostfs

import (
	"errors"
	"os"
)

// lock would take the lock of a file. Here an open file cannot be deleted or is
// not shared, which has to do.
func lock(*os.File) (bool, error) { return true, nil }

// removeLocked deletes a file, which must be closed first here.
func removeLocked(f *os.File, name string) error { return errors.Join(f.Close(), os.Remove(name)) }

// renameLocked renames a file, which must be closed for that here.
func renameLocked(f *os.File, name, to string) (*os.File, error) {
	if err := errors.Join(f.Close(), os.Rename(name, to)); err != nil {
		return f, err
	}
	return os.OpenFile(to, os.O_RDWR, 0)
}
