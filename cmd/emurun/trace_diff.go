package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/machine/trace"
)

// Exit statuses of a comparison, as diff(1) has them.
const (
	statusDifferent = 1
	statusTrouble   = 2
)

var (
	errTwoTraces = errors.New("give two traces, as in: emurun trace --diff a.trc b.trc")
	errOneTrace  = errors.New("give one trace, as in: emurun trace --print a.trc")
)

// openTrace opens a trace.
func openTrace(path string) (*trace.Reader, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	r, err := trace.NewReader(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, f.Close, nil
}

// diffTraces compares two traces.
func diffTraces(c *cli.Context) error {
	if c.NArg() != 2 {
		return &statusError{statusTrouble, errTwoTraces}
	}
	different, err := compareTraces(c, c.Args().Get(0), c.Args().Get(1))
	switch {
	case err != nil:
		return &statusError{statusTrouble, err}
	case different:
		return &endedError{statusDifferent << 8}
	}
	return nil
}

// compareTraces prints how two traces differ, and reports whether they do.
func compareTraces(c *cli.Context, a, b string) (bool, error) {
	x, closeX, err := openTrace(a)
	if err != nil {
		return false, err
	}
	defer closeX() //nolint:errcheck // it was only read
	y, closeY, err := openTrace(b)
	if err != nil {
		return false, err
	}
	defer closeY() //nolint:errcheck // it was only read
	d, err := trace.Compare(x, y)
	if err != nil {
		return false, explainTraces(err, a, b)
	}
	if c.Bool("json") {
		return d != nil, printDifference(c.App.Writer, d, a, b)
	}
	if d != nil {
		fmt.Fprint(c.App.Writer, differenceText(d, &x.Header, a, b))
	}
	return d != nil, nil
}

// explainTraces names the trace that an error of a comparison is about.
func explainTraces(err error, a, b string) error {
	text := strings.NewReplacer("first trace", a, "second trace", b).Replace(err.Error())
	return errors.New(text)
}

// differenceText says how two traces differ, and how to find out more.
func differenceText(d *trace.Difference, h *trace.Header, a, b string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s and %s differ.\n%s.\n", a, b, strings.ToUpper(d.Text(a, b)[:1])+d.Text(a, b)[1:])
	if states := d.States(a, b); states != "" {
		fmt.Fprintf(&s, "\n%s", states)
	}
	if d.Mode == trace.Hash {
		from, to := d.Range()
		fmt.Fprintf(&s, "\nTo see the instruction, trace both runs in full there and compare again:\n   %s\n", traceAgain(h, from, to))
	}
	return s.String()
}

// traceAgain returns the command that traces the steps from, to of a run in full.
func traceAgain(h *trace.Header, from, to uint64) string {
	epoch := time.Unix(0, h.EpochNs).UTC().Format(time.RFC3339Nano)
	words := []string{"emurun", "trace", "-o", "full.trc", "--from", fmt.Sprint(from), "--until", fmt.Sprint(to + 1), "--seed", fmt.Sprint(h.Seed), "--epoch", epoch}
	for _, a := range h.Args {
		words = append(words, shellWord(a))
	}
	return strings.Join(words, " ")
}

// shellWord quotes a for a shell where it has to be.
func shellWord(a string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+./=:,@%", r)
	}
	if a != "" && strings.IndexFunc(a, func(r rune) bool { return !plain(r) }) < 0 {
		return a
	}
	return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
}

// jsonDifference is what --diff --json prints.
type jsonDifference struct {
	Same        bool           `json:"same"`
	Step        uint64         `json:"step,omitempty"`
	From        uint64         `json:"from,omitempty"` // the last step at which a trace of hashes was equal
	Text        string         `json:"text,omitempty"`
	Differences []string       `json:"differences,omitempty"`
	State       []string       `json:"state,omitempty"` // what differs between the machines, of emurun bisect
	Did         [][]string     `json:"did,omitempty"`   // and what each did
	A           *trace.JSON    `json:"a,omitempty"`
	B           *trace.JSON    `json:"b,omitempty"`
	Before      map[string]any `json:"before,omitempty"`
	LastCall    *trace.JSON    `json:"last_call,omitempty"`
}

// printDifference prints d as JSON; nil is none.
func printDifference(w io.Writer, d *trace.Difference, a, b string) error {
	j := jsonDifference{Same: d == nil}
	if d != nil {
		from, to := d.Range()
		j.Step, j.Text, j.Differences = to, d.Text(a, b), d.Differences(a, b)
		if d.Mode == trace.Hash {
			j.From = from
		}
		j.A, j.B, j.LastCall = d.A.JSON(), d.B.JSON(), d.LastCall.JSON()
		j.Before = d.Before.JSON()
	}
	return json.NewEncoder(w).Encode(j)
}

// printTrace prints a trace.
func printTrace(c *cli.Context) error {
	if c.NArg() != 1 {
		return errOneTrace
	}
	path := c.Args().First()
	r, closeFile, err := openTrace(path)
	if err != nil {
		return err
	}
	defer closeFile() //nolint:errcheck // it was only read
	w := bufio.NewWriterSize(c.App.Writer, 1<<16)
	if c.Bool("json") {
		err = trace.PrintJSON(w, r)
	} else {
		err = trace.Print(w, r)
	}
	if e := w.Flush(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
