package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Categories of commands. Package cli sorts them by name.
const (
	aboutRuns        = "Running programs"
	aboutCheckpoints = "Saved runs (in the store that --store or $EMURUN_STORE names, or the user's own)"
	aboutLooking     = "Seeing what is in them"
	aboutServer      = "Jobs that workers run, with an emusrv (--server or $EMURUN_SERVER)"
	aboutEmurun      = "Using emurun"
)

// overview is the text of `emurun help`.
const overview = `emurun - {{.Usage}}

Usage: emurun [flags] PROGRAM [ARGS…]
       emurun COMMAND [flags] …

The program sees the host's files with the host's permissions; what it writes is applied to
them when it exits, as one. Its streams, terminal, signals and exit status are passed through.

   emurun ./program arg                       as if it ran natively
   emurun --discard make                      leave no trace in files
   emurun --root image.tar -w /src make       in another root file system
   emurun --checkpoint-every 10s ./job        survive kill -9: emurun resume job
   emurun --strace ls                         print its system calls
   emurun --seed 1 --epoch 0 --stats ./prog   the same run each time, with a hash that proves it
{{range .VisibleCategories}}
{{.Name}}:{{range .VisibleCommands}}
   {{.Name}}{{"\t"}}{{.Usage}}{{end}}
{{end}}
emurun help COMMAND tells more, emurun help run the flags before PROGRAM. A program that is called like a
command is run with emurun run NAME, or by its path. Errors of emurun itself are one line, with
status 125 (wrong use, inner error), 126 (cannot be executed) or 127 (not found).
`

// commandHelp is the text of `emurun help COMMAND`.
const commandHelp = `NAME
   {{.HelpName}} - {{.Usage}}

SYNOPSIS
   {{.HelpName}}{{if .VisibleFlags}} [flags]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}
{{if .Description}}
DESCRIPTION
   {{wrap .Description 3}}
{{end}}{{if .VisibleFlags}}
OPTIONS
{{range .VisibleFlagCategories}}{{if .Name}} {{.Name}}
{{end}}{{range .Flags}}   {{.}}
{{end}}{{end}}{{end}}`

func init() {
	cli.FlagStringer = flagText
	cli.CommandHelpTemplate, cli.SubcommandHelpTemplate = commandHelp, commandHelp
	cli.HelpFlag = &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "print this text", DisableDefaultText: true}
}

// flagText is a flag's line in the help: its names, and what it does.
func flagText(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	what, usage := placeholder(d.GetUsage())
	var names []string
	for _, n := range f.Names() {
		names = append(names, dashed(n))
	}
	slices.SortStableFunc(names, func(a, b string) int { return len(a) - len(b) })
	text := strings.Join(names, ", ")
	switch o, optional := f.(*cli.GenericFlag); {
	case optional && isOptional(o):
		text += "[=FILE]"
	case d.TakesValue():
		text += " " + what
		if def := d.GetDefaultText(); def != "" && def != `""` && def != "0" {
			usage += " (default: " + strings.Trim(def, `"`) + ")"
		}
	}
	return fmt.Sprintf("%s\t%s", text, usage)
}

// placeholder splits what a flag's usage has between “ from it.
func placeholder(usage string) (what, text string) {
	before, rest, ok := strings.Cut(usage, "`")
	what, after, closed := strings.Cut(rest, "`")
	if !ok || !closed {
		return "VALUE", usage
	}
	if before == "" && strings.HasPrefix(after, ": ") {
		return what, after[2:]
	}
	return what, before + what + after
}

// isOptional reports whether the value of a flag may be left out.
func isOptional(f *cli.GenericFlag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "print an overview, or how to use a command",
		ArgsUsage: "[COMMAND]",
		BashComplete: func(c *cli.Context) {
			for _, cmd := range c.App.Commands {
				fmt.Fprintln(c.App.Writer, cmd.Name)
			}
		},
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			switch {
			case name == "":
				return cli.ShowAppHelp(c)
			case c.App.Command(name) == nil:
				return fmt.Errorf("there is no command %s (see emurun help)", name)
			}
			return cli.ShowCommandHelp(c, name)
		},
	}
}
