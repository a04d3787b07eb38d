package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "hash a checkpoint, or a whole store, again",
		ArgsUsage: "[CHECKPOINT]",
		Description: `Reads and hashes everything that a checkpoint names; without an argument, everything in the store.
What is damaged is named, and which checkpoint is the newest that is good. With --replay the
checkpoint before is run up to this one, and the states are compared. The status is 1 if something is wrong.

   emurun verify
   emurun verify sort@12
   emurun verify --replay sort`,
		Flags: []cli.Flag{
			storeFlag(),
			&cli.BoolFlag{Name: "replay", Usage: "run again from the checkpoint before, and compare", DisableDefaultText: true},
		},
		Action: verify,
	}
}

// errDamaged says that something was printed that is wrong.
var errDamaged = &statusError{1, errors.New("something is damaged")}

func verify(c *cli.Context) error {
	s, _, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	ref := c.Args().First()
	if c.Bool("replay") {
		return verifyReplay(c, s, ref)
	}
	if ref == "" {
		return verifyStore(c, s)
	}
	k, err := findCheckpoint(s, ref)
	if err != nil {
		return err
	}
	if err := snapshot.Verify(s, k.Manifest, map[snapshot.Hash]bool{}); err != nil {
		fmt.Fprintf(c.App.Writer, "%s is damaged: %v\n", name(k.Manifest), err)
		return offerGood(c, s, k)
	}
	fmt.Fprintf(c.App.Writer, "%s is good: step %d, state %v\n", name(k.Manifest), k.Step, k.State())
	return nil
}

// verifyStore hashes everything.
func verifyStore(c *cli.Context, s *dirstore.Store) error {
	r, err := s.Verify()
	if err != nil {
		return err
	}
	for _, err := range r.Damage {
		fmt.Fprintln(c.App.Writer, err)
	}
	fmt.Fprintf(c.App.Writer, "%d checkpoints are good\n", len(r.Good))
	if len(r.Damage) > 0 {
		return errDamaged
	}
	return nil
}

// offerGood names the newest checkpoint of k's job that is good.
func offerGood(c *cli.Context, s snapshot.Store, k snapshot.Checkpoint) error {
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return err
	}
	pages := map[snapshot.Hash]bool{}
	for _, o := range all {
		if o.Job == k.Job && o.ID != k.ID && snapshot.Verify(s, o.Manifest, pages) == nil {
			fmt.Fprintf(c.App.Writer, "the newest good one is %s: emurun resume %s\n", name(o.Manifest), name(o.Manifest))
			return errDamaged
		}
	}
	fmt.Fprintln(c.App.Writer, "no other checkpoint of the job is good")
	return errDamaged
}
