package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
		BashComplete: completeFlags,
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			o.recorder = &recorder{path: c.String("output")}
			return o.run(c)
		},
	}
}

// recorder writes the recording of a run. A nil recorder records nothing.
type recorder struct {
	path string
	file *os.File
	w    *record.Writer
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
	cfg.Log, cfg.Watch.Hashed = r.w, true
	return nil
}

// end completes the recording of a run that ended with err.
func (r *recorder) end(result *machine.Result, runErr error) error {
	if r == nil {
		return runErr
	}
	err := r.w.Close(&record.End{Status: result.Status, Steps: result.Steps, Early: runErr != nil, Hash: result.Hash})
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
		Standard: cfg.Standard, SystemDirs: f.makesDirs(),
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
