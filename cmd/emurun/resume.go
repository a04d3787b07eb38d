package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"emurun/abi"
	"emurun/checkpoint"
	"emurun/internal/host"
	"emurun/internal/hostfiles"
	"emurun/machine"
	"emurun/machine/record"
	"emurun/snapshot"
	"emurun/snapshot/wire"
	"emurun/vfs"
	"emurun/vfs/hostfs"
	"emurun/vfs/tarfs"
)

const resumeDescription = `Goes on with a run where its newest checkpoint is, or the one that is named, as if nothing had
happened: on the same machine after a crash or a reboot, or on another, of any kind. Memory is loaded
as the program needs it. The host's files are made those of the checkpoint before the program goes on.

   emurun resume sort                          the newest checkpoint of the job sort
   emurun resume sort@12                       an earlier one; files become what they were then
   emurun resume --store /mnt/store 41c6e8     one by its hash
   emurun resume --discard sort                without touching files

Output after the checkpoint is printed again, unless it goes to the same regular file as before, which is cut
off where the checkpoint is, with whatever is behind that. The status is the program's, and 75 if it was
frozen again by emurun freeze --stop; a run that had ended gives its status at once.`

func resumeCommand() *cli.Command {
	o := &options{}
	return &cli.Command{
		Name:         "resume",
		Usage:        "go on with a run from a checkpoint",
		ArgsUsage:    "[CHECKPOINT]",
		Description:  resumeDescription,
		Flags:        o.resumeFlags(),
		BashComplete: completeCheckpoints,
		Action:       o.resume,
	}
}

// resumeFlags are those of a run that do not say how it begins.
func (o *options) resumeFlags() []cli.Flag {
	begins := map[string]bool{"job": true, "volume": true, "workdir": true, "env": true, "clear-env": true, "memory": true, "seed": true, "epoch": true}
	var list []cli.Flag
	for _, f := range append(o.flags(), o.checkpointFlags()...) {
		if !begins[f.Names()[0]] {
			list = append(list, f)
		}
	}
	return append(list, variationFlags()...)
}

// resume goes on with a run.
func (o *options) resume(c *cli.Context) error {
	if err := recoverCommits(); err != nil {
		return err
	}
	store, dir, err := openStore(c)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := warnDamaged(store); err != nil {
		return err
	}
	k, err := findCheckpoint(store, c.Args().First())
	if err != nil {
		return err
	}
	j, err := openJob(dir, k.Job)
	if err != nil {
		return err
	}
	defer j.close()
	err = o.goOn(c, store, k, j)
	if errors.Is(err, snapshot.ErrCorrupt) {
		if good, ok := newestGood(store, k); ok {
			err = fmt.Errorf("%w; the newest good one is %s: %s", err, name(good.Manifest), resumeHint(dir, name(good.Manifest)))
		} else {
			err = fmt.Errorf("%w; no other checkpoint of the job is good", err)
		}
	}
	return err
}

// warnDamaged tells of checkpoints that cannot be resumed because their manifests are damaged: one of
// them may be the newest of its job.
func warnDamaged(s snapshot.Store) error {
	ids, err := s.List()
	for _, id := range ids {
		if _, err := s.Manifest(id); err != nil && !errors.Is(err, snapshot.ErrNotFound) {
			warn(err)
		}
	}
	return err
}

