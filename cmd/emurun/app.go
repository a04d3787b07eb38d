package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"
)

const runDescription = `Runs an unmodified x86-64 Linux program inside a deterministic emulated machine. "run" can be left out,
unless the program is called like one of emurun's commands.

   emurun run cat file                             the program cat
   emurun run -v ~/data:/data:ro --root r ./job    with a folder of the host in another root
   emurun run --checkpoint-every 5s --job sort ./sort
   emurun run --stats --json ./program             how many instructions, and a hash of the end

A run with the same --seed, --epoch, environment and files is the same run, instruction for
instruction. With --checkpoint-every, --job or --store the run is a job whose checkpoints are stored:
when it is killed, emurun resume goes on. File updates are then applied with each checkpoint.

The exit status and death by a signal are the program's, and 75 if it was frozen by emurun freeze --stop.`

// newApp describes the command line.
func newApp() *cli.App {
	o := &options{}
	cli.VersionFlag = &cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true} // -v is --volume
	return &cli.App{
		Name:                   "emurun",
		Usage:                  "run unmodified x86-64 Linux programs in a deterministic machine",
		CustomAppHelpTemplate:  overview,
		Version:                version,
		HideHelpCommand:        true,
		EnableBashCompletion:   true,
		BashComplete:           completeFlags,
		UseShortOptionHandling: false,
		Flags:                  slices.Concat(o.flags(), o.checkpointFlags(), []cli.Flag{cli.HelpFlag}),
		Action:                 o.run,
		Commands:               commands(),
		OnUsageError:           usageError,
		ExitErrHandler:         func(*cli.Context, error) {}, // main reports and exits
		Writer:                 os.Stdout,
		ErrWriter:              os.Stderr,
	}
}

// commands returns the commands, in the order of the help.
func commands() []*cli.Command {
	var list []*cli.Command
	for _, category := range []struct {
		name     string
		commands []*cli.Command
	}{
		{aboutRuns, []*cli.Command{runCommand(), recordCommand(), replayCommand(), traceCommand(), bisectCommand()}},
		{aboutCheckpoints, []*cli.Command{resumeCommand(), freezeCommand(), checkpointsCommand(), forkCommand(), verifyCommand(), gcCommand()}},
		{aboutLooking, []*cli.Command{inspectCommand(), catCommand(), coreCommand(), hashCommand()}},
		{aboutServer, []*cli.Command{submitCommand(), jobsCommand(), jobCommand(), logsCommand(), pauseCommand(), unpauseCommand(), cancelCommand(),
			migrateCommand(), workersCommand(), drainCommand(), undrainCommand(), workerCommand()}},
		{aboutEmurun, []*cli.Command{helpCommand(), completionCommand()}},
	} {
		for _, cmd := range category.commands {
			cmd.Category, cmd.OnUsageError, cmd.HideHelpCommand = category.name, usageError, true
			if cmd.BashComplete == nil {
				cmd.BashComplete = completeFlags
			}
			list = append(list, cmd)
		}
	}
	return list
}

// runCommand runs programs, also such that are called like a command.
func runCommand() *cli.Command {
	o := &options{}
	return &cli.Command{
		Name:        "run",
		Usage:       "run a program: the same as emurun [flags] PROGRAM",
		ArgsUsage:   "PROGRAM [ARGS…]",
		Description: runDescription,
		Flags:       append(o.flags(), o.checkpointFlags()...),
		Action:      o.run,
	}
}

// usageError turns a bad flag into one line.
func usageError(c *cli.Context, err error, _ bool) error {
	about := "emurun help"
	if c.Command != nil && c.App.Command(c.Command.Name) != nil {
		about += " " + c.Command.Name
	}
	return fmt.Errorf("%w (see %s)", err, about)
}

var errNoProgram = errors.New("no program given (see emurun help)")
