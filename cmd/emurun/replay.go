package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"emurun/machine"
	"emurun/machine/record"
	"emurun/syscalls/kernel"
)

const replayDescription = `Does the run that a recording is of again, instruction for instruction, and prints what it
printed. It needs nothing but the recording: no input, no files, no terminal, not the same kind of
host. What the program does to files is dropped. The exit status is the program's.

   emurun replay run.rec
   emurun replay run.rec --until 1000000      stop after a million instructions
   emurun replay run.rec --strace=calls.txt   see what it did
   emurun replay run.rec --stats              compare the hash of the final state

A replay that differs from its recording is an error that says where.`

func replayCommand() *cli.Command {
	o := &options{}
	watching := map[string]bool{"strace": true, "trace": true, "stats": true, "json": true}
	flags := []cli.Flag{&cli.Uint64Flag{Name: "until", Usage: "stop when `N` instructions are done", DefaultText: "the end"}}
	for _, f := range o.flags() {
		if watching[f.Names()[0]] {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:        "replay",
		Usage:       "do a recorded run again",
		ArgsUsage:   "RECORDING",
		Description: replayDescription,
		Flags:       flags,
		Action:      o.replay,
	}
}

// replay does a recorded run again.
func (o *options) replay(c *cli.Context) error {
	if c.NArg() != 1 {
		return errRecordingArgs
	}
	return o.replayFile(c, c.Args().First())
}

// replayFile does the run of the recording at path again.
func (o *options) replayFile(c *cli.Context, path string) error {
	r, closeFile, err := openRecording(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer closeFile()
	files, err := replayFiles(path, r)
	if err != nil {
		return err
	}
	defer files.close()
	cfg := replayConfig(c, r, files)
	if err := findProgram(&cfg.Start, files); err != nil {
		return err
	}
	out, err := o.observe(c, &cfg.Watch)
	if err != nil {
		return err
	}
	defer out.close()
	if err := o.tracing.begin(&cfg); err != nil {
		return err
	}
	bar := replayProgress(c, r)
	defer bar.close()
	if bar != nil {
		cfg.Between, cfg.Replay = &advance{bar: bar}, &replayed{r, bar}
	}
	m, err := machine.Boot(cfg)
	if err != nil {
		o.tracing.drop()
		return bootError(r.Header.Path, err)
	}
	result, err := m.Run()
	bar.close()
	if e := o.tracing.end(c); err == nil && e != nil {
		return e
	}
	if c.Bool("stats") {
		printStats(c, &cfg, &result)
	}
	return replayEnded(path, r, c.Uint64("until"), &result, err)
}

// openRecording opens a recording and tests it.
func openRecording(path string) (*record.Reader, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, errors.Unwrap(err)
	}
	fi, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	r, err := record.Open(f, fi.Size())
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return r, f.Close, nil
}

// beginning returns the machine of a recording as it began.
func beginning(h *record.Header, files *files) machine.Config {
	return machine.Config{
		Seed: h.Seed, EpochNs: h.EpochNs, Memory: h.Memory, MaxSteps: h.MaxSteps, Level: int(h.Level),
		NS: files.ns, Clock: &files.clock, Standard: h.Standard,
		Start: kernel.BootArgs{
			Path: h.Path, Argv: h.Argv, Envp: h.Envp, Cwd: h.Cwd, Umask: h.Umask, Cred: kernel.NewCred(h.UID, h.GID, h.Groups),
		},
	}
}

// replayConfig returns the machine that is to replay r.
func replayConfig(c *cli.Context, r *record.Reader, files *files) machine.Config {
	cfg := beginning(&r.Header, files)
	cfg.Replay, cfg.Watch.Hashed = &replayed{Reader: r}, true
	if until := c.Uint64("until"); until > 0 && (cfg.MaxSteps == 0 || until < cfg.MaxSteps) {
		cfg.MaxSteps = until
	}
	return cfg
}

// replayFiles returns the tree of files that the recorded machine had, as far as it saw them.
func replayFiles(path string, r *record.Reader) (*files, error) {
	h := &r.Header
	if r.Files == nil || len(r.Files.Trees) != len(h.Trees) {
		return nil, fmt.Errorf("%s: the recording was cut off before there was anything to replay", path)
	}
	trees, err := thawTrees(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := &files{discard: true, capture: new(captured)}
	f.begin(f.overlay(trees[0], h.Trees[0].Dev), h.SystemDirs)
	for i, t := range h.Trees[1:] {
		if err := f.mountAt(f.overlay(trees[i+1], t.Dev), volume{t.Source, t.At, t.ReadOnly}, h.OwnRoot); err != nil {
			f.close()
			return nil, err
		}
	}
	return f, nil
}

// replayed is the outside as it was recorded. What the guest prints goes where emurun's own
// output goes.
type replayed struct {
	*record.Reader
	bar *progress
}

// Write implements machine.Replay.
func (r *replayed) Write(p machine.Port, b []byte) error {
	r.bar.output(b)
	to := os.Stdout
	if p == machine.Stderr {
		to = os.Stderr
	}
	_, err := to.Write(b)
	return err
}

// replayEnded says how a replay ended.
func replayEnded(path string, r *record.Reader, until uint64, result *machine.Result, err error) error {
	switch {
	case errors.Is(err, machine.ErrMaxSteps) && until > 0 && result.Steps == until:
		return nil
	case errors.Is(err, machine.ErrLogCut), errors.Is(err, machine.ErrLogEnd), errors.Is(err, machine.ErrDiverged):
		return fmt.Errorf("%s: step %d: %w", path, result.Steps, err)
	case err != nil:
		return err
	}
	if e := r.End; e != nil && (e.Steps != result.Steps || e.Status != result.Status || e.Hash != result.Hash) {
		return fmt.Errorf("%s: %w: it ended at step %d with wait status %#x and state %x, this one at step %d with %#x and %x",
			path, machine.ErrDiverged, e.Steps, e.Status, e.Hash[:8], result.Steps, result.Status, result.Hash[:8])
	}
	return &endedError{result.Status}
}

// replayProgress shows how far a replay is; nil if that cannot be or is not wanted, as where
// something else is printed all the time.
func replayProgress(c *cli.Context, r *record.Reader) *progress {
	total := int64(-1)
	if r.End != nil {
		total = int64(r.End.Steps)
	}
	if until := int64(c.Uint64("until")); until > 0 && (total < 0 || until < total) {
		total = until
	}
	if c.Bool("json") || c.IsSet("trace") || c.IsSet("strace") {
		return nil
	}
	return showProgress("replay", false, total, nil)
}

// advance tells how far a machine is. It implements machine.Between.
type advance struct {
	bar  *progress
	next uint64
}

// Until implements machine.Between.
func (a *advance) Until() uint64 { return a.next }

// Between implements machine.Between.
func (a *advance) Between(m *machine.Machine) error {
	const each = 10_000_000 // often enough for the eye
	if now := m.Kernel.Steps(); now >= a.next {
		a.next = now + each
		a.bar.set(int64(now))
	}
	return nil
}
