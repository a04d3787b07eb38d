package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/snapshot"
)

// listed is a checkpoint as `emurun checkpoints --json` prints it.
type listed struct {
	Name    string    `json:"name"`
	Hash    string    `json:"hash"`
	State   string    `json:"state_hash"`
	Parent  string    `json:"parent,omitempty"`
	Job     string    `json:"job"`
	Seq     uint64    `json:"seq"`
	Label   string    `json:"label,omitempty"`
	Created time.Time `json:"created"`
	Step    uint64    `json:"step"`
	Bytes   uint64    `json:"bytes"`
	Running int       `json:"running_pid,omitempty"`
}

func checkpointsCommand() *cli.Command {
	return &cli.Command{
		Name:      "checkpoints",
		Usage:     "list the checkpoints of a store",
		ArgsUsage: "[JOB]",
		Description: `Prints the checkpoints, newest first, with the names under which other commands know them.

   emurun checkpoints
   emurun checkpoints --store /mnt/store sort
   emurun checkpoints --json | jq -r '.[0].hash'`,
		Flags:        []cli.Flag{storeFlag(), jsonFlag()},
		BashComplete: completeJobs,
		Action: func(c *cli.Context) error {
			s, dir, err := openStore(c)
			if err != nil {
				return err
			}
			defer s.Close()
			warnUnreadable(s)
			all, err := snapshot.Checkpoints(s)
			if err != nil {
				return err
			}
			pids := map[string]int{}
			if list, err := running(dir); err == nil {
				for _, r := range list {
					pids[r.Job] = r.PID
				}
			}
			var list []listed
			for _, k := range all {
				if job := c.Args().First(); job == "" || k.Job == job {
					list = append(list, listing(k, pids[k.Job]))
				}
			}
			return printCheckpoints(c, list)
		},
	}
}

// listing returns what the list tells of k.
func listing(k snapshot.Checkpoint, pid int) listed {
	l := listed{
		Name: name(k.Manifest), Hash: k.ID.String(), State: k.State().String(), Job: k.Job, Seq: k.Seq, Label: k.Label,
		Created: time.Unix(0, k.Created).UTC(), Step: k.Step, Running: pid,
	}
	if !k.Parent.IsZero() {
		l.Parent = k.Parent.String()
	}
	for _, s := range k.Sections {
		l.Bytes += s.Size
	}
	return l
}

func printCheckpoints(c *cli.Context, list []listed) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, list)
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tHASH\tSTEP\tTAKEN\tLABEL\tJOB IS")
	for _, l := range list {
		state := "-"
		if l.Running > 0 {
			state = fmt.Sprintf("running as %d", l.Running)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", l.Name, l.Hash[:12], l.Step, l.Created.Local().Format(time.DateTime), l.Label, state)
	}
	return w.Flush()
}
