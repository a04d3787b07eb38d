package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"emurun/checkpoint"
	"emurun/machine"
	"emurun/machine/record"
	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/core"
	"emurun/snapshot"
	"emurun/snapshot/wire"
	"emurun/syscalls/kernel"
)

// guest is a job that runs on this worker, on a goroutine of its own.
type guest struct {
	n     *node
	job   string
	epoch uint64
	head  core.Head // from which it goes on
	token string
	world *jobWorld

	looks  atomic.Bool // something below changed
	mu     sync.Mutex
	cond   *sync.Cond
	halted bool
	killed bool
	last   bool
	run    *checkpoint.Run // nil before the machine is there

	final  bool // the program has ended, with status
	status int32
}

var (
	errKilled = errors.New("the lease has ended")
	errStuck  = errors.New("the program cannot go on")
)

// longPatience is how long a call for a job is tried: longer than a server should need to come back. When
// the lease is lost meanwhile, nobody waits for it.
const longPatience = time.Hour

func newGuest(n *node, a core.Action, token string) *guest {
	g := &guest{n: n, job: a.Job, epoch: a.Epoch, head: a.Head, token: token, world: newJobWorld()}
	g.cond = sync.NewCond(&g.mu)
	return g
}

// change changes what the machine has to look at.
func (g *guest) change(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
	g.looks.Store(true)
	g.cond.Broadcast()
	g.world.Wake()
}

// stop asks for a last checkpoint.
func (g *guest) stop() {
	g.change(func() {
		g.last = true
		if g.run != nil {
			g.run.Request(checkpoint.Request{Stop: true})
		}
	})
}

