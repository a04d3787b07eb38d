package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"emurun/internal/control"
)

func freezeCommand() *cli.Command {
	return &cli.Command{
		Name:      "freeze",
		Usage:     "take a checkpoint of a running job now",
		ArgsUsage: "[JOB|PID]",
		Description: `Asks a running emurun for a checkpoint and waits until it is stored. Without an argument it is the
only job that runs with the store.

   emurun freeze sort
   emurun freeze --label before-upgrade --stop sort
   emurun freeze 4711`,
		Flags: []cli.Flag{
			storeFlag(), jsonFlag(),
			&cli.StringFlag{Name: "label", Usage: "give it a `LABEL`: it is then kept"},
			&cli.BoolFlag{Name: "stop", Usage: "end the run with it; emurun resume goes on", DisableDefaultText: true},
		},
		BashComplete: completeRunning,
		Action:       freeze,
	}
}

func freeze(c *cli.Context) error {
	dir, err := storeName(c)
	if err != nil {
		return err
	}
	job, err := runningJob(dir, c.Args().First())
	if err != nil {
		return err
	}
	at, err := controlDir(dir)
	if err != nil {
		return err
	}
	var bar *progress
	if !c.Bool("json") {
		bar = showProgress("freezing "+job, true, -1, func() int64 {
			r, _ := control.Call(at, job, control.Request{Do: "status"}) // a job that ends has stored nothing more
			return r.Stored
		})
	}
	r, err := control.Call(at, job, control.Request{Do: "freeze", Label: c.String("label"), Stop: c.Bool("stop")})
	bar.close()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printObject(c.App.Writer, r)
	}
	fmt.Fprintf(c.App.Writer, "%s  %.12s  step %d\n", r.Name, r.Checkpoint, r.Step)
	return nil
}

// runningJob returns the name of the running job that ref means.
func runningJob(dir, ref string) (string, error) {
	list, err := running(dir)
	if err != nil {
		return "", err
	}
	pid, _ := strconv.Atoi(ref)
	for _, r := range list {
		if r.Job == ref || r.PID == pid || ref == "" && len(list) == 1 {
			return r.Job, nil
		}
	}
	switch {
	case ref != "":
		return "", fmt.Errorf("no job %s is running with the store %s", ref, dir)
	case len(list) == 0:
		return "", fmt.Errorf("no job is running with the store %s", dir)
	}
	return "", errors.New("several jobs are running: name one (see emurun checkpoints)")
}
