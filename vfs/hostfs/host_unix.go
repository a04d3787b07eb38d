//go:build darwin || freebsd || netbsd || openbsd

package hostfs

import (
	"io/fs"
	"syscall"
)

// fillStat adds what only UNIX systems know of a file.
func fillStat(st *hostStat, fi fs.FileInfo) {
	if s, ok := fi.Sys().(*syscall.Stat_t); ok {
		st.id = hostID{uint64(s.Dev), uint64(s.Ino)}
		st.attr.UID, st.attr.GID, st.attr.Nlink = s.Uid, s.Gid, uint32(s.Nlink)
	}
}