// goOn thaws k, whose pages are loaded from store, and runs it as j.
func (o *options) goOn(c *cli.Context, store snapshot.Store, k snapshot.Checkpoint, j *job) error {
	h, err := readHeader(store, k)
	if err != nil {
		return err
	}
	image, root, err := storedRoot(c, k, j)
	if err != nil {
		return err
	}
	files, err := resumedFiles(h, c.String("root"), c.Bool("discard"), image)
	if err != nil {
		return err
	}
	defer files.close()
	world := host.NewWorld(c.Duration("timeout"))
	defer world.Close()
	cfg := machine.Config{
		MaxSteps: c.Uint64("max-steps"), NS: files.ns, Clock: &files.clock, Outside: world, Standard: h.Standard,
		Watch: machine.Watch{Hashed: c.Bool("stats")},
	}
	out, err := o.observe(c, &cfg.Watch)
	if err != nil {
		return err
	}
	defer out.close()
	updates, err := files.updates(j.dir, j.name)
	if err != nil {
		return err
	}
	rc := o.runConfig(c, updates, world, h)
	rc.Root, rc.Varied = root, varies(c)
	if err := j.begin(rc, &k); err != nil {
		return err
	}
	if err := revertHost(c, updates, store, k); err != nil {
		return err
	}
	cfg.Between, cfg.Log = j.run, j.run.Log()
	bar := showProgress("thawing "+name(k.Manifest), false, -1, nil)
	m, err := thaw(store, k, cfg)
	bar.close()
	if err != nil {
		return err
	}
	there, err := resumeHost(updates, k)
	if err != nil {
		return err
	}
	status, ended := m.Kernel.RootStatus()
	if ended && there && len(m.Kernel.Processes()) == 0 && !c.Bool("stats") {
		return &endedError{status} // and the streams are left alone
	}
	if err := vary(c, m); err != nil {
		return err
	}
	written, err := j.openWritten()
	if err != nil {
		return err
	}
	onTerminal, foreign, err := world.Resume(m, written)
	if err != nil {
		return err
	}
	if foreign {
		warn(errors.New("somebody else has written to the output since: it goes on at its end, and what the run wrote after the checkpoint is there twice"))
	}
	m.Attach(onTerminal)
	result, err := m.Run()
	if err != nil || !ended || !there || result.Steps != k.Step { // of a run that had ended nothing is new
		err = j.end(m, err)
	}
	if c.Bool("stats") {
		printStats(c, &cfg, &result)
	}
	if err != nil {
		return err
	}
	return &endedError{result.Status}
}

// thaw makes the machine of a checkpoint.
func thaw(store snapshot.Store, k snapshot.Checkpoint, cfg machine.Config) (*machine.Machine, error) {
	f, err := checkpoint.Open(store, k.Manifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(k.Manifest), err)
	}
	m, err := machine.Thaw(cfg, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(k.Manifest), err)
	}
	m.Kernel.SetThawed(k.Seq, k.Label)
	return m, nil
}

// readHeader returns how the run of a checkpoint began.
func readHeader(store snapshot.Getter, k snapshot.Checkpoint) (*record.Header, error) {
	p, err := checkpoint.About(store, k.Manifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(k.Manifest), err)
	}
	h := new(record.Header)
	if err := wire.Unmarshal(p, h); err != nil {
		return nil, fmt.Errorf("%s: section %s: %w", name(k.Manifest), checkpoint.RunSection, err)
	}
	return h, nil
}

// lowers are what is asked instead of the host for what a machine has not seen of its trees.
type lowers struct {
	trees []vfs.FileSystem // by tree; nil, or missing, for none
	only  bool             // no tree asks the host
}

// of returns what is asked for tree i; ok is false if it is the host.
func (l lowers) of(i int) (fs vfs.FileSystem, ok bool) {
	if i < len(l.trees) {
		fs = l.trees[i]
	}
	return fs, l.only || fs != nil
}

// resumedFiles returns the trees of a machine that is to thaw. What it has seen of the host's files it
// brings along; a tree that is not here any more is missing for what it has not seen. root, if
// given, is the root's folder or archive now.
func resumedFiles(h *record.Header, root string, discard bool, back lowers) (*files, error) {
	f := &files{discard: discard, capture: forgiving(), ownRoot: h.Trees[0].Source != "/"}
	for i, t := range h.Trees {
		source := t.Source
		if i == 0 && root != "" {
			source = root
		}
		var fs vfs.FileSystem
		var err error
		if lower, ok := back.of(i); ok {
			fs = f.overlay(lower, t.Dev)
		} else if fs, err = f.resumedTree(source, t); err != nil {
			f.close()
			return nil, err
		}
		if i == 0 {
			f.ns = vfs.NewNamespace(fs, "/dev/root", "ext4", 0)
		} else if _, err := f.ns.Mount(f.ns.Root(), fs, t.Source, "ext4", 0); err != nil { // the thaw says where
			f.close()
			return nil, err
		}
	}
	return f, nil
}

