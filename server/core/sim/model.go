package sim

import (
	"encoding/json"
	"strings"

	"emurun/server/core"
)

// model is what is known to be true of a simulation.
type model struct {
	processes uint64
	contents  map[string]content // of every checkpoint ever made
	chains    map[string]*chain  // by job
}

// content is what a checkpoint holds.
type content struct {
	job    string
	pos    uint64
	parent string
}

// chain is the commits of a job that are durable, and who ran it.
type chain struct {
	heads  []core.Head
	epoch  uint64            // the newest that ran
	owners map[uint64]uint64 // the process that ran it in each epoch
	known  bool              // it has a record
	lease  uint64            // the epoch of that
}

func newModel() *model {
	return &model{contents: map[string]content{}, chains: map[string]*chain{}}
}

func (m *model) chain(job string) *chain {
	c := m.chains[job]
	if c == nil {
		c = &chain{owners: map[uint64]uint64{}}
		m.chains[job] = c
	}
	return c
}

// head returns the newest commit.
func (c *chain) head() core.Head {
	if len(c.heads) == 0 {
		return core.Head{}
	}
	return c.heads[len(c.heads)-1]
}

// holds reports whether a checkpoint is one of the chain.
func (c *chain) holds(h core.Head) bool {
	for _, x := range c.heads {
		if x.Seq == h.Seq {
			return x == h
		}
	}
	return false
}

// forked reports whether a head is in some chain.
func (m *model) forked(h core.Head) bool {
	for _, c := range m.chains { // order: any
		if c.holds(h) {
			return true
		}
	}
	return false
}

// durable looks at a record that has reached the disk.
func (w *World) durable(p core.Put) {
	name, isJob := strings.CutPrefix(p.Key, "job/")
	if !isJob {
		return
	}
	var j core.Job
	if err := json.Unmarshal(p.Value, &j); err != nil {
		w.fail("record %s: %v", p.Key, err)
		return
	}
	c := w.model.chain(name)
	old := c.head()
	switch {
	case j.Head == old:
	case !c.known && w.model.forked(j.Head):
		c.heads = append(c.heads, j.Head) // a fork begins where its origin stood
	case j.Head.Epoch < c.lease:
		w.fail("%s: epoch %d commits, and epoch %d is the present one", name, j.Head.Epoch, c.lease)
	default:
		w.advanced(name, c, old, j.Head)
	}
	c.known, c.lease = true, j.Epoch
	if j.State == core.Completed && w.model.contents[j.Head.Digest].pos != goal {
		w.fail("%s is completed at %d of %d", name, w.model.contents[j.Head.Digest].pos, goal)
	}
}

// advanced checks that a new head follows the old one.
func (w *World) advanced(name string, c *chain, old, head core.Head) {
	x, ok := w.model.contents[head.Digest]
	switch {
	case !ok:
		w.fail("%s: head %d is %s, which nobody made", name, head.Seq, head.Digest)
	case head.Seq != old.Seq+1:
		w.fail("%s: head %d follows head %d", name, head.Seq, old.Seq)
	case head.Epoch < old.Epoch:
		w.fail("%s: head %d of epoch %d follows epoch %d", name, head.Seq, head.Epoch, old.Epoch)
	case x.parent != old.Digest:
		w.fail("%s: %s follows %s, but was made from %q", name, head.Digest, old.Digest, x.parent)
	case head.Output[0] != x.pos || head.Output[0] < old.Output[0]:
		w.fail("%s: output has %d bytes at %d, before it had %d", name, head.Output[0], x.pos, old.Output[0])
	case c.owners[head.Epoch] == 0 && x.pos > old.Output[0]:
		w.fail("%s: epoch %d commits and never ran", name, head.Epoch)
	}
	c.heads = append(c.heads, head)
}

// acknowledged checks that what a worker takes for committed is.
func (w *World) acknowledged(job string, h core.Head) {
	if !w.model.chain(job).holds(h) {
		w.fail("%s: checkpoint %d (%s) was acknowledged and is not there", job, h.Seq, h.Digest)
	}
}

// runs checks that a guest may run.
func (w *World) runs(k *worker, g *guest) {
	c := w.model.chain(g.job)
	if owner := c.owners[g.epoch]; owner != 0 && owner != k.process {
		w.fail("%s: two processes run it in epoch %d", g.job, g.epoch)
	}
	c.owners[g.epoch] = k.process
	if g.epoch < c.epoch {
		w.fail("%s: epoch %d runs on %s, and epoch %d has run already", g.job, g.epoch, k.name, c.epoch)
	}
	c.epoch = max(c.epoch, g.epoch)
}

// heard checks what the server tells people.
func (w *World) heard(m core.Message) {
	s, ok := m.Body.(core.Shown)
	if !ok || s.Code != core.OK || s.Job.Head.Seq == 0 {
		return
	}
	if !w.model.chain(s.Job.Name).holds(s.Job.Head) {
		w.fail("%s: head %d (%s) was shown and is not durable", s.Job.Name, s.Job.Head.Seq, s.Job.Head.Digest)
	}
}
