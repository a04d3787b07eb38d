package main

import (
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

const description = `Keep the checkpoints of emulated machines, so that they go on when a host fails.

   emusrv init --data /var/lib/emusrv --name srv.example.org
   emusrv serve --data /var/lib/emusrv --listen :7443
   emusrv token add --role operator --note "build hosts" --data /var/lib/emusrv
   emusrv cert --data /var/lib/emusrv --worker node1 --out node1-certs
   emusrv backup --server https://srv.example.org:7443 --ca ca.pem >backup.tar
   emusrv restore --data /var/lib/emusrv2 <backup.tar
   emusrv verify --deep --data /var/lib/emusrv

Commands that look at a store take --data DIR when no server has it open, or --server URL
with a token when one has. A token is read from the file --token-file or from the variable
EMUSRV_TOKEN, never from the command line. On a Unix socket (--server unix:PATH) who may
open it needs no token.

Errors are one line on stderr, with status 1; 2 for wrong use, 3 when damage was found.`

// newApp describes the command line.
func newApp() *cli.App {
	return &cli.App{
		Name:                 "emusrv",
		Usage:                "the storage server of emurun",
		UsageText:            "emusrv COMMAND [flags]",
		Description:          description,
		Version:              version,
		HideHelpCommand:      true,
		EnableBashCompletion: true,
		Commands: []*cli.Command{initCommand(), serveCommand(), verifyCommand(), fsckCommand(), gcCommand(), backupCommand(), restoreCommand(),
			tokenCommand(), certCommand(), quotaCommand(), jobsCommand(), helpCommand()},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage("no command %q", c.Args().First())
			}
			return usage("no command given")
		},
		OnUsageError:   usageError,
		ExitErrHandler: func(*cli.Context, error) {}, // main reports and exits
		Writer:         os.Stdout,
		ErrWriter:      os.Stderr,
	}
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "print this text, or that of a command",
		ArgsUsage: "[COMMAND]",
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return cli.ShowCommandHelp(c.Lineage()[1], name)
			}
			return cli.ShowAppHelp(c.Lineage()[1])
		},
	}
}

// usageError turns a bad flag into one line.
func usageError(_ *cli.Context, err error, _ bool) error { return usage("%w", err) }

// command completes a command that takes no arguments.
func command(name, text, examples string, flags []cli.Flag, action func(*cli.Context) error) *cli.Command {
	return &cli.Command{
		Name: name, Usage: text, UsageText: "emusrv " + name + " [flags]", Description: strings.Trim(examples, "\n"), Flags: flags, HideHelpCommand: true,
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usage("%s: what is %q?", name, c.Args().First())
			}
			return action(c)
		},
	}
}
