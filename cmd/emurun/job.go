package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/checkpoint"
	"emurun/internal/control"
	"emurun/internal/host"
	"emurun/internal/hostfiles"
	"emurun/machine"
	"emurun/machine/record"
	"emurun/snapshot"
	"emurun/snapshot/wire"
)

// statusFrozen is the exit status of a run that was frozen to go on later: EX_TEMPFAIL of
// sysexits(3).
const statusFrozen = 75

// job is a run whose checkpoints are kept.
type job struct {
	name    string
	dir     string // of the store, or its server's URL
	store   store
	run     *checkpoint.Run
	server  *control.Server
	also    []io.Closer // what it reads from besides
	trouble string      // what the last checkpoint failed of
}

// checkpointFlags are the flags of a run with checkpoints.
func (o *options) checkpointFlags() []cli.Flag {
	return []cli.Flag{
		storeFlag(),
		&cli.StringFlag{Category: "checkpoints", Name: "job", Usage: "call the run `NAME` in the store", DefaultText: "the program's name"},
		&cli.GenericFlag{Category: "checkpoints", Name: "checkpoint-every", Value: &o.every, Usage: "take a checkpoint each `TIME|N-steps`, such as 30s or 100M-steps"},
		&cli.IntFlag{Category: "checkpoints", Name: "keep", Value: snapshot.KeepNewest, Usage: "keep the newest `N` checkpoints, and those with a label"},
	}
}

// wantsJob reports whether the flags ask for checkpoints.
func (o *options) wantsJob(c *cli.Context) bool {
	return o.looker == nil && (o.every.given || c.IsSet("store") || c.IsSet("job"))
}

// startJob prepares a run with checkpoints; nil if the flags want none.
func (o *options) startJob(c *cli.Context, cfg *machine.Config, f *files, world *host.World) (*job, error) {
	if !o.wantsJob(c) {
		return nil, nil
	}
	h, err := header(c, cfg, f)
	if err != nil {
		return nil, err
	}
	dir, err := storeName(c)
	if err != nil {
		return nil, err
	}
	name := c.String("job")
	if name == "" {
		name = jobName(cfg.Start.Argv[0])
	}
	j, err := openJob(dir, name)
	if err != nil {
		return nil, err
	}
	updates, err := f.updates(dir, name)
	if err == nil {
		cfg := o.runConfig(c, updates, world, h)
		if f.ownImage {
			cfg.Root = &f.image
		}
		err = j.begin(cfg, nil)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	written, err := j.openWritten()
	if err != nil {
		j.close()
		return nil, err
	}
	world.Track(written)
	cfg.Between, cfg.Log = j.run, j.run.Log()
	return j, nil
}

// openJob opens the store for a job.
func openJob(dir, name string) (*job, error) {
	if err := control.Valid(name); err != nil {
		return nil, err
	}
	store, err := openNamed(dir)
	if err != nil {
		return nil, err
	}
	return &job{name: name, dir: dir, store: store}, nil
}

// begin takes the right to run the job, and begins to take checkpoints of a machine that is new
// or goes on from a checkpoint.
func (j *job) begin(cfg checkpoint.Config, after *snapshot.Checkpoint) error {
	cfg.Store, cfg.Job, cfg.Report = j.store, j.name, j.report
	step := uint64(0)
	if after != nil {
		cfg.After, cfg.ID, step = after.Manifest, after.ID, after.Step
	}
	j.run = checkpoint.New(cfg, step)
	newest, err := snapshot.Find(j.store, j.name)
	if err == nil {
		j.run.StartAt(newest.Seq + 1)
	} else if !errors.Is(err, snapshot.ErrNotFound) {
		return err
	}
	dir, err := controlDir(j.dir)
	if err == nil {
		run := j.run
		j.server, err = control.Serve(dir, j.name, func(q control.Request) control.Response { return answer(run, j.name, q) })
	}
	return err
}

// openWritten opens the file that has how far the job has written its output.
func (j *job) openWritten() (*host.Written, error) {
	dir, err := controlDir(j.dir)
	if err != nil {
		return nil, err
	}
	w, err := host.OpenWritten(filepath.Join(control.Dir(dir), j.name+".written"))
	if err == nil {
		j.also = append(j.also, w)
	}
	return w, err
}

// runConfig says how a run takes checkpoints.
func (o *options) runConfig(c *cli.Context, updates *hostfiles.Files, world *host.World, h *record.Header) checkpoint.Config {
	about, _ := wire.Marshal(h) // what was read from flags is not too long
	return checkpoint.Config{
		Every: o.every.Every, Keep: max(c.Int("keep"), 1), Take: take(updates), About: about, Wake: world.Wake, Now: time.Now,
	}
}

// jobName makes a name for a job of a program's.
func jobName(program string) string {
	base := []byte(filepath.Base(program))
	for i, b := range base {
		if control.Valid("x"+string(rune(b))) != nil {
			base[i] = '-'
		}
	}
	name := strings.TrimLeft(string(base), ".")
	if control.Valid(name) != nil {
		return "job"
	}
	return name
}

// report tells of a checkpoint that failed; one that is stored is no news.
func (j *job) report(d checkpoint.Done) {
	if d.Err == nil {
		j.trouble = ""
		return
	}
	// What fails again in the same way is told once.
	text := d.Err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i:]
	}
	if errors.Is(d.Err, checkpoint.ErrBehind) {
		return // it is the error of the run
	}
	if text != j.trouble {
		j.trouble = text
		warn(fmt.Errorf("%w; the program goes on, and the next one is tried when it is due", d.Err))
	}
}

