package vfstest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"testing"

	"emurun/abi"
)

//go:embed testdata/*.txt
var files embed.FS

// Session is one case of the suite.
type Session struct {
	File, Name string
	Lines      []Line
}

// Line is one operation.
type Line struct {
	Number int
	Lower  bool // prepares the lower tree
	Op     string
	Args   []string
	Want   string
}

// Sessions returns all sessions of testdata.
func Sessions(t testing.TB) []Session {
	t.Helper()
	names, err := fs.Glob(files, "testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	sort.Strings(names)
	var out []Session
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parse(t, strings.TrimPrefix(name, "testdata/"), string(text))...)
	}
	return out
}

// parse reads the sessions of a file.
func parse(t testing.TB, file, text string) []Session {
	t.Helper()
	var out []Session
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.HasPrefix(line, "== "):
			out = append(out, Session{File: file, Name: line[3:]})
			continue
		}
		l := Line{Number: i + 1, Want: "ok"}
		if l.Lower = strings.HasPrefix(line, "> "); l.Lower {
			line = line[2:]
		}
		call, want, ok := strings.Cut(line, " = ")
		if ok {
			l.Want = want
		}
		fields := strings.Fields(call)
		if len(fields) == 0 || len(out) == 0 {
			t.Fatalf("%s:%d: bad line", file, i+1)
		}
		l.Op, l.Args = fields[0], fields[1:]
		s := &out[len(out)-1]
		s.Lines = append(s.Lines, l)
	}
	return out
}

// String is the line as it stands in the session.
func (l *Line) String() string {
	return fmt.Sprintf("%d: %s %s", l.Number, l.Op, strings.Join(l.Args, " "))
}

// answer is the text of a result.
func answer(text string, err error) string {
	var e abi.Errno
	switch {
	case err == nil && text == "":
		return "ok"
	case err == nil:
		return text
	case errors.As(err, &e):
		return e.Name()
	}
	return "error: " + err.Error()
}
