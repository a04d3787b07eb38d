package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/checkpoint"
	"emurun/internal/control"
	"emurun/server/client"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
	"emurun/vfs/hostfs"
)

// storeFlag says which store a command uses.
func storeFlag() cli.Flag {
	return &cli.StringFlag{
		Category: "checkpoints", Name: "store", TakesFile: true,
		Usage: "keep checkpoints in `DIR`, or on the server at this URL: https://HOST:PORT or unix:PATH", DefaultText: "$EMURUN_STORE, or the user's own",
	}
}

// store is a directory's or a server's.
type store interface {
	snapshot.Store
	Close() error
}

// storeName returns the directory or the URL that --store or the environment names, or the
// user's own directory.
func storeName(c *cli.Context) (string, error) {
	if name := c.String("store"); name != "" {
		return absolute(name)
	}
	return usualStore()
}

// absolute makes the name of a store good in any folder.
func absolute(name string) (string, error) {
	if path, ok := strings.CutPrefix(name, "unix:"); ok {
		path, err := filepath.Abs(path)
		return "unix:" + path, err
	}
	if client.Is(name) {
		return name, nil
	}
	return filepath.Abs(name)
}

// usualStore is the store without --store. The environment's is no flag's, for that would make
// each run a job.
func usualStore() (string, error) {
	if name := os.Getenv("EMURUN_STORE"); name != "" {
		return absolute(name)
	}
	state, err := hostfs.StateDir()
	if err != nil {
		return "", fmt.Errorf("no place for checkpoints: %w (give --store)", err)
	}
	return filepath.Join(state, "store"), nil
}

// openStore opens the store of a command that needs one that is there.
func openStore(c *cli.Context) (store, string, error) {
	name, err := storeName(c)
	if err != nil {
		return nil, "", err
	}
	s, err := openThere(name)
	return s, name, err
}

// openThere opens a store that is there.
func openThere(name string) (store, error) {
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) && !client.Is(name) {
		return nil, fmt.Errorf("there is no store %s (give --store)", name)
	}
	return openNamed(name)
}

// openNamed opens a store; a directory is made if it is not there.
func openNamed(name string) (store, error) {
	if client.Is(name) {
		return client.Open(name)
	}
	return dirstore.Open(name)
}

// controlDir returns the directory in which this host's runs with a store can be asked.
func controlDir(name string) (string, error) {
	if !client.Is(name) {
		return name, nil
	}
	state, err := hostfs.StateDir()
	return filepath.Join(state, "servers", snapshot.Sum([]byte(name)).String()[:16]), err
}

// running returns the status of each job that runs with a store on this host.
func running(name string) ([]control.Response, error) {
	dir, err := controlDir(name)
	if err != nil {
		return nil, err
	}
	return control.Running(dir)
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
	warnUnreadable(s)
	c, err := snapshot.Find(s, ref)
	if errors.Is(err, snapshot.ErrNotFound) {
		err = fmt.Errorf("%w (see emurun checkpoints)", err)
	}
	return c, err
}

// unreadable returns the checkpoints whose manifests cannot be read, and why: they are damaged, or
// a newer emurun wrote them.
func unreadable(s snapshot.Store) map[snapshot.Hash]error {
	ids, _ := s.List() // whoever goes on asks again
	bad := map[snapshot.Hash]error{}
	for _, id := range ids {
		if _, err := s.Manifest(id); errors.Is(err, snapshot.ErrCorrupt) || errors.Is(err, snapshot.ErrVersion) {
			bad[id] = err
		}
	}
	return bad
}

// warnUnreadable tells of checkpoints that are there and that nobody can name, for they are left
// out of what is looked for.
func warnUnreadable(s snapshot.Store) {
	bad := unreadable(s)
	for _, id := range slices.SortedFunc(maps.Keys(bad), func(a, b snapshot.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		warn(fmt.Errorf("a checkpoint is left out: %w", bad[id]))
	}
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
