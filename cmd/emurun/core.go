package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"emurun/machine/inspect"
)

func coreCommand() *cli.Command {
	return &cli.Command{
		Name:      "core",
		Usage:     "write a core file of a process in a checkpoint",
		ArgsUsage: "[CHECKPOINT]",
		Description: `Writes an ELF core file, which gdb opens.

   emurun core -o core sort && gdb ./sort core
   emurun core --pid 1003 -o core sort@12`,
		Flags: []cli.Flag{
			storeFlag(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "core", Usage: "write to `FILE`", TakesFile: true},
			&cli.IntFlag{Name: "pid", Usage: "of the process `PID`", DefaultText: "the first"},
		},
		BashComplete: completeCheckpoints,
		Action:       writeCore,
	}
}

func writeCore(c *cli.Context) error {
	s, _, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	x, err := lookAt(s, c.Args().First())
	if err != nil {
		return err
	}
	defer x.files.close()
	pid := int32(c.Int("pid"))
	for _, p := range x.Kernel.Processes() {
		if pid != 0 && p.PID != pid {
			continue
		}
		f, err := os.Create(c.String("output"))
		if err != nil {
			return err
		}
		if err := inspect.WriteCore(f, p); err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			return err
		}
		return f.Close()
	}
	return fmt.Errorf("there is no process %d in %s", pid, name(x.Manifest))
}
