package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"
)

const description = `Run an unmodified x86-64 Linux program inside a deterministic emulated machine.

The program sees the host's files with the host's permissions; what it writes is
applied to them when it exits, as one. Standard input, output and error, the terminal
and signals are passed through. Exit status and death by signal are the program's.

   emurun ./program arg                       as if it ran natively
   emurun --discard make                      leave no trace in files
   emurun --root image.tar -w /src make       in another root file system
   emurun -v ~/data:/data:ro --root r ./job   with a folder of the host in it
   emurun --strace ls                         print its system calls
   emurun --stats --json ./program            how many instructions, and a hash of the end

A run with the same --seed, --epoch, environment and files is the same run,
instruction for instruction. Errors of emurun itself are one line on stderr, with
status 125 for wrong use or an inner error, 126 for a program that cannot be executed,
127 for one that is not there.`

// newApp describes the command line.
func newApp() *cli.App {
	o := &options{}
	cli.VersionFlag = &cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true} // -v is --volume
	return &cli.App{
		Name:                   "emurun",
		Usage:                  "run x86-64 Linux programs in a deterministic machine",
		UsageText:              "emurun [flags] PROGRAM [ARGS…]",
		Description:            description,
		Version:                version,
		HideHelpCommand:        true,
		EnableBashCompletion:   true,
		BashComplete:           completeFlags,
		UseShortOptionHandling: false,
		Flags:                  append(o.flags(), o.checkpointFlags()...),
		Action:                 o.run,
		Commands: []*cli.Command{
			resumeCommand(), freezeCommand(), checkpointsCommand(), verifyCommand(), gcCommand(),
			forkCommand(), hashCommand(), inspectCommand(), catCommand(), coreCommand(),
			recordCommand(), replayCommand(), traceCommand(), helpCommand(), completionCommand(),
		},
		OnUsageError:   usageError,
		ExitErrHandler: func(*cli.Context, error) {}, // main reports and exits
		Writer:         os.Stdout,
		ErrWriter:      os.Stderr,
	}
}

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:  "help",
		Usage: "print this text",
		Action: func(c *cli.Context) error {
			return cli.ShowAppHelp(c)
		},
	}
}

// usageError turns a bad flag into one line.
func usageError(_ *cli.Context, err error, _ bool) error {
	return fmt.Errorf("%w (see emurun help)", err)
}

var errNoProgram = errors.New("no program given (see emurun help)")
