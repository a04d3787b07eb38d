package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"emurun/server/api"
	"emurun/server/client"
	"emurun/server/core"
)

func workerCommand() *cli.Command {
	return &cli.Command{
		Name:  "worker",
		Usage: "run the jobs that a server gives to this node",
		Description: `Registers as a node and runs what emurun submit has submitted. When the node fails, another one goes on
with its jobs where their newest checkpoints are; when this one comes back under its name it takes part again.

   emurun worker --server https://srv:7443 --name node1
   emurun worker --server unix:/run/emusrv.sock --name node1 --slots 4

A token with the role operator is read from EMUSRV_TOKEN or the file EMUSRV_TOKEN_FILE; EMUSRV_CA, EMUSRV_CERT and
EMUSRV_KEY name the authority and the node's certificate. What jobs write to files stays in their checkpoints:
emurun cat prints it.`,
		Flags: []cli.Flag{
			serverFlag(),
			&cli.StringFlag{Name: "name", Usage: "the node's `NAME`", DefaultText: "the host's name"},
			&cli.IntFlag{Name: "slots", Usage: "run at most `N` jobs at a time", Value: 1},
			&cli.StringFlag{Name: "profile", Usage: "`NAME` of the times of leases, the server's: normal or fast", Value: "normal"},
			&cli.StringFlag{Name: "log-level", Usage: "`LEVEL`: debug, info, warn or error", Value: "info"},
		},
		OnUsageError: usageError,
		Action:       runWorker,
	}
}

func runWorker(c *cli.Context) error {
	profile, ok := core.Profiles[c.String("profile")]
	if !ok {
		return fmt.Errorf("--profile %q: want normal or fast", c.String("profile"))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.String("log-level"))); err != nil {
		return fmt.Errorf("--log-level: %w", err)
	}
	name := c.String("name")
	if name == "" {
		name, _ = os.Hostname() // an empty one is refused by the server
	}
	conf, err := serverConfig(c)
	if err != nil {
		return err
	}
	conf.Retry = time.Nanosecond // the agent says everything again by itself
	control, err := client.New(conf)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n := &node{
		name: name, profile: profile, conf: conf, control: control, ctx: ctx, begin: time.Now(), events: make(chan func()),
		guests: map[string]*guest{}, tokens: map[string]string{},
		log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	}
	n.agent = core.NewAgent(name, rand.Uint64(), c.Int("slots"), profile, n.now())
	n.run()
	return nil
}

// node is a worker. Its agent and its maps belong to the goroutine of run.
type node struct {
	name    string
	profile core.Profile
	conf    client.Config // of the server
	control *client.Client
	agent   *core.Agent
	ctx     context.Context
	begin   time.Time
	events  chan func()
	guests  map[string]*guest
	tokens  map[string]string // of jobs, for their newest leases
	log     *slog.Logger
	stepped atomic.Int64 // when the agent last looked at the clock
}

func (n *node) now() core.Time { return core.Time(time.Since(n.begin)) }

// run does what comes until the worker is to end. Its jobs are then taken from it when
// its leases expire.
func (n *node) run() {
	for {
		n.step(core.Message{})
		wait := time.Duration(n.agent.Next() - n.now())
		select {
		case <-n.ctx.Done():
			return
		case f := <-n.events:
			f()
		case <-time.After(max(wait, time.Millisecond)):
		}
	}
}

// do has f done by run.
func (n *node) do(f func()) {
	select {
	case n.events <- f:
	case <-n.ctx.Done():
	}
}

// step hands a message to the agent.
func (n *node) step(m core.Message) {
	now := n.now()
	n.stepped.Store(int64(now))
	out, actions := n.agent.Step(now, m)
	n.send(out)
	for _, a := range actions {
		n.act(a)
	}
}

// look has the agent look at the clock before a guest runs on, if it has not for a while: the
// process, or the host, stood still, and the lease may be another's.
func (n *node) look() {
	if n.now()-core.Time(n.stepped.Load()) < core.Time(n.profile.Freeze)/2 {
		return
	}
	done := make(chan struct{})
	n.do(func() { n.step(core.Message{}); close(done) })
	select {
	case <-done:
	case <-n.ctx.Done():
	}
}

// act does what the agent wants with a guest.
func (n *node) act(a core.Action) {
	n.log.Info("job", "do", a.Do, "job", a.Job, "epoch", a.Epoch, "head", a.Head.Seq)
	g := n.guests[a.Job]
	switch {
	case a.Do == core.Start:
		g = newGuest(n, a, n.tokens[a.Job])
		n.guests[a.Job] = g
		go g.live()
	case g == nil:
	case a.Do == core.Halt:
		g.change(func() { g.halted = true })
	case a.Do == core.Continue:
		g.change(func() { g.halted = false })
	case a.Do == core.Last:
		g.stop()
	case a.Do == core.Kill:
		g.change(func() { g.killed = true })
		delete(n.guests, a.Job)
	}
}

// send sends messages. A commit is not among them: who has stored the checkpoint says it,
// until it is answered.
func (n *node) send(list []core.Message) {
	for _, m := range list {
		switch b := m.Body.(type) {
		case core.Register:
			go n.register(b)
		case core.Heartbeat:
			go n.heartbeat(b)
		case core.Release:
			go n.release(b)
		}
	}
}

// call asks the server once.
func (n *node) call(path string, in, out any) bool {
	ctx, cancel := context.WithTimeout(n.ctx, n.profile.Expire)
	defer cancel()
	err := n.control.JSON(ctx, http.MethodPost, path, in, out)
	if err != nil {
		n.log.Warn("the server does not answer", "path", path, "err", err)
	}
	return err == nil
}

func (n *node) register(r core.Register) {
	var a core.Registered
	if n.call(api.WorkersPath, api.Register{Name: n.name, Nonce: r.Nonce}, &a) {
		n.do(func() { n.step(core.Message{Body: a}) })
	}
}

func (n *node) heartbeat(h core.Heartbeat) {
	var a api.Directives
	if n.call(api.WorkerPath(n.name)+"/heartbeat", h, &a) {
		n.do(func() {
			maps.Copy(n.tokens, a.Tokens)
			n.step(core.Message{Body: a.Directives})
		})
	}
}

func (n *node) release(r core.Release) {
	n.call(api.JobPath(r.Job)+"/release", api.Release{Release: r, Worker: n.name}, nil)
}

// checkpointed hands a stored checkpoint to the agent, and reports whether it may be
// committed.
func (n *node) checkpointed(c core.Commit) bool {
	ok := make(chan bool, 1)
	n.do(func() {
		out, may := n.agent.Checkpointed(n.now(), c)
		n.send(out)
		ok <- may
	})
	select {
	case may := <-ok:
		return may
	case <-n.ctx.Done():
		return false
	}
}

// broke gives a job back that cannot go on here. failed says that it cannot anywhere.
func (n *node) broke(g *guest, err error) {
	var status *statusError // of a program that is not there
	failed := errors.As(err, &status) || errors.Is(err, errStuck)
	n.log.Error("job broke", "job", g.job, "epoch", g.epoch, "failed", failed, "err", err)
	n.do(func() {
		n.send(n.agent.Broke(g.job, g.epoch, failed, err.Error()))
		if n.guests[g.job] == g {
			g.change(func() { g.killed = true })
			delete(n.guests, g.job)
		}
	})
}
