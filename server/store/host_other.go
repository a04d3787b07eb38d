//go:build !linux

package store

import (
	"math"
	"os"
)

// lockFile leaves locking to badger, which locks its own directory.
func lockFile(*os.File) error { return nil }

// syncDir has no counterpart on every host; badger syncs its own directory where it can.
func syncDir(string) error { return nil }

// diskSpace is not known here: a full disk shows as an error of a write.
func diskSpace(string) (free, total uint64, err error) { return math.MaxUint64, math.MaxUint64, nil }

// fileSystem knows of none that matters.
func fileSystem(string) (refused string, volatile bool, err error) { return "", false, nil }
