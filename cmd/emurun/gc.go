package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

func gcCommand() *cli.Command {
	return &cli.Command{
		Name:  "gc",
		Usage: "delete old checkpoints and free what only they needed",
		Description: `Keeps of each job the newest checkpoints, and those with a label, and frees the rest. What it frees is
printed. Jobs may run meanwhile.

   emurun gc
   emurun gc --keep 1
   emurun gc --delete sort@12`,
		Flags: []cli.Flag{
			storeFlag(), jsonFlag(),
			&cli.IntFlag{Name: "keep", Value: snapshot.KeepNewest, Usage: "keep the newest `N` checkpoints of each job, at least 1"},
			&cli.StringSliceFlag{Name: "delete", Usage: "delete this `CHECKPOINT` too, labelled or not (repeatable)"},
			&cli.BoolFlag{Name: "dry-run", Aliases: []string{"n"}, Usage: "only say what would be deleted", DisableDefaultText: true},
		},
		BashComplete: completeCheckpoints,
		Action:       gc,
	}
}

func gc(c *cli.Context) error {
	if err := recoverCommits(); err != nil { // whose checkpoint must be there for that
		return err
	}
	s, dir, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	drop, err := toDelete(c, s)
	if err != nil {
		return err
	}
	if err := spareRunning(dir, s, drop); err != nil {
		return err
	}
	done := collected{Deleted: []listed{}}
	for _, k := range drop {
		done.Deleted = append(done.Deleted, listing(k, 0))
		if c.Bool("dry-run") {
			continue
		}
		if err := s.Delete(k.ID); err != nil {
			return err
		}
	}
	local, ok := s.(*dirstore.Store) // a server frees what nothing needs by itself
	done.server = !ok
	if !c.Bool("dry-run") && ok {
		before := diskUse(dir)
		if err := during("collecting", func() error { _, err := local.GC(); return err }); err != nil {
			if errors.Is(err, snapshot.ErrCorrupt) {
				err = fmt.Errorf("%w (emurun gc --delete HASH gives it up)", err)
			}
			return err
		}
		done.Used = diskUse(dir)
		done.Freed = before - min(done.Used, before)
	}
	return done.print(c)
}

// collected is what `emurun gc --json` prints.
type collected struct {
	Deleted []listed `json:"deleted"` // or, with --dry-run, what would be
	Freed   uint64   `json:"freed_bytes"`
	Used    uint64   `json:"used_bytes"`
	server  bool     // on a server, of whose disk nothing is known
}

func (d *collected) print(c *cli.Context) error {
	if c.Bool("json") {
		return printObject(c.App.Writer, d)
	}
	for _, l := range d.Deleted {
		fmt.Fprintf(c.App.Writer, "delete %s  %s  step %d\n", l.Name, l.Hash[:12], l.Step)
	}
	if !c.Bool("dry-run") && !d.server {
		fmt.Fprintf(c.App.Writer, "freed %s, %s are used\n", bytesText(d.Freed), bytesText(d.Used))
	}
	return nil
}

// toDelete returns the checkpoints that the flags give up.
func toDelete(c *cli.Context, s snapshot.Store) ([]snapshot.Checkpoint, error) {
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return nil, err
	}
	gone := map[snapshot.Hash]bool{}
	for _, id := range snapshot.Retain(all, c.Int("keep")) {
		gone[id] = true
	}
	var drop []snapshot.Checkpoint
	for _, ref := range c.StringSlice("delete") {
		if id, err := snapshot.ParseHash(ref); err == nil && unreadable(s)[id] != nil {
			drop = append(drop, snapshot.Checkpoint{ID: id, Manifest: &snapshot.Manifest{Job: "unreadable"}})
			continue
		}
		k, err := findCheckpoint(s, ref)
		if err != nil {
			return nil, err
		}
		gone[k.ID] = true
	}
	for _, k := range all {
		if gone[k.ID] {
			drop = append(drop, k)
		}
	}
	return drop, nil
}

// spareRunning refuses to delete what a running job builds on.
func spareRunning(dir string, s snapshot.Store, drop []snapshot.Checkpoint) error {
	list, err := running(dir)
	if err != nil {
		return err
	}
	for _, r := range list {
		newest, err := snapshot.Find(s, r.Job)
		for _, k := range drop {
			if err == nil && k.ID == newest.ID {
				return fmt.Errorf("%s is the newest checkpoint of a running job: stop it first, with emurun freeze --stop %s", name(k.Manifest), r.Job)
			}
		}
	}
	return nil
}

// diskUse returns the bytes of the files below dir.
func diskUse(dir string) (n uint64) {
	_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			n += uint64(info.Size())
		}
		return nil
	})
	return n
}

// bytesText writes a number of bytes for people.
func bytesText(n uint64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d bytes", n)
	}
	f, i := float64(n)/1024, 0
	for ; f >= 1024 && i < len(units)-1; i++ {
		f /= 1024
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}
