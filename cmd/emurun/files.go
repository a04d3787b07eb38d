package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"emurun/machine"
	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// files is the guest's tree, and what of it goes back to the host.
type files struct {
	ns       *vfs.Namespace
	ownRoot  bool // the root is not the host's
	discard  bool
	closers  []func()
	overlays []*overlay.FS
}

// Device numbers of the file systems that show the host's files.
const (
	rootDev   = 0x801
	volumeDev = 0x810
)

// openFiles builds the tree that the flags describe.
func openFiles(c *cli.Context) (*files, error) {
	f := &files{discard: c.Bool("discard")}
	root := c.String("root")
	f.ownRoot = root != ""
	if root == "" {
		root = "/"
	}
	fs, err := f.hostTree(root, rootDev)
	if err != nil {
		return nil, fmt.Errorf("root %w", err)
	}
	f.ns = vfs.NewNamespace(fs, "/dev/root", "ext4", 0)
	return f, machine.MountSystem(f.ns)
}

// hostTree returns a writable view of a host folder.
func (f *files) hostTree(path string, dev uint64) (vfs.FileSystem, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	lower, err := hostfs.Open(abs, dev)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, lower.Close)
	fs := overlay.New(overlay.Options{Lower: lower, Dev: dev})
	f.overlays = append(f.overlays, fs)
	return fs, nil
}

// defaultDir is where the program starts without --workdir: where emurun was
// started, or the top of a root of its own.
func (f *files) defaultDir() string {
	if f.ownRoot {
		return "/"
	}
	wd, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return wd
}

// commit applies what the guest wrote.
func (f *files) commit() error { return nil }

func (f *files) close() {
	for _, c := range f.closers {
		c()
	}
}
