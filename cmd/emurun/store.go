package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/checkpoint"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/vfs/hostfs"
)

// storeFlag says which store a command uses.
func storeFlag() cli.Flag {
	return &cli.StringFlag{
		Category: "checkpoints", Name: "store", TakesFile: true,
		Usage: "keep checkpoints in `DIR`", DefaultText: "$EMURUN_STORE, or the user's own",
	}
}

// storeDir returns the directory that --store or the environment name, or the user's own.
func storeDir(c *cli.Context) (string, error) {
	if dir := c.String("store"); dir != "" {
		return filepath.Abs(dir)
	}
	return usualStore()
}

// usualStore is the store without --store. The environment's is no flag's, for that would make
// each run a job.
func usualStore() (string, error) {
	if dir := os.Getenv("EMURUN_STORE"); dir != "" {
		return filepath.Abs(dir)
	}
	state, err := hostfs.StateDir()
	if err != nil {
		return "", fmt.Errorf("no place for checkpoints: %w (give --store)", err)
	}
	return filepath.Join(state, "store"), nil
}

// openStore opens the store of a command that needs one that is there.
func openStore(c *cli.Context) (*dirstore.Store, string, error) {
	dir, err := storeDir(c)
	if err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, "", fmt.Errorf("there is no store %s (give --store)", dir)
	}
	s, err := dirstore.Open(dir)
	return s, dir, err
}

// resumeHint is the command that goes on from ref, in the store in dir.
func resumeHint(dir, ref string) string {
	if usual, err := usualStore(); err == nil && usual == dir {
		return "emurun resume " + ref
	}
	return fmt.Sprintf("emurun resume --store %s %s", dir, ref)
}

// findCheckpoint returns the checkpoint that the first argument means.
func findCheckpoint(s snapshot.Store, ref string) (snapshot.Checkpoint, error) {
	c, err := snapshot.Find(s, ref)
	if errors.Is(err, snapshot.ErrNotFound) {
		err = fmt.Errorf("%w (see emurun checkpoints)", err)
	}
	return c, err
}

// every is how often checkpoints are taken: 5s, 10m, or 100M-steps.
type every struct {
	given bool
	checkpoint.Every
}

var errEvery = errors.New("want a time such as 30s or 10m, or a number of instructions such as 100M-steps")

// Set implements cli.Generic.
func (v *every) Set(s string) error {
	*v = every{given: true}
	if n, ok := strings.CutSuffix(s, "-steps"); ok {
		steps, err := parseSteps(n)
		v.Steps = steps
		return err
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Millisecond {
		return errEvery
	}
	v.Time = d
	return nil
}

func (v *every) String() string {
	switch {
	case v.Steps > 0:
		return strconv.FormatUint(v.Steps, 10) + "-steps"
	case v.Time > 0:
		return v.Time.String()
	}
	return ""
}

// parseSteps reads a number of instructions with an optional K, M or G, for powers of 1000.
func parseSteps(s string) (uint64, error) {
	scale := uint64(1)
	if i := strings.IndexAny(s, "kKMG"); i >= 0 && i == len(s)-1 {
		scale = map[byte]uint64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'G': 1e9}[s[i]]
		s = s[:i]
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 || n > 1<<62/scale {
		return 0, errEvery
	}
	return n * scale, nil
}

// name returns how people call a checkpoint: JOB@NUMBER.
func name(m *snapshot.Manifest) string { return fmt.Sprintf("%s@%d", m.Job, m.Seq) }
