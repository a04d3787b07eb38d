//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd

package hostfs

import "io/fs"

// fillStat has nothing to add: the system has no inode numbers or owners.
func fillStat(*hostStat, fs.FileInfo) {}
