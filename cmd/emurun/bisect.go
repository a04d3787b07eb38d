package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

const bisectDescription = `Finds the first step at which two runs differ, and prints the instruction there with what it did in
each. A and B are two of

   recordings, of emurun record: both are replayed
   checkpoints: both runs are done again up to A and B, with what came from outside, from the
      newest checkpoint that is before both, else from the newest two with the same state
   traces, of emurun trace: they are compared; traces of the mode hash say in which steps

Runs are the same at a step if registers and memory of all processes and the guest's time are, and
what they have read, written and called so far. The search takes both runs once up to where they differ,
and the steps since they were last found equal about once again. Where differences vanish again
without a trace it finds one of them. A run that went on from a checkpoint with --random or --clock
cannot be done again from before that.

   emurun bisect good.rec bad.rec
   emurun bisect sort@12 sort2@9
   emurun bisect /mnt/here:sort@12 /mnt/there:sort@12
   emurun bisect --json a.rec b.rec | jq .step

The exit status is 0 if the runs are the same, as far as both go, 1 if they differ, 2 in case of
trouble, as diff(1) has it.`

func bisectCommand() *cli.Command {
	return &cli.Command{
		Name:         "bisect",
		Usage:        "find the first step at which two runs differ",
		ArgsUsage:    "A B",
		Description:  bisectDescription,
		Flags:        []cli.Flag{storeFlag(), jsonFlag()},
		BashComplete: completeFlags,
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			different, err := bisect(c)
			switch {
			case err != nil:
				return &statusError{statusTrouble, err}
			case different:
				return &endedError{statusDifferent << 8}
			}
			return nil
		},
	}
}

var (
	errTwoRuns  = errors.New("give two recordings, two checkpoints or two traces, as in: emurun bisect a.rec b.rec")
	errTwoKinds = errors.New("the two are of different kinds: give two recordings, two checkpoints or two traces")
)

// Kinds of what is bisected.
const (
	kindCheckpoint = "checkpoint"
	kindRecording  = "recording"
	kindTrace      = "trace"
)

// kindOf returns what an argument is. A file that is neither a recording nor a trace is
// taken for the name of a checkpoint.
func kindOf(arg string) string {
	f, err := os.Open(arg)
	if err != nil {
		return kindCheckpoint
	}
	defer f.Close()
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	switch head := string(head[:n]); {
	case strings.HasPrefix(head, "EMURRUN\n"):
		return kindRecording
	case strings.HasPrefix(head, "EMURTRCE"):
		return kindTrace
	}
	return kindCheckpoint
}

// bisect prints where two runs part, and reports whether they do.
func bisect(c *cli.Context) (bool, error) {
	if c.NArg() != 2 {
		return false, errTwoRuns
	}
	a, b := c.Args().Get(0), c.Args().Get(1)
	kind := kindOf(a)
	if kindOf(b) != kind {
		return false, errTwoKinds
	}
	if kind == kindTrace {
		return compareTraces(c, a, b)
	}
	s, err := newSearch()
	if err != nil {
		return false, err
	}
	defer s.close()
	if kind == kindRecording {
		err = s.openRecordings(a, b)
	} else {
		err = s.openCheckpoints(c, a, b)
	}
	if err != nil {
		return false, err
	}
	p, err := s.find()
	if err != nil {
		return false, err
	}
	if c.Bool("json") {
		return p.different, p.printJSON(c.App.Writer, a, b)
	}
	_, err = fmt.Fprint(c.App.Writer, p.text(a, b))
	return p.different, err
}
