package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/internal/host"
	"emurun/machine/record"
	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/core"
	"emurun/snapshot/wire"
)

// serverFlag says which server a command talks to.
func serverFlag() cli.Flag {
	return &cli.StringFlag{
		Category: "server", Name: "server", EnvVars: []string{"EMURUN_SERVER"}, Usage: "the server's `URL`: https://HOST:PORT or unix:PATH",
	}
}

// serverConfig says how the server is reached.
func serverConfig(c *cli.Context) (client.Config, error) {
	url := c.String("server")
	if url == "" {
		return client.Config{}, errors.New("which server? Give --server URL")
	}
	return client.Environment(url)
}

// openServer returns the server.
func openServer(c *cli.Context) (*client.Client, error) {
	conf, err := serverConfig(c)
	if err != nil {
		return nil, err
	}
	return client.New(conf)
}

func submitCommand() *cli.Command {
	o := &options{}
	return &cli.Command{
		Name:      "submit",
		Usage:     "have a program run by the workers of a server",
		ArgsUsage: "PROGRAM [ARGS…]",
		Description: `Submits a job: a worker runs PROGRAM with checkpoints on the server, and when it fails another one goes
on. The program sees the files of the worker it begins on; what it writes to files stays in the checkpoints.
Its standard input is empty.

   emurun submit --server https://srv:7443 --job sim ./sim --steps 1000000
   emurun logs -f sim`,
		Flags: append([]cli.Flag{
			serverFlag(),
			&cli.StringFlag{Category: "server", Name: "job", Usage: "call the job `NAME`", DefaultText: "the program's name"},
			&cli.StringFlag{Category: "server", Name: "namespace", Usage: "count what it stores to `NAMESPACE`"},
			&cli.StringFlag{Category: "server", Name: "checkpoint-every", Value: "30s", Usage: "take a checkpoint each `TIME|N-steps`"},
		}, o.flags()...),
		BashComplete: completeFlags,
		OnUsageError: usageError,
		Action:       o.submit,
	}
}

func (o *options) submit(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) == 0 {
		return errNoProgram
	}
	var often every
	if err := often.Set(c.String("checkpoint-every")); err != nil {
		return fmt.Errorf("--checkpoint-every: %w", err)
	}
	cl, err := openServer(c)
	if err != nil {
		return err
	}
	defer cl.Close()
	h, err := o.jobHeader(c, args)
	if err != nil {
		return err
	}
	q := api.NewJob{Job: c.String("job"), Namespace: c.String("namespace"), Spec: api.Spec{Every: often.String()}}
	if q.Spec.Header, err = wire.Marshal(h); err != nil {
		return err
	}
	if q.Job == "" {
		q.Job = jobName(args[0])
	}
	var j api.Job
	if err := cl.JSON(context.Background(), http.MethodPost, api.JobsPath, q, &j); err != nil {
		return err
	}
	fmt.Fprintln(c.App.Writer, j.Job)
	return nil
}

// jobHeader returns how the job begins, which is found out as if it began here.
func (o *options) jobHeader(c *cli.Context, args []string) (*record.Header, error) {
	files, err := openFiles(c, nil)
	if err != nil {
		return nil, err
	}
	defer files.close()
	world := host.NewWorld(0)
	defer world.Close()
	cfg, err := o.config(c, files, world)
	if err != nil {
		return nil, err
	}
	if cfg.Start, err = start(c, files, args); err != nil {
		return nil, err
	}
	cfg.Standard = jobStandard()
	return header(c, &cfg, files)
}

func jobsCommand() *cli.Command {
	return &cli.Command{
		Name:  "jobs",
		Usage: "list the jobs of a server",
		Description: `Lists the jobs that were submitted, with the node that runs them and their newest checkpoints.

   emurun jobs --server https://srv:7443`,
		Flags: []cli.Flag{serverFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			cl, err := openServer(c)
			if err != nil {
				return err
			}
			defer cl.Close()
			list, err := cl.Jobs(context.Background())
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return printJSON(c.App.Writer, list)
			}
			w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "JOB\tSTATE\tNODE\tEPOCH\tCHECKPOINT\tSTEP")
			for _, j := range list {
				if j.State != "" {
					fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\n", j.Job, j.State, j.Worker, j.Epoch, j.Seq, j.Step)
				}
			}
			return w.Flush()
		},
	}
}

func jobCommand() *cli.Command {
	return &cli.Command{
		Name:      "job",
		Usage:     "show a job of a server",
		ArgsUsage: "JOB",
		Description: `Prints where a job stands.

   emurun job sim`,
		Flags: []cli.Flag{serverFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			cl, j, err := askJob(c)
			if err != nil {
				return err
			}
			defer cl.Close()
			if c.Bool("json") {
				return printObject(c.App.Writer, j)
			}
			fmt.Fprintf(c.App.Writer, "%s is %s\n", j.Job, j.State)
			if j.Worker != "" {
				fmt.Fprintf(c.App.Writer, "node:       %s, in epoch %d\n", j.Worker, j.Epoch)
			}
			if j.Seq > 0 {
				fmt.Fprintf(c.App.Writer, "checkpoint: %d at step %d, %v\noutput:     %d bytes, %d of errors\n", j.Seq, j.Step, j.Head, j.Output[0], j.Output[1])
			}
			if j.State == core.Completed {
				fmt.Fprintf(c.App.Writer, "status:     %#x\n", j.Status)
			}
			if j.Reason != "" {
				fmt.Fprintf(c.App.Writer, "reason:     %s\n", j.Reason)
			}
			return nil
		},
	}
}

var errOneJob = errors.New("name one job (see emurun jobs)")

// askJob returns the server and the job that is named.
func askJob(c *cli.Context) (*client.Client, api.Job, error) {
	if c.NArg() != 1 {
		return nil, api.Job{}, errOneJob
	}
	cl, err := openServer(c)
	if err != nil {
		return nil, api.Job{}, err
	}
	j, err := cl.Job(context.Background(), c.Args().First())
	return cl, j, err
}

func logsCommand() *cli.Command {
	return &cli.Command{
		Name:      "logs",
		Usage:     "print what a job of a server has written",
		ArgsUsage: "JOB",
		Description: `Prints the committed output of a job: what its newest checkpoint contains, which nothing can take back.
With --follow each byte is printed once, whatever fails, until the job has ended.

   emurun logs -f sim`,
		Flags: []cli.Flag{
			serverFlag(),
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until the job has ended", DisableDefaultText: true},
			&cli.BoolFlag{Name: "stderr", Usage: "print what it wrote to standard error", DisableDefaultText: true},
		},
		Action: logs,
	}
}

// logsEvery is how often a follower asks.
const logsEvery = 300 * time.Millisecond

func logs(c *cli.Context) error {
	stream := "stdout"
	if c.Bool("stderr") {
		stream = "stderr"
	}
	at := int64(0)
	for {
		cl, j, err := askJob(c)
		if err != nil {
			return err
		}
		out := &counter{}
		err = cl.Stream(context.Background(), http.MethodGet, fmt.Sprintf("%s/output/%s?offset=%d", api.JobPath(j.Job), stream, at), out)
		_ = cl.Close()
		at += out.n
		if err != nil && !c.Bool("follow") {
			return err
		}
		if !c.Bool("follow") || err == nil && j.State.Ended() {
			return nil
		}
		time.Sleep(logsEvery)
	}
}

// counter writes to standard output and counts.
type counter struct{ n int64 }

func (w *counter) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	w.n += int64(n)
	return n, err
}
