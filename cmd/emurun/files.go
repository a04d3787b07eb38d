package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"emurun/abi"
	"emurun/checkpoint"
	"emurun/internal/hostfiles"
	"emurun/machine"
	"emurun/server/client"
	"emurun/snapshot"
	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/overlay"
)

// files is the guest's tree, and what of it goes back to the host.
type files struct {
	ns       *vfs.Namespace
	clock    machine.Clock
	ownRoot  bool            // the root is not the host's
	ownImage bool            // it is an archive
	image    checkpoint.Root // that
	discard  bool
	capture  *captured // what is seen of the host's files; nil if nobody wants to know
	closers  []func()
	trees    []hostfiles.Tree // what a commit applies to
}

// Device numbers of the file systems that show the host's files.
const (
	rootDev   = 0x801
	volumeDev = 0x810
)

// openFiles builds the tree that the flags describe.
// If seen is not nil it is what of the host's files the guest will have seen.
func openFiles(c *cli.Context, seen *captured) (*files, error) {
	f := &files{discard: c.Bool("discard"), capture: seen}
	root := c.String("root")
	f.ownRoot = root != ""
	if root == "" {
		root = "/"
	}
	if err := recoverCommits(); err != nil {
		return nil, err
	}
	fs, err := f.rootTree(root)
	if err != nil {
		return nil, fmt.Errorf("root %w", err)
	}
	f.begin(fs, f.makesDirs())
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

// makesDirs reports whether the root gets folders for /dev and the like. A folder that keeps what
// is written has them, or does without.
func (f *files) makesDirs() bool { return f.discard || f.ownImage }

// begin makes fs the root of the guest's tree.
func (f *files) begin(fs vfs.FileSystem, systemDirs bool) {
	f.ns = vfs.NewNamespace(fs, "/dev/root", "ext4", 0)
	if systemDirs {
		for _, dir := range machine.SystemDirs {
			makeDirs(f.context(), dir)
		}
	}
}

// recoverCommits completes what an earlier run that was killed had begun to write. What
// waits for a checkpoint in a store that is out of reach does not keep a program from starting.
func recoverCommits() error {
	state, err := hostfs.StateDir()
	if err != nil {
		return nil // then nothing was ever kept there
	}
	n, err := hostfs.Recover(state, checkpointIsThere)
	if n > 0 {
		fmt.Fprintf(os.Stderr, "emurun: completed the file updates of %d earlier run(s)\n", n)
	}
	if errors.Is(err, hostfs.ErrUndecided) {
		fmt.Fprintln(os.Stderr, "emurun:", err)
		return nil
	}
	return err
}

// checkpointIsThere reports whether the checkpoint that file updates belong to was committed to its
// store.
func checkpointIsThere(o hostfs.Owner) (bool, error) {
	id, err := snapshot.ParseHash(o.Name)
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(o.Store); err != nil && !client.Is(o.Store) {
		return false, err
	}
	s, err := openNamed(o.Store)
	if err != nil {
		return false, err
	}
	defer s.Close()
	ids, err := s.List()
	return slices.Contains(ids, id), err
}

// rootTree returns the root file system: a host folder, or an archive, whose
// changes end with the machine.
func (f *files) rootTree(path string) (vfs.FileSystem, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if fi.IsDir() {
		return f.hostTree(path, rootDev, false)
	}
	im, err := hostfs.OpenImage(path, "", rootDev)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, im.Close)
	f.ownImage = true
	f.image.Archive, f.image.Size = im.Archive()
	return f.overlay(im, rootDev), nil
}

// mount puts a host folder into the guest's tree. Its place must be there, or is
// made if the root is not the host's own.
func (f *files) mount(v volume, dev uint64) error {
	fs, err := f.hostTree(v.host, dev, v.readOnly)
	if err != nil {
		return fmt.Errorf("volume %w", err)
	}
	return f.mountAt(fs, v, f.ownRoot)
}

// mountAt mounts fs as v says. makes is whether its place is made.
func (f *files) mountAt(fs vfs.FileSystem, v volume, makes bool) error {
	ctx := f.context()
	if makes {
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
	if _, err := f.ns.Mount(at, fs, v.host, "ext4", flags); err != nil {
		return fmt.Errorf("volume at %s: %w", v.guest, err)
	}
	return nil
}

// context is root's view of the tree, before there are processes.
func (f *files) context() *vfs.Context {
	return &vfs.Context{NS: f.ns, Root: f.ns.Root(), Cwd: f.ns.Root()}
}

// makeDirs makes a folder and those above it; what is there already stays.
func makeDirs(ctx *vfs.Context, path string) {
	for i := 1; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			_ = ctx.Mkdir(nil, path[:i], 0o755) // Walk tells if it did not work
		}
	}
}

// hostTree returns a writable view of a host folder, which a commit applies to
// unless it is read-only.
func (f *files) hostTree(path string, dev uint64, readOnly bool) (vfs.FileSystem, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	lower, err := hostfs.Open(abs, dev)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, lower.Close)
	fs := f.overlay(lower, dev)
	if !readOnly {
		f.trees = append(f.trees, hostfiles.Tree{Path: abs, Upper: fs, View: lower})
	}
	return fs, nil
}

// upperMemory bounds what the guest's file updates take of the host's memory;
// more goes to a scratch file.
const upperMemory = 64 << 20

// overlay returns a writable view of lower.
func (f *files) overlay(lower vfs.FileSystem, dev uint64) *overlay.FS {
	scratch := hostfs.NewScratch("")
	f.closers = append(f.closers, scratch.Close)
	fs := overlay.New(overlay.Options{
		Lower: f.capture.of(lower), Dev: dev, Clock: f.clock.Now, Scratch: scratch, MemoryLimit: upperMemory,
	})
	if f.capture != nil {
		f.capture.uppers = append(f.capture.uppers, fs)
	}
	return fs
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

// commit applies what the guest wrote to the host's files.
func (f *files) commit() error {
	if f.discard {
		return nil
	}
	state, err := stateDir()
	if err != nil {
		return err
	}
	return (&hostfiles.Files{State: state, Trees: f.trees}).Commit()
}

func (f *files) close() {
	for _, c := range f.closers {
		c()
	}
}