// storedRoot returns the archive that is the root file system of a checkpoint, if it has one and
// --root does not name another.
func storedRoot(c *cli.Context, k snapshot.Checkpoint, j *job) (lowers, *checkpoint.Root, error) {
	section, err := k.Section(checkpoint.RootSection)
	if err != nil || c.String("root") != "" {
		return lowers{}, nil, nil
	}
	s, err := openNamed(j.dir) // of its own: the archive is read on several goroutines
	if err != nil {
		return lowers{}, nil, err
	}
	j.also = append(j.also, s)
	r := checkpoint.NewReader(s, section)
	fs, err := tarfs.New(r, r.Size(), rootDev)
	if err != nil {
		return lowers{}, nil, fmt.Errorf("%s: its root: %w", name(k.Manifest), err)
	}
	return lowers{trees: []vfs.FileSystem{fs}}, &checkpoint.Root{Archive: r, Size: r.Size(), Section: &section}, nil
}

// resumedTree returns one of the trees.
func (f *files) resumedTree(source string, t record.Tree) (vfs.FileSystem, error) {
	fi, err := os.Stat(source)
	switch {
	case errors.Is(err, os.ErrNotExist):
		warn(fmt.Errorf("%s is not here: the program has only what it has seen of it, and its updates of it are dropped", source))
		return f.overlay(nil, t.Dev), nil
	case err != nil:
		return nil, err
	case fi.IsDir():
		return f.hostTree(source, t.Dev, t.ReadOnly)
	}
	im, err := hostfs.OpenImage(source, "", t.Dev)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, im.Close)
	return f.overlay(im, t.Dev), nil
}

// resumeHost tells the thawed trees what the host has. there says that those are the files of the
// checkpoint k, from which the run goes on, or that none of the host's are the run's. A host that
// has nothing of the run yet gets the whole difference.
func resumeHost(f *hostfiles.Files, k snapshot.Checkpoint) (there bool, err error) {
	if f == nil {
		return true, nil
	}
	there, _, err = f.Resumed(k.ID.String())
	return there, err
}

// revertHost makes the host's files those of the checkpoint k if they are those of another one of the
// job.
func revertHost(c *cli.Context, updates *hostfiles.Files, store snapshot.Store, k snapshot.Checkpoint) error {
	if updates == nil {
		return nil
	}
	f := &hostfiles.Files{State: updates.State, Store: updates.Store, Job: updates.Job, Warn: warn}
	at, err := hostfs.Applied(f.State, f.Store, f.Job)
	if err != nil || at == "" || at == k.ID.String() {
		return err
	}
	without := fmt.Sprintf("with --discard %s goes on and leaves them alone", name(k.Manifest))
	has, err := snapshot.Find(store, at)
	if err != nil {
		return fmt.Errorf("the host's files are of a checkpoint of the job that is gone, %.12s: %s", at, without)
	}
	from, err := thawFiles(c, store, has)
	if err != nil {
		return err
	}
	defer from.close()
	to, err := thawFiles(c, store, k)
	if err != nil {
		return err
	}
	defer to.close()
	f.Trees = from.trees
	_, _, err = f.Resumed(at)
	if f.Trees = to.trees; err == nil {
		err = f.Revert(k.ID.String(), from.trees)
	}
	if errors.Is(err, abi.EIO) {
		err = errors.New("the run has removed or replaced files that it had not read")
	}
	if err != nil {
		return fmt.Errorf("the host's files are those of %s and cannot be made those of %s: %w; %s", name(has.Manifest), name(k.Manifest), err, without)
	}
	return nil
}

// thawFiles thaws a checkpoint for its files alone.
func thawFiles(c *cli.Context, store snapshot.Store, k snapshot.Checkpoint) (*files, error) {
	h, err := readHeader(store, k)
	if err != nil {
		return nil, err
	}
	f, err := resumedFiles(h, c.String("root"), false, lowers{})
	if err != nil {
		return nil, err
	}
	if _, err := thaw(store, k, machine.Config{NS: f.ns, Clock: &f.clock, Standard: h.Standard}); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}