// answer serves a request from another process.
func answer(run *checkpoint.Run, job string, q control.Request) control.Response {
	r := control.Response{Job: job, PID: os.Getpid()}
	switch q.Do {
	case "status":
		r.Stored = run.Stored()
	case "freeze":
		done := make(chan checkpoint.Done, 1)
		run.Request(checkpoint.Request{Label: q.Label, Stop: q.Stop, Done: func(d checkpoint.Done) { done <- d }})
		d := <-done
		if d.Err != nil {
			return control.Response{Error: d.Err.Error()}
		}
		r.Name = name(d.Manifest)
		r.Checkpoint, r.Step, r.PauseNs, r.TookNs = d.ID.String(), d.Manifest.Step, int64(d.Pause), int64(d.Took)
	default:
		r.Error = fmt.Sprintf("unknown request %q", q.Do)
	}
	return r
}

// end takes the last checkpoint of a run that ended with err: with it the last updates
// of files commit.
func (j *job) end(m *machine.Machine, err error) error {
	if j == nil {
		return err
	}
	defer j.close()
	switch {
	case errors.Is(err, checkpoint.ErrStopped):
		last, ferr := snapshot.Find(j.store, j.name)
		if ferr != nil {
			return ferr
		}
		return &statusError{statusFrozen, fmt.Errorf("frozen as %s: %s goes on", name(last.Manifest), resumeHint(j.dir, j.name))}
	case err == nil || errors.Is(err, machine.ErrMaxSteps) || errors.Is(err, machine.ErrTimeout):
		bar := showProgress("last checkpoint", true, -1, j.run.Stored)
		lerr := j.run.Last(m)
		bar.close()
		if errors.Is(lerr, checkpoint.ErrBehind) {
			err = lerr
		} else if lerr != nil {
			return j.lost(lerr)
		}
	}
	if errors.Is(err, checkpoint.ErrBehind) {
		return fmt.Errorf("%w; %s completes them and goes on", err, resumeHint(j.dir, j.name))
	}
	return err
}

// lost says what the end of a run without its last checkpoint means.
func (j *job) lost(err error) error {
	if j.run.Parent().IsZero() {
		return fmt.Errorf("%w; there is no checkpoint, and what the program wrote to files is lost", err)
	}
	return fmt.Errorf("%w; what was done since the last checkpoint is lost (%s goes on from there)", err, resumeHint(j.dir, j.name))
}

// close gives up the right to run the job.
func (j *job) close() {
	if j == nil {
		return
	}
	if j.run != nil {
		j.run.Close()
	}
	if j.server != nil {
		_ = j.server.Close() // nobody can do anything about it
	}
	for _, c := range j.also {
		_ = c.Close()
	}
	j.also = nil
	_ = j.store.Close()
	j.run, j.server = nil, nil
}
