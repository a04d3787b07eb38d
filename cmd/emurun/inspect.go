package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"emurun/machine/inspect"
	"emurun/snapshot"
	"emurun/vfs/commit"
)

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "show what is in a checkpoint",
		ArgsUsage: "[CHECKPOINT]\n   emurun inspect --diff A B",
		Description: `Shows the processes of a checkpoint with their threads, registers, memory maps and open files, the
mounted file systems, and what the run has changed in files. With --diff it shows what
changed between two checkpoints: registers, maps, open files and pages.

   emurun inspect sort
   emurun inspect --json sort@12 | jq '.processes[0].threads[0].registers'
   emurun inspect --diff sort@11 sort@12`,
		Flags: []cli.Flag{
			storeFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "diff", Usage: "compare two checkpoints", DisableDefaultText: true},
		},
		BashComplete: completeCheckpoints,
		Action:       inspectAction,
	}
}

// look is a checkpoint that is looked at.
type look struct {
	snapshot.Checkpoint
	*still
}

// lookAt thaws the checkpoint that ref means.
func lookAt(s snapshot.Store, ref string) (*look, error) {
	k, err := findCheckpoint(s, ref)
	if err != nil {
		return nil, err
	}
	m, err := thawStill(s, k)
	if err != nil {
		return nil, err
	}
	return &look{k, m}, nil
}

func inspectAction(c *cli.Context) error {
	s, _, err := openStore(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if c.Bool("diff") {
		return inspectDiff(c, s)
	}
	x, err := lookAt(s, c.Args().First())
	if err != nil {
		return err
	}
	defer x.files.close()
	changes, err := x.changes()
	if err != nil {
		return err
	}
	v := inspect.Of(x.Machine)
	if c.Bool("json") {
		return printObject(c.App.Writer, struct {
			Checkpoint listed `json:"checkpoint"`
			*inspect.View
			Changes []fileChange `json:"changes"`
		}{listing(x.Checkpoint, 0), v, changes})
	}
	fmt.Fprintf(c.App.Writer, "%s  %v\nstate %v\n", name(x.Manifest), x.ID, x.State())
	if err := v.WriteText(c.App.Writer); err != nil {
		return err
	}
	fmt.Fprintln(c.App.Writer, "\nchanges of files")
	for _, f := range changes {
		fmt.Fprintf(c.App.Writer, "  %s\n", f)
	}
	return nil
}

// fileChange is what a run changes of a file.
type fileChange struct {
	Path  string `json:"path"`
	What  string `json:"what"`
	Bytes uint64 `json:"bytes,omitempty"`
}

func (f fileChange) String() string {
	if f.Bytes > 0 {
		return fmt.Sprintf("%s %s (%s)", f.What, f.Path, bytesText(f.Bytes))
	}
	return f.What + " " + f.Path
}

// changeNames are the changes that are told, by what is done for them.
var changeNames = map[commit.Kind]string{
	commit.Unlink: "delete", commit.Rmdir: "delete", commit.Mkdir: "make folder", commit.Create: "make", commit.Symlink: "make link",
	commit.Mknod: "make node", commit.Link: "link", commit.Write: "write", commit.Zero: "write", commit.Truncate: "cut",
	commit.Chown: "give to another owner", commit.Chmod: "change mode of", commit.Setxattr: "set attribute of", commit.Removexattr: "remove attribute of",
}

// changes returns what the run has changed of the files that it began with.
func (s *still) changes() ([]fileChange, error) {
	var list []fileChange
	last := map[string]int{}
	names := map[string]string{} // of files that are made under a temporary name
	for _, t := range s.files.capture.uppers {
		err := t.Changes(".emurun-", func(o *commit.Op) error {
			if o.Kind == commit.Place {
				names[o.Path] = o.Other
			}
			what := changeNames[o.Kind]
			if what == "" {
				return nil
			}
			key := what + " " + o.Path
			i, ok := last[key]
			if !ok {
				i = len(list)
				last[key] = i
				list = append(list, fileChange{Path: o.Path, What: what})
			}
			list[i].Bytes += uint64(len(o.Data))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range list {
		if to := names[list[i].Path]; to != "" {
			list[i].Path = to
		}
		list[i].Path = "/" + list[i].Path
	}
	return list, nil
}

// inspectDiff shows what changed between two checkpoints.
func inspectDiff(c *cli.Context, s snapshot.Store) error {
	if c.NArg() != 2 {
		return fmt.Errorf("--diff compares two checkpoints")
	}
	a, err := lookAt(s, c.Args().Get(0))
	if err != nil {
		return err
	}
	defer a.files.close()
	b, err := lookAt(s, c.Args().Get(1))
	if err != nil {
		return err
	}
	defer b.files.close()
	lines := inspect.Diff(inspect.Of(a.Machine), inspect.Of(b.Machine))
	pages, err := differentPages(s, a.Manifest, b.Manifest)
	if err != nil {
		return err
	}
	lines = append(lines, pages...)
	if c.Bool("json") {
		return printJSON(c.App.Writer, lines)
	}
	for _, l := range lines {
		fmt.Fprintln(c.App.Writer, l)
	}
	return nil
}

// differentPages says of each section how many pages differ, and which the first are.
func differentPages(s snapshot.Getter, a, b *snapshot.Manifest) ([]string, error) {
	var lines []string
	for _, n := range differentSections(a, b) {
		x, _ := a.Section(n)
		y, _ := b.Section(n)
		count := 0
		var first []string
		err := snapshot.Diff(snapshot.OpenTable(s, x.Root), snapshot.OpenTable(s, y.Root), func(index uint64, _, _ snapshot.Hash) error {
			const told = 4
			if count++; count <= told {
				first = append(first, fmt.Sprintf("%#x", index*snapshot.PageSize))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("section %s: %w", n, err)
		}
		more := ""
		if count > len(first) {
			more = ", …"
		}
		lines = append(lines, fmt.Sprintf("section %s: %d pages differ, at %s%s", n, count, strings.Join(first, ", "), more))
	}
	return lines, nil
}
