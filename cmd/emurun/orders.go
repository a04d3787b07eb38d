package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"emurun/server/api"
	"emurun/server/core"
)

// order asks the server for something: path is whom it is for.
func order(c *cli.Context, path, what string, q api.Order) error {
	cl, err := openServer(c)
	if err != nil {
		return err
	}
	defer cl.Close()
	return cl.JSON(context.Background(), http.MethodPost, path+":"+what, q, nil)
}

// jobOrder is a command that wants something done with a job.
func jobOrder(name, usage, description string, flags ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "JOB", Description: description, Flags: append([]cli.Flag{serverFlag()}, flags...), OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return errOneJob
			}
			return order(c, api.JobPath(c.Args().First()), name, api.Order{To: c.String("to")})
		},
	}
}

func pauseCommand() *cli.Command {
	return jobOrder("pause", "let a job of a server take a checkpoint and wait", `Stops a job; emurun unpause lets it go on where it was.

   emurun pause sim`)
}

func unpauseCommand() *cli.Command {
	cmd := jobOrder("resume", "let a paused job of a server go on", `Lets a job go on that emurun pause or a drain has stopped.

   emurun unpause sim`)
	cmd.Name = "unpause"
	return cmd
}

func cancelCommand() *cli.Command {
	return jobOrder("cancel", "end a job of a server", `Ends a job; its checkpoints stay.

   emurun cancel sim`)
}

func migrateCommand() *cli.Command {
	return jobOrder("migrate", "move a job of a server to another node", `Lets a job take a checkpoint, with which the other node goes on.

   emurun migrate sim --to node2`,
		&cli.StringFlag{Name: "to", Usage: "the `NODE` that is to run it", DefaultText: "any"})
}

var errOneNode = errors.New("name one node (see emurun workers)")

func drainCommand() *cli.Command {
	return &cli.Command{
		Name: "drain", Usage: "take the jobs from a node that is going away", ArgsUsage: "NODE", OnUsageError: usageError,
		Description: `For a node that is to be restarted, with a new operating system for instance: each of its jobs takes a checkpoint
and stops. With --hold they wait and go on there when its worker begins again; with --migrate others go on with
them, and emurun undrain --return brings them home.

   emurun drain node1 --hold
   emurun drain node1 --migrate`,
		Flags: []cli.Flag{
			serverFlag(),
			&cli.BoolFlag{Name: "hold", Usage: "its jobs wait until it is back", DisableDefaultText: true},
			&cli.BoolFlag{Name: "migrate", Usage: "its jobs go to other nodes", DisableDefaultText: true},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.NArg() != 1:
				return errOneNode
			case c.Bool("hold") == c.Bool("migrate"):
				return errors.New("say --hold or --migrate")
			}
			q := api.Order{Drain: core.DrainMigrate}
			if c.Bool("hold") {
				q.Drain = core.DrainHold
			}
			return order(c, api.WorkerPath(c.Args().First()), "drain", q)
		},
	}
}

func undrainCommand() *cli.Command {
	return &cli.Command{
		Name: "undrain", Usage: "let a node have jobs again", ArgsUsage: "NODE", OnUsageError: usageError,
		Description: `Ends a drain. With --return the jobs that left the node come home.

   emurun undrain node1 --return`,
		Flags: []cli.Flag{serverFlag(), &cli.BoolFlag{Name: "return", Usage: "bring its jobs home", DisableDefaultText: true}},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return errOneNode
			}
			return order(c, api.WorkerPath(c.Args().First()), "undrain", api.Order{Return: c.Bool("return")})
		},
	}
}

func workersCommand() *cli.Command {
	return &cli.Command{
		Name: "workers", Usage: "list the nodes of a server", Flags: []cli.Flag{serverFlag(), jsonFlag()}, OnUsageError: usageError,
		Description: `Lists the nodes that have registered, whether they are heard of, and whether they are drained.

   emurun workers`,
		Action: func(c *cli.Context) error {
			cl, err := openServer(c)
			if err != nil {
				return err
			}
			defer cl.Close()
			var a api.Workers
			if err := cl.JSON(context.Background(), http.MethodGet, api.WorkersPath, nil, &a); err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, a.Workers)
			}
			w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NODE\tSTATE\tSLOTS\tDRAIN")
			for _, x := range a.Workers {
				state := "up"
				if x.Lost {
					state = "lost"
				}
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", x.Name, state, x.Slots, x.Drain)
			}
			return w.Flush()
		},
	}
}
