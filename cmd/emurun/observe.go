package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/machine"
	"emurun/syscalls"
)

// outputs are the files that --strace and --trace write.
type outputs struct{ closers []func() error }

func (o *outputs) close() {
	for _, c := range o.closers {
		if err := c(); err != nil {
			fmt.Fprintln(os.Stderr, "emurun:", err)
		}
	}
}

// open returns the file of an optional flag: stderr when it has no value.
func (o *outputs) open(f *optional) (io.Writer, error) {
	if f.value == "" {
		return os.Stderr, nil
	}
	w, err := os.Create(f.value)
	if err != nil {
		return nil, err
	}
	o.closers = append(o.closers, w.Close)
	return w, nil
}

// observe sets up what the flags want to see of the run.
func (o *options) observe(_ *cli.Context, w *machine.Watch) (*outputs, error) {
	out := &outputs{}
	if o.strace.given {
		f, err := out.open(&o.strace)
		if err != nil {
			return nil, err
		}
		w.Calls = syscalls.NewStrace(f)
	}
	if o.trace.given {
		f, err := out.open(&o.trace)
		if err != nil {
			return nil, err
		}
		tr := machine.NewTextTrace(f)
		out.closers = append([]func() error{tr.Close}, out.closers...)
		w.Trace = tr
	}
	return out, nil
}

// stats is what --stats prints.
type stats struct {
	Steps uint64 `json:"steps"`
	Hash  string `json:"hash"`
	Seed  uint64 `json:"seed"`
	Epoch string `json:"epoch"`
	// Inputs counts what came from outside during the run; 0 means that seed and
	// epoch alone repeat it.
	Inputs int `json:"inputs"`
	Status int `json:"status"`
	Signal int `json:"signal,omitempty"`
}

func printStats(c *cli.Context, cfg *machine.Config, r *machine.Result) {
	s := stats{
		Steps: r.Steps, Hash: hex.EncodeToString(r.Hash[:]), Seed: cfg.Seed, Inputs: r.Inputs,
		Epoch: time.Unix(0, cfg.EpochNs).UTC().Format(time.RFC3339Nano), Status: int(r.Status >> 8 & 0xff), Signal: int(r.Status & 0x7f),
	}
	if c.Bool("json") {
		line, _ := json.Marshal(s) // numbers and strings always encode
		fmt.Fprintf(os.Stderr, "%s\n", line)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "emurun: steps %d\nemurun: hash %s\nemurun: seed %d\nemurun: epoch %s\n", s.Steps, s.Hash, s.Seed, s.Epoch)
	if s.Inputs > 0 {
		fmt.Fprintf(&b, "emurun: inputs %d\n", s.Inputs)
	}
	fmt.Fprint(os.Stderr, b.String())
}
