package devfs_test

import (
	"testing"

	"emurun/abi"
	"emurun/vfs"
	"emurun/vfs/devfs"
)

func TestMemoryDevices(t *testing.T) {
	fs := devfs.New(5, 0, func(p []byte) {
		for i := range p {
			p[i] = 7
		}
	})
	fs.Symlink("fd", "/proc/self/fd")
	fs.Mkdir("shm")
	ns := vfs.NewNamespace(fs, "dev", "devtmpfs", 0)
	c := &vfs.Context{NS: ns, Root: ns.Root(), Cwd: ns.Root(), Cred: vfs.Cred{UID: 1000}}
	for _, tt := range []struct {
		name     string
		read     string
		readErr  error
		writeErr error
	}{
		{"null", "", nil, nil},
		{"zero", "\x00\x00", nil, nil},
		{"full", "\x00\x00", nil, abi.ENOSPC},
		{"urandom", "\x07\x07", nil, nil},
	} {
		f, err := c.Open(nil, tt.name, vfs.How{Flags: abi.O_RDWR | abi.O_CREAT | abi.O_TRUNC})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		p := make([]byte, 2)
		n, err := f.Read(p)
		if string(p[:n]) != tt.read || err != tt.readErr {
			t.Errorf("%s: read %q, %v", tt.name, p[:n], err)
		}
		if _, err := f.Write(p); err != tt.writeErr {
			t.Errorf("%s: write %v", tt.name, err)
		}
		f.Unref()
	}
	if _, err := c.Open(nil, "new", vfs.How{Flags: abi.O_RDWR | abi.O_CREAT}); err != abi.EACCES {
		t.Errorf("a new name: %v", err)
	}
	if _, err := fs.Open(abi.Mkdev(1, 3), 0); err != nil {
		t.Errorf("by number: %v", err)
	}
	if _, err := fs.Open(abi.Mkdev(9, 9), 0); err != abi.ENXIO {
		t.Errorf("by unknown number: %v", err)
	}
}
