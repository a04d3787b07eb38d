package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// example is a command line in a text: a line of its own, or behind a prompt or a semicolon.
var example = regexp.MustCompile(`(?m)(?:^ +|^\$ |; )emurun ([^\n;|>#&)]+)`)

// Every example in the pages of commands, in the README and in docs has flags that its command knows.
func TestExamples(t *testing.T) {
	app := newApp()
	if got := strangeFlag(app, strings.Fields("resume sort --seed 1")); got != "--seed" {
		t.Fatalf("resume has no --seed, this finds %q", got)
	}
	texts := map[string]string{"overview": overview}
	for _, cmd := range app.Commands {
		texts["help "+cmd.Name] = cmd.Description
	}
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, "../../README.md") {
		p, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[f] = string(p)
	}
	count := 0
	for name, text := range texts {
		for _, m := range example.FindAllStringSubmatch(text, -1) {
			count++
			if f := strangeFlag(app, strings.Fields(m[1])); f != "" {
				t.Errorf("%s: emurun %s: there is no %s", name, m[1], f)
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d examples were found", count)
	}
}

// strangeFlag returns a flag of the command line args that its command does not have.
func strangeFlag(app *cli.App, args []string) string {
	if len(args) == 0 {
		return ""
	}
	args = flagsFirst(app, append([]string{"emurun"}, args...))[1:]
	flags, runs := app.Flags, true
	if cmd := app.Command(args[0]); cmd != nil {
		flags, runs, args = cmd.Flags, strings.HasPrefix(cmd.ArgsUsage, "PROGRAM"), args[1:]
	}
	all := &cli.Command{Flags: flags}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--", args[i] == "…", args[i] == "-":
		case !strings.HasPrefix(args[i], "-"):
			if runs {
				return ""
			}
		case args[i] == "--help", knowsAll(all, args[i:i+1]):
			if takesNext(flags, args[i]) {
				i++
			}
		default:
			return args[i]
		}
	}
	return ""
}
