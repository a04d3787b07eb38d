package syscalls

import (
	"testing"

	"emurun/abi"
)

// Every call that promises what is on the disk tells the file system.
func TestSynced(t *testing.T) {
	const file, mapped = 3, sessionBase + 2*sessionSize
	for _, tt := range []struct {
		name   string
		nr     uint64
		args   Args
		synced bool
	}{
		{"getpid", abi.SYS_getpid, Args{}, false},
		{"sync", abi.SYS_sync, Args{}, true},
		{"syncfs", abi.SYS_syncfs, Args{file}, true},
		{"fsync", abi.SYS_fsync, Args{file}, true},
		{"fdatasync", abi.SYS_fdatasync, Args{file}, true},
		{"msync MS_ASYNC", abi.SYS_msync, Args{mapped, 4096, abi.MS_ASYNC}, false},
		{"msync MS_SYNC", abi.SYS_msync, Args{mapped, 4096, abi.MS_SYNC}, true},
	} {
		g := newGuest(t)
		if _, err := g.WriteAt([]byte("f\x00"), sessionBase); err != nil {
			t.Fatal(err)
		}
		if fd := g.call(abi.SYS_open, Args{sessionBase, abi.O_CREAT | abi.O_RDWR, 0o600}); fd != file {
			t.Fatal("open", fd)
		}
		g.call(abi.SYS_ftruncate, Args{file, 4096})
		if a := g.call(abi.SYS_mmap, Args{mapped, 4096, rw, abi.MAP_SHARED | abi.MAP_FIXED, file, 0}); a != mapped {
			t.Fatal("mmap", a)
		}
		r := g.call(tt.nr, tt.args)
		fs := g.t.VFS().NS.Mounts()[0].FS.(interface{ Synced() bool })
		if r < 0 || fs.Synced() != tt.synced {
			t.Errorf("%s: %d, synced %v, want %v", tt.name, r, fs.Synced(), tt.synced)
		}
	}
}
