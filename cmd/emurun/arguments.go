package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionFlag asks for what can stand where it stands.
const completionFlag = "--generate-bash-completion"

// flagsFirst puts the flags of a command before its other arguments, as package cli wants
// them, so that "emurun replay run.rec --stats" is what it looks like, and those before the
// command behind it. Behind flags that a command does not have its name is a program's.
// What runs a program is left alone: the flags behind it are the program's.
func flagsFirst(app *cli.App, args []string) []string {
	at := 1
	for at < len(args) && strings.HasPrefix(args[at], "-") && args[at] != "--" {
		if takesNext(app.Flags, args[at]) {
			at++
		}
		at++
	}
	if at >= len(args) {
		return args
	}
	cmd := app.Command(args[at])
	if cmd == nil {
		return args
	}
	switch {
	case at > 1 && knowsAll(cmd, args[1:at]):
		args = slices.Concat(args[:1], args[at:at+1], args[1:at], args[at+1:])
	case at > 1:
		return slices.Concat(args[:1], []string{"run"}, args[1:]) // emurun --strace cat file
	}
	if strings.HasPrefix(cmd.ArgsUsage, "PROGRAM") || args[len(args)-1] == completionFlag {
		return args
	}
	var flags, rest []string
	for i := 2; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case !strings.HasPrefix(a, "-") || a == "-":
			rest = append(rest, a)
		default:
			flags = append(flags, a)
			if takesNext(cmd.Flags, a) && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	out := append(slices.Clone(args[:2]), flags...)
	return append(append(out, "--"), rest...)
}

// knowsAll reports whether cmd has all the flags in args, and help for them.
func knowsAll(cmd *cli.Command, args []string) bool {
	for i := 0; i < len(args); i++ {
		name, _, _ := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !slices.ContainsFunc(append(cmd.Flags, cli.HelpFlag), func(f cli.Flag) bool { return slices.Contains(f.Names(), name) }) {
			return false
		}
		if takesNext(cmd.Flags, args[i]) {
			i++
		}
	}
	return true
}

// takesNext reports whether the argument a is a flag whose value is the next argument.
func takesNext(flags []cli.Flag, a string) bool {
	name := strings.TrimLeft(a, "-")
	for _, f := range flags {
		if !slices.Contains(f.Names(), name) {
			continue
		}
		if g, ok := f.(*cli.GenericFlag); ok {
			return !isOptional(g)
		}
		d, ok := f.(cli.DocGenerationFlag)
		return ok && d.TakesValue()
	}
	return false
}
