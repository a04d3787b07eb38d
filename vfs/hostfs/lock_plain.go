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
func removeLocked(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }
