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
			storeFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "replay", Usage: "run again from the checkpoint before, and compare", DisableDefaultText: true},
		},
		BashComplete: completeCheckpoints,
		Action:       verify,
	}
}

// errDamaged says that something was printed that is wrong.
var errDamaged = &statusError{1, errors.New("something is damaged")}

// verified is what `emurun verify --json` prints.
type verified struct {
	Good   []string `json:"good"`             // checkpoints, newest first
	Damage []string `json:"damage"`           // what is wrong, in words
	State  string   `json:"state,omitempty"`  // the state hash of the one that was hashed
	Resume string   `json:"resume,omitempty"` // the newest good one of the job of one that is damaged
}

func verify(c *cli.Context) error {
	s, dir, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	ref := c.Args().First()
	if c.Bool("replay") {
		return verifyReplay(c, s, ref)
	}
	local, ok := s.(*dirstore.Store)
	switch {
	case ref == "" && ok:
		return verifyStore(c, local, dir)
	case ref == "":
		return errors.New("name a checkpoint: all of a server's store is verified by emusrv verify")
	}
	k, err := findCheckpoint(s, ref)
	if err != nil {
		return err
	}
	v := verified{Good: []string{}, Damage: []string{}, State: k.State().String()}
	err = during("hashing "+name(k.Manifest), func() error { return snapshot.Verify(s, k.Manifest, map[snapshot.Hash]bool{}) })
	if err == nil {
		v.Good = append(v.Good, name(k.Manifest))
		return v.print(c, fmt.Sprintf("%s is good: step %d, state %v", name(k.Manifest), k.Step, k.State()))
	}
	v.Damage = append(v.Damage, err.Error())
	offer := "no other checkpoint of the job is good"
	if o, ok := newestGood(s, k); ok {
		v.Good, v.Resume = append(v.Good, name(o.Manifest)), name(o.Manifest)
		offer = fmt.Sprintf("the newest good one is %s: %s", v.Resume, resumeHint(dir, v.Resume))
	}
	return v.print(c, fmt.Sprintf("%s is damaged: %v\n%s", name(k.Manifest), err, offer))
}

// print prints what was found, as text or as JSON.
func (v *verified) print(c *cli.Context, text string) error {
	if c.Bool("json") {
		if err := printObject(c.App.Writer, v); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(c.App.Writer, text)
	}
	if len(v.Damage) > 0 {
		return errDamaged
	}
	return nil
}

// verifyStore hashes everything.
func verifyStore(c *cli.Context, s *dirstore.Store, dir string) error {
	var r *dirstore.Report
	err := during("hashing the store", func() (err error) {
		r, err = s.Verify()
		return err
	})
	if err != nil {
		return err
	}
	v, text := verified{Good: []string{}, Damage: []string{}}, ""
	for _, err := range r.Damage {
		v.Damage = append(v.Damage, err.Error())
		text += err.Error() + "\n"
	}
	offers, offered := "", map[string]bool{}
	for _, k := range r.Good {
		v.Good = append(v.Good, name(k.Manifest))
		if len(r.Damage) > 0 && !offered[k.Job] {
			offered[k.Job] = true
			offers += fmt.Sprintf("\nthe newest good one of %s is %s: %s", k.Job, name(k.Manifest), resumeHint(dir, name(k.Manifest)))
		}
	}
	return v.print(c, fmt.Sprintf("%s%d checkpoints are good%s", text, len(r.Good), offers))
}

// newestGood returns the newest checkpoint of k's job that is good.
func newestGood(s snapshot.Store, k snapshot.Checkpoint) (snapshot.Checkpoint, bool) {
	all, err := snapshot.Checkpoints(s)
	if err != nil {
		return k, false
	}
	pages := map[snapshot.Hash]bool{}
	for _, o := range all {
		if o.Job == k.Job && o.ID != k.ID && snapshot.Verify(s, o.Manifest, pages) == nil {
			return o, true
		}
	}
	return k, false
}
