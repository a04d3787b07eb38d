package core

import (
	"cmp"
	"slices"
)

// Agent is a worker's part: it keeps the leases and says what the guests may do.
type Agent struct {
	name    string
	nonce   uint64
	slots   int
	profile Profile

	incarnation uint64 // 0: not registered
	count       uint64 // of heartbeats sent
	answered    uint64 // the newest heartbeat that was answered
	nextBeat    Time
	sent        map[uint64]Time // heartbeats that were not answered
	jobs        map[string]*lease
	known       map[string]Head   // heads of jobs that were here
	had         map[string]uint64 // the newest epoch of each job in which it was here

	out []Message
	do  []Action
}

// lease is a job on a worker.
type lease struct {
	name     string
	epoch    uint64
	boot     uint64
	head     Head   // the last that the server acknowledged
	first    uint64 // the first heartbeat that names it
	good     Time   // when the last heartbeat was sent whose answer let us have it
	halted   bool   // it may not run: the lease is not certain
	stopping bool
	last     bool    // commit is the one that the stop asked for
	commit   *Commit // not yet answered
	resend   Time
}

// Action is what a worker has to do with a guest.
type Action struct {
	Do    Act
	Job   string
	Epoch uint64
	Head  Head // of Start
}

// Act is a kind of action.
type Act string

// The actions.
const (
	Start    Act = "start"    // thaw Head and run
	Halt     Act = "halt"     // let it stand still
	Continue Act = "continue" // after Halt
	Last     Act = "last"     // stop it, take a last checkpoint and hand it in with Checkpointed
	Kill     Act = "kill"     // forget it, and all its work that is not committed
)

// NewAgent returns the agent of a worker's process, which begins by registering. nonce is a number
// that no other process has.
func NewAgent(name string, nonce uint64, slots int, p Profile, now Time) *Agent {
	return &Agent{
		name: name, nonce: nonce, slots: slots, profile: p, nextBeat: now,
		sent: map[uint64]Time{}, jobs: map[string]*lease{}, known: map[string]Head{}, had: map[string]uint64{},
	}
}

// Step takes in a message, which may have no body, and returns what to send and to do. Whoever
// lets guests run calls it before each slice of their time.
func (a *Agent) Step(now Time, m Message) ([]Message, []Action) {
	switch b := m.Body.(type) {
	case Registered:
		a.registered(now, b)
	case Directives:
		a.directives(now, b)
	case Committed:
		a.committed(b)
	}
	a.certain(now)
	a.beat(now)
	a.retry(now)
	return a.take()
}

// Next returns when Step is due without a message.
func (a *Agent) Next() Time {
	next := a.nextBeat
	for _, j := range a.jobs { // order: a minimum
		if !j.halted && planted != bugNoFreeze {
			next = min(next, j.good+Time(a.profile.Freeze))
		}
		if j.commit != nil {
			next = min(next, j.resend)
		}
	}
	return next
}

// MayRun reports whether the guest of a job may run at all now.
func (a *Agent) MayRun(job string, epoch uint64) bool {
	j := a.jobs[job]
	return j != nil && j.epoch == epoch && !j.halted && !j.stopping
}

// Checkpointed hands in a checkpoint that is stored and waits to be committed. It reports
// false if the job is not here any more, or another one is not answered yet.
func (a *Agent) Checkpointed(now Time, c Commit) ([]Message, bool) {
	j := a.jobs[c.Job]
	if j == nil || j.epoch != c.Epoch || j.commit != nil {
		return nil, false
	}
	c.Parent = j.head.Seq
	j.commit, j.last, j.resend = &c, j.stopping, now
	a.retry(now)
	m, _ := a.take()
	return m, true
}

// Head returns the last checkpoint of a job here that the server acknowledged.
func (a *Agent) Head(job string) (Head, bool) {
	if j := a.jobs[job]; j != nil {
		return j.head, true
	}
	return Head{}, false
}

// Busy reports whether a checkpoint of the job waits for its answer.
func (a *Agent) Busy(job string) bool { return a.jobs[job] != nil && a.jobs[job].commit != nil }

// Broke says that a job cannot go on here, because the emulator broke, or at all.
func (a *Agent) Broke(job string, epoch uint64, failed bool, reason string) []Message {
	if j := a.jobs[job]; j != nil && j.epoch == epoch {
		a.send(Release{Job: job, Epoch: epoch, Crashed: !failed, Failed: failed, Reason: reason})
		a.forget(j)
	}
	m, _ := a.take()
	return m
}

// registered begins an incarnation.
func (a *Agent) registered(now Time, r Registered) {
	if r.Nonce != a.nonce || a.incarnation != 0 {
		return
	}
	a.incarnation, a.count, a.answered, a.nextBeat = r.Incarnation, 0, 0, now
	clear(a.sent)
}

