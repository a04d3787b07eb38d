package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/urfave/cli/v2"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/store"
)

const verifyExamples = `
   emusrv verify --data DIR                    are all packs there that checkpoints need?
   emusrv verify --deep --server URL           read and hash every byte`

func verifyCommand() *cli.Command {
	return command("verify", "look whether everything is there and sound", verifyExamples,
		whereFlags(&cli.BoolFlag{Name: "deep", Usage: "read and hash every byte", DisableDefaultText: true}), runVerify)
}

func runVerify(c *cli.Context) error {
	return either(c, func(s *store.Store) error {
		r, err := s.Verify(c.Bool("deep"))
		if err != nil {
			return err
		}
		a := api.Verify{Checkpoints: r.Checkpoints, Good: len(r.Good), Packs: r.Packs, Bytes: r.Bytes}
		for _, d := range r.Damage {
			a.Damage = append(a.Damage, d.Error())
		}
		return verified(c, a)
	}, func(ctx context.Context, cl *client.Client) error {
		path := api.VerifyPath
		if c.Bool("deep") {
			path += "?deep=1"
		}
		var a api.Verify
		if err := cl.JSON(ctx, http.MethodPost, path, nil, &a); err != nil {
			return err
		}
		return verified(c, a)
	})
}

// verified prints what verify found.
func verified(c *cli.Context, a api.Verify) error {
	for _, d := range a.Damage {
		fmt.Fprintln(c.App.Writer, d)
	}
	fmt.Fprintf(c.App.Writer, "%d of %d checkpoints are good", a.Good, a.Checkpoints)
	if a.Packs > 0 {
		fmt.Fprintf(c.App.Writer, "; %d packs with %d bytes were read", a.Packs, a.Bytes)
	}
	fmt.Fprintln(c.App.Writer)
	if n := len(a.Damage); n > 0 {
		return &statusError{statusDamage, fmt.Errorf("damage was found in %d places", n)}
	}
	return nil
}

const fsckExamples = `
   emusrv fsck --data DIR              say what is damaged, and what could be done
   emusrv fsck --repair --data DIR     do it`

func fsckCommand() *cli.Command {
	return command("fsck", "repair a store that no server has open", fsckExamples, []cli.Flag{dataFlag(),
		&cli.BoolFlag{Name: "repair", Usage: "do it; nothing is deleted, what is damaged goes to quarantine", DisableDefaultText: true}}, runFsck)
}

func runFsck(c *cli.Context) error {
	dir, err := dataDir(c)
	if err != nil {
		return err
	}
	s, err := store.Open(dir, store.Options{Log: quietLog()})
	if err != nil {
		return err
	}
	r, done, err := s.Fsck(c.Bool("repair"))
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	for _, d := range r.Damage {
		fmt.Fprintln(c.App.Writer, "found:", d)
	}
	word := "would:"
	if c.Bool("repair") {
		word = "did:"
	}
	for _, d := range done {
		fmt.Fprintln(c.App.Writer, word, d)
	}
	if len(r.Damage) > 0 {
		return &statusError{statusDamage, fmt.Errorf("damage was found in %d places", len(r.Damage))}
	}
	fmt.Fprintf(c.App.Writer, "clean: %d checkpoints, %d packs, %d bytes\n", r.Checkpoints, r.Packs, r.Bytes)
	return nil
}

const gcExamples = `
   emusrv gc --server URL      one cycle: what was found useless a grace ago goes`

func gcCommand() *cli.Command {
	return command("gc", "collect packs that nothing needs", gcExamples, whereFlags(), func(c *cli.Context) error {
		return either(c, func(s *store.Store) error {
			st, err := s.GC()
			if err != nil {
				return err
			}
			return collected(c, api.GC(st))
		}, func(ctx context.Context, cl *client.Client) error {
			var a api.GC
			if err := cl.JSON(ctx, http.MethodPost, api.GCPath, nil, &a); err != nil {
				return err
			}
			return collected(c, a)
		})
	})
}

func collected(c *cli.Context, a api.GC) error {
	fmt.Fprintf(c.App.Writer, "%d packs deleted, %d bytes freed, %d condemned, %d tables trimmed, %d packs live\n", a.Deleted, a.Freed, a.Condemned, a.Trimmed, a.Live)
	return nil
}

const backupExamples = `
   emusrv backup --server URL --token-file admin.token >backup.tar
   emusrv backup --data DIR --out backup.tar

A backup is one instant of all that the store keeps, with the server's keys: guard it.`

func backupCommand() *cli.Command {
	return command("backup", "write a backup", backupExamples,
		whereFlags(&cli.StringFlag{Name: "out", Usage: "write to `FILE` instead of standard output"}), runBackup)
}

func runBackup(c *cli.Context) (err error) {
	out := os.Stdout
	if name := c.String("out"); name != "" {
		if out, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Sync(), out.Close()) }()
	} else if info, err := out.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return usage("a backup is not for a terminal: give --out FILE or redirect standard output")
	}
	w := bufio.NewWriterSize(out, 1<<20)
	err = either(c, func(s *store.Store) error { return s.Backup(w) }, func(ctx context.Context, cl *client.Client) error {
		return cl.Stream(ctx, http.MethodGet, api.BackupPath, w)
	})
	return errors.Join(err, w.Flush())
}

const restoreExamples = `
   emusrv restore --data NEWDIR <backup.tar

makes a store from a backup. Clients that were told of later checkpoints will say so, and
the server then refuses writes until it is started with --accept-regression.`

func restoreCommand() *cli.Command {
	return command("restore", "make a store from a backup", restoreExamples, []cli.Flag{dataFlag(),
		&cli.StringFlag{Name: "in", Usage: "read `FILE` instead of standard input"}}, func(c *cli.Context) error {
		dir, err := dataDir(c)
		if err != nil {
			return err
		}
		in := os.Stdin
		if name := c.String("in"); name != "" {
			if in, err = os.Open(name); err != nil {
				return err
			}
			defer in.Close()
		}
		return store.Restore(dir, bufio.NewReaderSize(in, 1<<20))
	})
}
