package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/checkpoint"
	"emurun/machine"
	"emurun/snapshot"
)

const hashDescription = `Runs PROGRAM and prints the hash of the machine's whole state at steps of the run, and at its end: one
line each, the step and the hash. The hash covers registers, memory, the kernel with its
processes and files, and nothing of the host: it is the same wherever the run is the same. Nothing
is written to the host's files. With --checkpoint it prints that of a checkpoint instead.

   emurun hash --seed 1 --epoch 0 ./program
   emurun hash --at 1M --at 2M ./program
   emurun hash --every 100M ./program
   emurun hash --checkpoint sort@12`

func hashCommand() *cli.Command {
	o := &options{}
	flags := []cli.Flag{
		storeFlag(),
		&cli.StringSliceFlag{Name: "at", Usage: "print it at step `N`, such as 5000000 or 5M (repeatable)"},
		&cli.StringFlag{Name: "every", Usage: "print it each `N` steps"},
		&cli.StringFlag{Name: "checkpoint", Usage: "print that of a `CHECKPOINT`"},
	}
	own := map[string]bool{"discard": true, "json": true, "stats": true}
	for _, f := range o.flags() {
		if !own[f.Names()[0]] {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:        "hash",
		Usage:       "print the hash of a machine's state at some step",
		ArgsUsage:   "PROGRAM [ARGS…]\n   emurun hash --checkpoint CHECKPOINT",
		Description: hashDescription,
		Flags:       flags,
		Action:      o.hash,
	}
}

func (o *options) hash(c *cli.Context) error {
	if ref := c.String("checkpoint"); ref != "" {
		s, _, err := openStore(c)
		if err != nil {
			return err
		}
		defer s.Close()
		k, err := findCheckpoint(s, ref)
		if err == nil {
			fmt.Fprintf(c.App.Writer, "%d %v\n", k.Step, k.State())
		}
		return err
	}
	h, err := newHasher(c)
	if err != nil {
		return err
	}
	o.looker = h
	return o.run(c)
}

// looker looks at a machine between its turns and at its end. What the program writes to files is
// dropped.
type looker interface {
	machine.Between
	End(m *machine.Machine) error
}

// hasher prints the state hash at steps.
type hasher struct {
	w     io.Writer
	at    []uint64 // ascending
	every uint64
	next  uint64
}

func newHasher(c *cli.Context) (*hasher, error) {
	h := &hasher{w: c.App.Writer}
	for _, s := range c.StringSlice("at") {
		n, err := parseSteps(s)
		if err != nil {
			return nil, fmt.Errorf("--at %q: want a number of instructions such as 5000000 or 5M", s)
		}
		h.at = append(h.at, n)
	}
	slices.Sort(h.at)
	if s := c.String("every"); s != "" {
		n, err := parseSteps(strings.TrimSuffix(s, "-steps"))
		if err != nil {
			return nil, fmt.Errorf("--every %q: want a number of instructions such as 100M", s)
		}
		h.every = n
	}
	h.advance(0)
	return h, nil
}

// advance finds the next step behind now.
func (h *hasher) advance(now uint64) {
	h.next = math.MaxUint64
	for len(h.at) > 0 && h.at[0] <= now {
		h.at = h.at[1:]
	}
	if len(h.at) > 0 {
		h.next = h.at[0]
	}
	if h.every > 0 {
		h.next = min(h.next, now-now%h.every+h.every)
	}
}

// Until implements machine.Between.
func (h *hasher) Until() uint64 { return h.next }

// Between implements machine.Between.
func (h *hasher) Between(m *machine.Machine) error {
	if m.Kernel.Steps() < h.next {
		return nil
	}
	h.advance(m.Kernel.Steps())
	return h.End(m)
}

// End implements looker.
func (h *hasher) End(m *machine.Machine) error {
	x, err := stateOf(m, nil)
	if err == nil {
		fmt.Fprintf(h.w, "%d %v\n", x.Step, x.State())
	}
	return err
}

// stateOf returns the state of a machine now. from has what was committed of it.
func stateOf(m *machine.Machine, from snapshot.Getter) (*snapshot.Manifest, error) {
	f, err := m.Freeze()
	if err != nil {
		return nil, err
	}
	defer f.Release(false)
	return checkpoint.State(f, from)
}
