package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"emurun/machine"
	"emurun/machine/trace"
)

const traceDescription = `Runs PROGRAM as emurun does and writes down what it does: in the mode full each instruction with the
registers and the memory that it changes, in the mode hash a hash of all registers every so many
steps, which costs little; in both system calls, signals, faults and inputs, and from time to time a
hash of the whole state. Two traces are compared, or one is printed.

   emurun trace -o a.trc ./program arg           write a trace
   emurun trace -o a.trc --mode hash ./program   a small one of a long run
   emurun trace --from 5000000 --until 5001000 -o a.trc ./program
   emurun trace --replay run.rec -o a.trc        trace a run that was recorded
   emurun trace --diff a.trc b.trc               print the first instruction that differs
   emurun trace --print a.trc                    print all of it

Runs are comparable if they have the same --seed and --epoch. The exit status of a run is the program's;
that of --diff is 0 if the traces are equal, 1 if they differ, 2 in case of trouble, as diff(1) has it.
The format is described in docs/trace-format.md.`

func traceCommand() *cli.Command {
	o := &options{}
	flags := []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the trace to `FILE`", Value: "run.trc", TakesFile: true},
		&cli.StringFlag{Name: "mode", Usage: "record `full|hash`", Value: "full"},
		&cli.Uint64Flag{Name: "every", Usage: "in the mode hash, hash the registers every `N` steps", Value: trace.DefaultEvery},
		&cli.Uint64Flag{Name: "state-every", Usage: "hash the state every `N` steps; 0 for never", Value: trace.DefaultStateEvery},
		&cli.Uint64Flag{Name: "from", Usage: "begin at step `N`"},
		&cli.Uint64Flag{Name: "until", Usage: "end at step `N`; the program goes on", DefaultText: "the end"},
		&cli.StringFlag{Name: "replay", Usage: "trace the run that the recording `FILE` is of, see emurun record", TakesFile: true},
		&cli.BoolFlag{Name: "diff", Usage: "compare two traces", DisableDefaultText: true},
		&cli.BoolFlag{Name: "print", Usage: "print a trace", DisableDefaultText: true},
		&cli.BoolFlag{Name: "json", Usage: "print as JSON: the difference, the records one a line, or what was written", DisableDefaultText: true},
	}
	for _, f := range o.flags() {
		if name := f.Names()[0]; name != "json" && name != "trace" && name != "strace" {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:        "trace",
		Usage:       "record what a program does, instruction for instruction, and compare",
		ArgsUsage:   "PROGRAM [ARGS…]\n   emurun trace --diff A B\n   emurun trace --print TRACE",
		Description: traceDescription,
		Flags:       flags,
		Action:      o.traceRun,
	}
}

// traceRun runs the command: a run, a comparison or a print.
func (o *options) traceRun(c *cli.Context) error {
	switch {
	case c.Bool("diff"):
		return diffTraces(c)
	case c.Bool("print"):
		return printTrace(c)
	}
	t, err := newTracing(c)
	if err != nil {
		return err
	}
	o.tracing = t
	if path := c.String("replay"); path != "" {
		if c.NArg() > 0 {
			return errTraceReplay
		}
		return o.replayFile(c, path)
	}
	return o.run(c)
}

// tracing writes the trace of a run. A nil tracing writes none.
type tracing struct {
	path string
	opt  trace.Options
	file *os.File
	buf  *bufio.Writer
	rec  *trace.Recorder
}

var (
	errMode        = errors.New("--mode: want full or hash")
	errTraceReplay = errors.New("--replay: the recording says which program runs: give none")
	errUntil       = errors.New("--until: want a step behind that of --from")
)

// newTracing says what the flags want to be recorded.
func newTracing(c *cli.Context) (*tracing, error) {
	t := &tracing{path: c.String("output"), opt: trace.Options{
		Every: c.Uint64("every"), StateEvery: c.Uint64("state-every"),
		From: c.Uint64("from"), Until: c.Uint64("until"),
	}}
	switch c.String("mode") {
	case "full":
	case "hash":
		t.opt.Mode = trace.Hash
	default:
		return nil, errMode
	}
	if t.opt.Until != 0 && t.opt.Until <= t.opt.From {
		return nil, errUntil
	}
	return t, nil
}

// begin makes the file, and makes the trace watch the machine that is about to be made.
func (t *tracing) begin(cfg *machine.Config) error {
	if t == nil {
		return nil
	}
	t.opt.Seed, t.opt.EpochNs, t.opt.Args = cfg.Seed, cfg.EpochNs, cfg.Start.Argv
	f, err := os.Create(t.path)
	if err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	t.file, t.buf = f, bufio.NewWriterSize(f, 1<<16)
	if t.rec, err = trace.NewRecorder(t.buf, t.opt); err != nil {
		return fmt.Errorf("trace %s: %w", t.path, err)
	}
	t.rec.Watch(&cfg.Watch)
	return nil
}

// drop removes the trace of a run that did not begin.
func (t *tracing) drop() {
	if t != nil {
		_ = t.file.Close()
		_ = os.Remove(t.path)
	}
}

// traceStats is what --json prints of a trace that was written.
type traceStats struct {
	Trace   string `json:"trace"`
	Mode    string `json:"mode"`
	Records uint64 `json:"records"`
	Bytes   int64  `json:"bytes"`
	Chain   string `json:"chain"`
}

// end completes the trace of a run.
func (t *tracing) end(c *cli.Context) error {
	if t == nil {
		return nil
	}
	err := t.rec.Close()
	for _, f := range []func() error{t.buf.Flush, t.file.Close} {
		if e := f(); err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("trace %s: %w", t.path, err)
	}
	chain := t.rec.Chain()
	s := traceStats{t.path, t.opt.Mode.String(), t.rec.Records(), t.rec.Size(), hex.EncodeToString(chain[:])}
	switch {
	case c.Bool("json"):
		line, _ := json.Marshal(s) // numbers and strings always encode
		fmt.Fprintf(os.Stderr, "%s\n", line)
	case c.Bool("stats"):
		fmt.Fprintf(os.Stderr, "emurun: trace %s: %d records, %d bytes, chain %s\n", s.Trace, s.Records, s.Bytes, s.Chain)
	}
	return nil
}
