package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/abi"
	"emurun/vfs"
)

func catCommand() *cli.Command {
	return &cli.Command{
		Name:      "cat",
		Usage:     "print a file as it is in a checkpoint",
		ArgsUsage: "CHECKPOINT:PATH",
		Description: `Prints a regular file of the guest, or lists a folder: what the run has written, and what it has seen of
the host's. The program cat is run with emurun run cat.

   emurun cat sort:/tmp/result.txt
   emurun cat sort@12:/tmp`,
		Flags:        []cli.Flag{storeFlag()},
		BashComplete: completeCheckpoints,
		Action:       cat,
	}
}

func cat(c *cli.Context) error {
	ref, file, ok := strings.Cut(c.Args().First(), ":")
	if !ok || !path.IsAbs(file) || c.NArg() != 1 {
		return fmt.Errorf("want CHECKPOINT:PATH, with PATH beginning with / (for the program cat: emurun run cat)")
	}
	s, _, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	x, err := lookAt(s, ref)
	if err != nil {
		return err
	}
	defer x.files.close()
	ctx := x.files.context()
	d, err := ctx.Walk(nil, file, true)
	if err == nil {
		err = printNode(c, d.Node)
	}
	if err == abi.EIO {
		err = fmt.Errorf("the run has not seen it")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// printNode prints a file, or the names in a folder.
func printNode(c *cli.Context, n vfs.Node) error {
	a, err := n.Attr()
	if err != nil {
		return err
	}
	if a.Mode&abi.S_IFMT == abi.S_IFDIR {
		list, err := n.Entries()
		for _, e := range list {
			fmt.Fprintln(c.App.Writer, e.Name)
		}
		return err
	}
	if a.Mode&abi.S_IFMT != abi.S_IFREG {
		return abi.EINVAL
	}
	buf := make([]byte, 1<<20)
	for off := int64(0); ; {
		k, err := vfs.ReadContent(n, buf, off)
		if err != nil || k == 0 {
			return err
		}
		if _, err := c.App.Writer.Write(buf[:k]); err != nil {
			return err
		}
		off += int64(k)
	}
}
