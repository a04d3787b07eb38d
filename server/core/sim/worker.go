package sim

import (
	"fmt"

	"emurun/server/core"
)

// worker is a node: a process with its guests.
type worker struct {
	w       *World
	name    string
	agent   *core.Agent // nil while it is down
	process uint64      // of all, which process it is
	guests  map[string]*guest
	paused  core.Time // stands still until then
	timer   core.Time
}

// guest is a running job. What it does is to count.
type guest struct {
	job    string
	epoch  uint64
	pos    uint64
	parent string // digest of the checkpoint that it goes on from, or made last
	last   bool   // to be stopped: one more checkpoint
	halted bool
}

// goal is where a job ends.
const goal = 60

func (k *worker) start() {
	if k.agent != nil {
		return
	}
	k.w.model.processes++
	k.process = k.w.model.processes
	k.agent = core.NewAgent(k.name, k.process*1000, 2, k.w.profile, k.w.now)
	k.guests = map[string]*guest{}
	k.w.trace("%s starts", k.name)
	k.step(core.Message{})
	k.tick(k.process)
}

func (k *worker) crash() {
	if k.agent == nil {
		return
	}
	k.w.trace("%s crashes", k.name)
	k.agent, k.guests = nil, nil
	k.w.after(k.w.between(second/10, 40*second), k.start)
}

// step hands a message to the agent, or the time alone.
func (k *worker) step(m core.Message) {
	if k.agent == nil {
		return
	}
	if k.paused > k.w.now {
		process := k.process
		k.w.after(k.paused-k.w.now, func() {
			if k.process == process {
				k.step(m)
			}
		})
		return
	}
	out, do := k.agent.Step(k.w.now, m)
	k.send(out)
	for _, a := range do {
		k.act(a)
	}
	for job := range k.guests { // order: each for itself
		if head, ok := k.agent.Head(job); ok && head.Seq > 0 {
			k.w.acknowledged(job, head)
		}
	}
	k.wait()
}

// act does what the agent wants with a guest.
func (k *worker) act(a core.Action) {
	k.w.trace("%s: %s %s epoch %d", k.name, a.Do, a.Job, a.Epoch)
	g := k.guests[a.Job]
	switch a.Do {
	case core.Start:
		k.guests[a.Job] = &guest{job: a.Job, epoch: a.Epoch, pos: a.Head.Output[0], parent: a.Head.Digest}
	case core.Kill:
		delete(k.guests, a.Job)
	case core.Halt:
		g.halted = true
	case core.Continue:
		g.halted = false
	case core.Last:
		g.last = true
	}
}

// tick lets the guests run a while.
func (k *worker) tick(process uint64) {
	if k.agent == nil || k.process != process {
		return
	}
	next := k.w.between(second/20, second/2)
	if k.paused > k.w.now {
		next = k.paused - k.w.now
	} else {
		k.step(core.Message{})
		for i := range k.w.o.Jobs * 3 { // in a fixed order
			if g := k.guests[fmt.Sprintf("job%d", i)]; g != nil {
				k.slice(g)
			}
		}
	}
	k.w.after(next, func() { k.tick(process) })
}

// slice is some work of one guest, and now and then a checkpoint.
func (k *worker) slice(g *guest) {
	busy := k.agent.Busy(g.job)
	if k.agent.MayRun(g.job, g.epoch) && !g.halted && g.pos < goal {
		k.w.runs(k, g)
		g.pos++
	}
	switch {
	case busy || g.halted:
	case g.last || g.pos == goal || k.w.chance(4):
		k.checkpoint(g)
	case !k.w.calm && k.w.chance(30):
		k.send(k.agent.Broke(g.job, g.epoch, false, "the emulator broke"))
		delete(k.guests, g.job)
	}
}

// checkpoint takes one and hands it in.
func (k *worker) checkpoint(g *guest) {
	digest := fmt.Sprintf("%s.%d.%d.%d", g.job, k.process, g.epoch, g.pos)
	if g.parent == digest {
		digest += "+" // nothing happened since; it is another manifest
	}
	k.w.model.contents[digest] = content{job: g.job, pos: g.pos, parent: g.parent}
	c := core.Commit{
		Job: g.job, Epoch: g.epoch, Digest: digest, Step: g.pos, Output: [2]uint64{g.pos}, Final: g.pos == goal,
	}
	out, ok := k.agent.Checkpointed(k.w.now, c)
	if ok {
		g.parent = digest
	}
	k.send(out)
}

func (k *worker) send(list []core.Message) {
	for _, m := range list {
		k.w.send(m)
	}
}

// wait makes the agent look at the clock when it has to.
func (k *worker) wait() {
	at := max(k.agent.Next(), k.w.now+1)
	if at == k.timer {
		return
	}
	k.timer = at
	process := k.process
	k.w.after(at-k.w.now, func() {
		if k.agent != nil && k.process == process && k.timer == at {
			k.timer = 0
			k.step(core.Message{})
		}
	})
}
