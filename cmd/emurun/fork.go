package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/internal/host"
	"emurun/machine"
	"emurun/snapshot"
)

const forkDescription = `Starts copies of a run from one of its checkpoints, each a job of its own, called JOB-1, JOB-2 and so on.
Whether they draw the same random numbers and see the same time as the original would have must be
said: with --random keep --clock keep all are the same run.

   emurun fork --random reseed --clock keep sort       one copy, here
   emurun fork -n 8 --random reseed --clock now sim    eight, each with its output in sim-N.out

The copies leave the host's files alone; emurun cat shows what they wrote. With more than one, standard
input is empty, and the status is 0 if that of all is.`

func forkCommand() *cli.Command {
	return &cli.Command{
		Name:        "fork",
		Usage:       "start copies of a run from a checkpoint",
		ArgsUsage:   "CHECKPOINT",
		Description: forkDescription,
		Flags: []cli.Flag{
			storeFlag(),
			&cli.IntFlag{Name: "copies", Aliases: []string{"n"}, Value: 1, Usage: "start `N` copies"},
			&cli.StringFlag{Name: "random", Usage: "`keep|reseed` the random numbers"},
			&cli.StringFlag{Name: "clock", Usage: "`keep|now`: go on with the time of the checkpoint, or the host's"},
			&cli.StringFlag{Name: "checkpoint-every", Usage: "take checkpoints of the copies each `TIME|N-steps`"},
		},
		BashComplete: completeCheckpoints,
		Action:       fork,
	}
}

// maxCopies bounds how many processes one command starts.
const maxCopies = 10_000

func fork(c *cli.Context) error {
	n := c.Int("copies")
	switch {
	case c.NArg() != 1:
		return errors.New("name one checkpoint (see emurun checkpoints)")
	case c.String("random") == "" || c.String("clock") == "":
		return errors.New("say --random keep or reseed, and --clock keep or now")
	case n < 1 || n > maxCopies:
		return fmt.Errorf("--copies %d: want 1 to %d", n, maxCopies)
	}
	s, dir, err := openStore(c)
	if err != nil {
		return err
	}
	k, err := findCheckpoint(s, c.Args().First())
	if err != nil {
		_ = s.Close()
		return err
	}
	jobs, err := copies(s, k, n)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	return startCopies(c, dir, jobs)
}

// copies enters n jobs that stand where k does, and returns their names.
func copies(s snapshot.Store, k snapshot.Checkpoint, n int) ([]string, error) {
	var jobs []string
	for i := 1; len(jobs) < n; i++ {
		m := *k.Manifest
		m.Job, m.Seq, m.Label, m.Parent, m.Created = fmt.Sprintf("%s-%d", k.Job, i), 1, "", k.ID, time.Now().UnixNano()
		if _, err := snapshot.Find(s, m.Job); err == nil {
			continue // of an earlier fork
		}
		if _, err := s.Commit(&m); err != nil {
			return jobs, err
		}
		jobs = append(jobs, m.Job)
	}
	return jobs, nil
}

// startCopies runs the jobs at the same time, and waits for them.
func startCopies(c *cli.Context, dir string, jobs []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var running []*exec.Cmd
	for _, job := range jobs {
		args := []string{"resume", "--store", dir, "--discard", "--random", c.String("random"), "--clock", c.String("clock")}
		if every := c.String("checkpoint-every"); every != "" {
			args = append(args, "--checkpoint-every", every)
		}
		cmd := exec.Command(self, append(args, job)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		if len(jobs) > 1 {
			out, err := os.Create(job + ".out")
			if err != nil {
				return err
			}
			defer out.Close()
			cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, out, out
			fmt.Fprintf(c.App.Writer, "%s writes to %s\n", job, out.Name())
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		running = append(running, cmd)
	}
	return waitCopies(c, jobs, running)
}

// waitCopies waits for the copies, and returns the first status that is not 0.
func waitCopies(c *cli.Context, jobs []string, running []*exec.Cmd) error {
	var first error
	for i, cmd := range running {
		err := cmd.Wait()
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(running) > 1 {
			fmt.Fprintf(c.App.Writer, "%s ended with status %s\n", jobs[i], exit)
		}
		if err != nil && first == nil {
			first = err
		}
	}
	if exit := (*exec.ExitError)(nil); errors.As(first, &exit) {
		os.Exit(max(exit.ExitCode(), 1))
	}
	return first
}

// variationFlags say in what a resumed run differs from the one that was frozen.
func variationFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Category: "repeating a run", Name: "random", Value: "keep", Usage: "`keep|reseed|N`: draw the random numbers that were to come, fresh ones, or those of seed N"},
		&cli.StringFlag{Category: "repeating a run", Name: "clock", Value: "keep", Usage: "`keep|now|TIME`: go on with the time of the checkpoint, the host's, or another"},
	}
}

// varies reports whether the flags want another run than the one that was frozen.
func varies(c *cli.Context) bool {
	return c.String("random") != "keep" || c.String("clock") != "keep"
}

// vary gives a thawed machine other random numbers and another time, if the flags want it.
func vary(c *cli.Context, m *machine.Machine) error {
	switch s := c.String("random"); s {
	case "keep":
	case "reseed":
		m.Kernel.Reseed(host.FreshSeed())
	default:
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return fmt.Errorf("--random %q: want keep, reseed or a number", s)
		}
		m.Kernel.Reseed(n)
	}
	now := epoch{}
	switch s := c.String("clock"); s {
	case "keep":
		return nil
	case "now":
		now.ns = host.FreshEpoch()
	default:
		if err := now.Set(s); err != nil {
			return fmt.Errorf("--clock %q: %w", s, err)
		}
	}
	m.Kernel.SetEpoch(m.Kernel.Config().EpochNs + now.ns - m.Kernel.Realtime())
	return nil
}