// live runs the job until its program has ended or it is somebody else's.
func (g *guest) live() {
	defer func() {
		if v := recover(); v != nil {
			g.n.broke(g, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	err := g.execute()
	if err != nil && !errors.Is(err, errKilled) && !errors.Is(err, checkpoint.ErrStopped) {
		g.n.broke(g, err)
	}
}

func (g *guest) execute() error {
	conf := g.n.conf
	conf.Token, conf.Retry = g.token, longPatience
	c, err := client.New(conf)
	if err != nil {
		return err
	}
	defer c.Close()
	from := c.Store() // what is loaded; checkpoints go another way, on another goroutine
	cfg := checkpoint.Config{
		Store: leased{c.Store(), g}, Job: g.job, Epoch: g.epoch, Wake: g.world.Wake, Now: time.Now,
		Report: func(d checkpoint.Done) {
			if d.Err != nil {
				g.n.broke(g, d.Err)
			}
		},
	}
	var spec api.Spec
	if err := c.JSON(context.Background(), http.MethodGet, api.JobPath(g.job)+"/spec", nil, &spec); err != nil {
		return err
	}
	var often every
	if err := often.Set(spec.Every); err != nil {
		return fmt.Errorf("%w: checkpoints every %q: %w", errStuck, spec.Every, err)
	}
	cfg.Every, cfg.About = often.Every, spec.Header
	m, files, err := g.machine(from, cfg)
	if err != nil {
		return err
	}
	defer files.close()
	defer m.Kernel.Config().Pool.Close() // it is not in Go's heap
	defer g.run.Close()
	result, err := m.Run()
	switch {
	case errors.Is(err, machine.ErrDeadlock), errors.Is(err, machine.ErrMaxSteps):
		return fmt.Errorf("%w: %w", errStuck, err)
	case err != nil:
		return err
	}
	g.final, g.status = true, result.Status
	return g.run.Last(m)
}

// machine makes the machine: new, or as it was at the head.
func (g *guest) machine(from snapshot.Store, cfg checkpoint.Config) (*machine.Machine, *files, error) {
	if g.head.Seq == 0 {
		h := new(record.Header)
		if err := wire.Unmarshal(cfg.About, h); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", errStuck, err)
		}
		f, err := bootFiles(h)
		if err != nil {
			return nil, nil, err
		}
		m, err := g.boot(h, f, cfg)
		if err != nil {
			f.close()
		}
		return m, f, err
	}
	id, err := snapshot.ParseHash(g.head.Digest)
	if err != nil {
		return nil, nil, err
	}
	k := snapshot.Checkpoint{ID: id}
	if k.Manifest, err = from.Manifest(id); err != nil {
		return nil, nil, err
	}
	h, err := readHeader(from, k)
	if err != nil {
		return nil, nil, err
	}
	f, err := resumedFiles(h, "", true, lowers{})
	if err != nil {
		return nil, nil, err
	}
	cfg.After, cfg.ID = k.Manifest, k.ID
	g.world.goOn(k.Manifest)
	m, err := thaw(from, k, g.begin(h, f, cfg, k.Step))
	if err != nil {
		f.close()
	}
	return m, f, err
}

// begin makes the checkpoints of the run, and what its machine has in any case.
func (g *guest) begin(h *record.Header, f *files, cfg checkpoint.Config, step uint64) machine.Config {
	cfg.Also = g.world.cut
	g.change(func() {
		g.run = checkpoint.New(cfg, step)
		if g.last {
			g.run.Request(checkpoint.Request{Stop: true})
		}
	})
	return machine.Config{
		MaxSteps: h.MaxSteps, NS: f.ns, Clock: &f.clock, Outside: g.world, Standard: h.Standard, Between: g, Log: g.run.Log(),
	}
}

// boot makes a new machine.
func (g *guest) boot(h *record.Header, f *files, cfg checkpoint.Config) (*machine.Machine, error) {
	c := g.begin(h, f, cfg, 0)
	c.Seed, c.EpochNs, c.Memory, c.Level = h.Seed, h.EpochNs, h.Memory, int(h.Level)
	c.Start = kernel.BootArgs{Argv: h.Argv, Envp: h.Envp, Cwd: h.Cwd, Umask: h.Umask, Cred: kernel.NewCred(h.UID, h.GID, h.Groups)}
	if err := findProgram(&c.Start, f); err != nil {
		return nil, err
	}
	m, err := machine.Boot(c)
	if err != nil {
		return nil, bootError(h.Argv[0], err)
	}
	return m, nil
}

// bootFiles returns the trees of a machine that begins on this host as h says.
func bootFiles(h *record.Header) (*files, error) {
	f := &files{discard: true, capture: &captured{}, ownRoot: h.OwnRoot}
	for i, t := range h.Trees {
		fs, err := f.resumedTree(t.Source, t)
		if err == nil && i == 0 {
			f.begin(fs, h.SystemDirs)
		} else if err == nil {
			err = f.mountAt(fs, volume{t.Source, t.At, t.ReadOnly}, h.OwnRoot)
		}
		if err != nil {
			f.close()
			return nil, err
		}
	}
	return f, nil
}

// Until implements machine.Between.
func (g *guest) Until() uint64 { return g.run.Until() }

// Between implements machine.Between: it stands still while the lease is not certain.
func (g *guest) Between(m *machine.Machine) error {
	g.n.look()
	if g.looks.Load() {
		g.mu.Lock()
		for g.halted && !g.killed {
			g.cond.Wait()
		}
		killed := g.killed
		g.looks.Store(false)
		g.mu.Unlock()
		if killed {
			return errKilled
		}
	}
	return g.run.Between(m)
}

// leased is the store of a job's checkpoints, in which the agent has its say.
type leased struct {
	*client.Store
	g *guest
}

// refusals are what a refused commit is for the agent.
var refusals = map[api.Code]core.Code{
	api.Fenced: core.Fenced, api.ParentMismatch: core.ParentMismatch, api.SeqConflict: core.ParentMismatch,
	api.NotFound: core.Gone, api.WrongState: core.Conflict,
}

// Commit implements snapshot.Store.
func (s leased) Commit(m *snapshot.Manifest) (snapshot.Hash, error) {
	id, err := m.ID()
	if err != nil {
		return id, err
	}
	g := s.g
	run := &api.Run{Output: outputSizes(m), Final: g.final, Status: g.status}
	c := core.Commit{Job: g.job, Epoch: g.epoch, Digest: id.String(), Step: m.Step, Output: run.Output, Final: run.Final, Status: run.Status}
	if !g.n.checkpointed(c) {
		return id, errKilled
	}
	_, err = s.Store.CommitRun(m, run)
	code, refused := refusals[client.Code(err)]
	if err == nil || refused {
		a := core.Committed{Job: g.job, Epoch: g.epoch, Seq: m.Seq, Digest: c.Digest, Code: code}
		g.n.do(func() { g.n.step(core.Message{Body: a}) })
	}
	return id, err
}