// directives does what the server wants.
func (a *Agent) directives(now Time, d Directives) {
	at, ok := a.sent[d.Count]
	if d.Incarnation != a.incarnation || !ok || d.Count <= a.answered {
		return // an old one
	}
	if d.Gone {
		a.outcast(now)
		return
	}
	a.answered = d.Count
	for n := range a.sent { // order: a set
		if n <= d.Count {
			delete(a.sent, n)
		}
	}
	for _, j := range a.jobs { // order: each for itself
		if d.Count >= j.first { // the server saw that we have it
			j.good = at
		}
	}
	for _, x := range d.List {
		a.direct(x, at)
	}
}

// direct does one thing that the answer to a heartbeat sent at a time wants.
func (a *Agent) direct(d Directive, at Time) {
	j := a.jobs[d.Job]
	switch {
	case d.Do == DoRun && d.Epoch <= a.had[d.Job]:
		if j == nil { // the release was lost, or is behind this
			a.send(Release{Job: d.Job, Epoch: d.Epoch})
		}
	case d.Do == DoRun && j == nil:
		head := d.Head
		if old, ok := a.known[d.Job]; ok && planted == bugStaleHead {
			head = old
		}
		j = &lease{name: d.Job, epoch: d.Epoch, boot: d.Boot, head: head, first: a.count + 1, good: at}
		a.jobs[d.Job] = j
		a.had[d.Job] = d.Epoch
		a.act(Start, j)
	case j == nil || j.epoch != d.Epoch:
	case d.Do == DoDiscard:
		a.act(Kill, j)
		a.forget(j)
	case d.Do == DoStop && !j.stopping:
		j.stopping = true
		a.act(Last, j)
	}
}

// outcast gives up everything: the leases have expired.
func (a *Agent) outcast(now Time) {
	for _, j := range a.sorted() {
		a.act(Kill, j)
		a.forget(j)
	}
	a.nonce++
	a.incarnation, a.nextBeat = 0, now
}

// committed takes in the answer to a commit.
func (a *Agent) committed(r Committed) {
	j := a.jobs[r.Job]
	if j == nil || j.epoch != r.Epoch || j.commit == nil {
		return
	}
	c := j.commit
	if (r.Seq != c.Parent+1 || r.Digest != c.Digest) && planted != bugOldCommit {
		return
	}
	if r.Code != OK {
		a.act(Kill, j)
		a.forget(j)
		return
	}
	j.commit = nil
	j.head = Head{Seq: c.Parent + 1, Epoch: c.Epoch, Digest: c.Digest, Step: c.Step, Output: c.Output}
	switch {
	case c.Final:
		a.act(Kill, j)
		a.forget(j)
	case j.last:
		a.send(Release{Job: j.name, Epoch: j.epoch})
		a.act(Kill, j)
		a.forget(j)
	}
}

// certain halts the guests whose leases may have expired, and lets them go on when they
// have not.
func (a *Agent) certain(now Time) {
	for _, j := range a.sorted() {
		late := now-j.good >= Time(a.profile.Freeze)
		if late == j.halted || planted == bugNoFreeze {
			continue
		}
		j.halted = late
		if late {
			a.act(Halt, j)
		} else {
			a.act(Continue, j)
		}
	}
}

// beat sends a heartbeat, or registers, when it is time.
func (a *Agent) beat(now Time) {
	if now < a.nextBeat {
		return
	}
	a.nextBeat = now + Time(a.profile.Beat)
	if a.incarnation == 0 {
		a.send(Register{a.nonce})
		return
	}
	a.count++
	a.sent[a.count] = now
	h := Heartbeat{Incarnation: a.incarnation, Count: a.count, Seen: a.answered, Slots: a.slots}
	for _, j := range a.sorted() {
		h.Jobs = append(h.Jobs, Has{j.name, j.epoch, j.head.Seq, j.boot})
	}
	a.send(h)
}

// retry sends commits again that were not answered.
func (a *Agent) retry(now Time) {
	for _, j := range a.sorted() {
		if j.commit == nil || now < j.resend {
			continue
		}
		j.resend = now + Time(a.profile.Beat)
		a.send(*j.commit)
		if planted == bugNewDigest {
			j.commit.Digest += "'"
		}
	}
}

func (a *Agent) sorted() []*lease {
	list := make([]*lease, 0, len(a.jobs))
	for _, j := range a.jobs { // order: sorted below
		list = append(list, j)
	}
	slices.SortFunc(list, func(x, y *lease) int { return cmp.Compare(x.name, y.name) })
	return list
}

func (a *Agent) forget(j *lease) {
	a.known[j.name] = j.head
	delete(a.jobs, j.name)
}

func (a *Agent) send(body any)        { a.out = append(a.out, Message{From: a.name, Body: body}) }
func (a *Agent) act(do Act, j *lease) { a.do = append(a.do, Action{do, j.name, j.epoch, j.head}) }

func (a *Agent) take() ([]Message, []Action) {
	out, do := a.out, a.do
	a.out, a.do = nil, nil
	return out, do
}
