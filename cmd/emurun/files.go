package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"emurun/abi"
	"emurun/machine"
	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// files is the guest's tree, and what of it goes back to the host.
type files struct {
	ns       *vfs.Namespace
	clock    machine.Clock
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
	for i, s := range c.StringSlice("volume") {
		v, err := parseVolume(s)
		if err == nil {
			err = f.mount(v, volumeDev+uint64(i))
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

// mount puts a host folder into the guest's tree. Its place must be there, or is
// made if the root is not the host's own.
func (f *files) mount(v volume, dev uint64) error {
	fs, err := f.hostTree(v.host, dev)
	if err != nil {
		return fmt.Errorf("volume %w", err)
	}
	ctx := &vfs.Context{NS: f.ns, Root: f.ns.Root(), Cwd: f.ns.Root()}
	if f.ownRoot {
		makeDirs(ctx, v.guest)
	}
	at, err := ctx.Walk(nil, v.guest, true)
	if err != nil {
		return fmt.Errorf("volume at %s: %w", v.guest, err)
	}
	flags := uint64(0)
	if v.readOnly {
		flags = abi.ST_RDONLY
	}
	if _, err = f.ns.Mount(at, fs, v.host, "ext4", flags); err != nil {
		return fmt.Errorf("volume at %s: %w", v.guest, err)
	}
	return nil
}

// makeDirs makes a folder and those above it; what is there already stays.
func makeDirs(ctx *vfs.Context, path string) {
	for i := 1; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			_ = ctx.Mkdir(nil, path[:i], 0o755) // Walk tells if it did not work
		}
	}
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
	fs := overlay.New(overlay.Options{Lower: lower, Dev: dev, Clock: f.clock.Now})
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
