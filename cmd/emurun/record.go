package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/machine"
	"emurun/machine/record"
)

const recordDescription = `Runs PROGRAM as emurun does, and writes into a file all that enters the machine from
outside: what it reads from its standard input and from files, the terminal, signals, real time.
emurun replay does the run again from that file alone, on any host.

   emurun record -o run.rec ./program arg
   emurun record -o run.rec --discard bash -c 'make test'
   emurun replay run.rec

If emurun is killed, the recording is good up to then.`

func recordCommand() *cli.Command {
	o := &options{}
	return &cli.Command{
		Name:        "record",
		Usage:       "run a program and record all that enters from outside",
		ArgsUsage:   "PROGRAM [ARGS…]",
		Description: recordDescription,
		Flags: append([]cli.Flag{&cli.StringFlag{
			Name: "output", Aliases: []string{"o"}, Usage: "write the recording to `FILE`", Value: "run.rec", TakesFile: true,
		}}, o.flags()...),
		Action: func(c *cli.Context) error {
			o.recorder = &recorder{path: c.String("output")}
			return o.run(c)
		},
	}
}

// recorder writes the recording of a run. It implements machine.Log. A nil recorder records
// nothing.
type recorder struct {
	path   string
	file   *os.File
	w      *record.Writer
	seen   captured
	next   time.Time // of the next mark
	rested time.Time // when what was seen may be saved again
	err    error
}

// captured returns what the guest sees of the host's files; nil for nobody who wants to know.
func (r *recorder) captured() *captured {
	if r == nil {
		return nil
	}
	return &r.seen
}

// begin creates the recording of the run that c describes, which goes on to be logged.
func (r *recorder) begin(c *cli.Context, cfg *machine.Config, f *files) error {
	if r == nil {
		return nil
	}
	h, err := header(c, cfg, f)
	if err != nil {
		return err
	}
	if r.file, err = os.Create(r.path); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	if r.w, err = record.NewWriter(r.file, h); err != nil {
		return fmt.Errorf("recording %s: %w", r.path, err)
	}
	cfg.Log, cfg.Watch.Hashed = r, true
	return nil
}

// Append implements machine.Log.
func (r *recorder) Append(e *machine.Input) error {
	if r.err != nil {
		return r.err
	}
	return r.w.Append(e)
}

// markEvery is how much a recording may lack when emurun is killed, and markShare how many times
// as long as writing down what was seen of the files the guest runs between.
const (
	markEvery = 200 * time.Millisecond
	markShare = 20
)

// MarkDue implements machine.Log. The content of a file is written down when the guest has
// opened it, before somebody else can change it; everything else that it saw of the files now
// and then, before the mark that says so.
func (r *recorder) MarkDue(idle bool) bool {
	if r.err == nil {
		r.err = r.seen.store(r.w)
	}
	now := time.Now()
	switch {
	case r.err != nil:
		return true // Append tells
	case now.After(r.next), idle && r.seen.dirty && now.After(r.rested):
		r.err = r.seen.save(r.w)
		r.rested = now.Add(markShare * time.Since(now))
		r.next = now.Add(max(markEvery, r.rested.Sub(now)))
		return true
	case idle && r.seen.dirty:
		r.err = r.w.Flush()
		return r.err != nil
	}
	return idle
}

// end completes the recording of a run that ended with err.
func (r *recorder) end(result *machine.Result, runErr error) error {
	if r == nil {
		return runErr
	}
	err := r.err
	if err == nil {
		err = r.seen.store(r.w)
	}
	if err == nil {
		err = r.seen.save(r.w)
	}
	if err == nil {
		err = r.w.Close(&record.End{Status: result.Status, Steps: result.Steps, Early: runErr != nil, Hash: result.Hash})
	}
	if e := r.file.Close(); err == nil {
		err = e
	}
	if err != nil && runErr == nil {
		return fmt.Errorf("recording %s: %w", r.path, err)
	}
	return runErr
}

// drop removes the recording of a run that did not begin.
func (r *recorder) drop() {
	if r != nil && r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.path)
	}
}

// header returns how the machine begins, for its recording.
func header(c *cli.Context, cfg *machine.Config, f *files) (*record.Header, error) {
	s := &cfg.Start
	h := &record.Header{
		Seed: cfg.Seed, EpochNs: cfg.EpochNs, Memory: cfg.Memory, MaxSteps: cfg.MaxSteps, Level: uint32(cfg.Level),
		Path: s.Path, Cwd: s.Cwd, Argv: s.Argv, Envp: s.Envp, Umask: s.Umask, UID: s.Cred.RUID, GID: s.Cred.RGID, Groups: s.Cred.Groups,
		Standard: cfg.Standard, SystemDirs: f.makesDirs(), OwnRoot: f.ownRoot,
	}
	root := c.String("root")
	if root == "" {
		root = "/"
	}
	trees := []volume{{host: root, guest: "/"}}
	for _, v := range c.StringSlice("volume") {
		x, err := parseVolume(v)
		if err != nil {
			return nil, err
		}
		trees = append(trees, x)
	}
	for i, v := range trees {
		source, err := filepath.Abs(v.host)
		if err != nil {
			return nil, err
		}
		h.Trees = append(h.Trees, record.Tree{At: v.guest, Source: source, Dev: treeDev(i), ReadOnly: v.readOnly})
	}
	return h, nil
}

// treeDev is the device number of a tree of the guest's files: the root, then the volumes.
func treeDev(i int) uint64 {
	if i == 0 {
		return rootDev
	}
	return volumeDev + uint64(i) - 1
}

var errRecordingArgs = errors.New("give one recording, as in: emurun replay run.rec")
