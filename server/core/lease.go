package core

import "slices"

// register issues an incarnation to a worker's process. It begins with its first heartbeat: a
// registration that is late, of a process that is gone, changes nothing.
func (s *Server) register(name string, r Register) {
	w := s.workers[name]
	if w == nil {
		w = &Worker{Name: name, lost: true}
		s.workers[name] = w
	}
	if w.Issued == 0 || w.Nonce != r.Nonce {
		w.Issued++
		w.Nonce = r.Nonce
		s.changed(w)
	}
	s.out = append(s.out, Message{To: name, Body: Registered{r.Nonce, w.Issued}})
}

// begin begins an incarnation of a worker. What an earlier one had is pending again.
func (s *Server) begin(now Time, w *Worker, incarnation uint64) {
	w.Incarnation, w.count, w.told, w.beat, w.lost = incarnation, 0, nil, now, false
	s.changed(w)
	for _, j := range s.sorted() {
		if j.Worker != w.Name || !j.State.Leased() {
			continue
		}
		s.lose(j)
		if j.State == Pending && j.Want == "" && w.Drain == NoDrain {
			j.Want = w.Name // it has the pages still
		}
	}
	if w.Drain == DrainHold {
		s.cameBack(w)
	}
}

// cameBack ends a drain that held jobs: the node is up again.
func (s *Server) cameBack(w *Worker) {
	w.Drain = NoDrain
	s.changed(w)
	for _, j := range s.sorted() {
		if j.State == Held && j.For == w.Name {
			j.State, j.Want, j.For, j.Reason = Pending, w.Name, "", ""
			s.changed(j)
		}
	}
}

// heartbeat renews leases, and answers with what the worker has to do.
func (s *Server) heartbeat(now Time, name string, h Heartbeat) {
	w := s.workers[name]
	if w != nil && w.Incarnation < h.Incarnation && h.Incarnation <= w.Issued {
		s.begin(now, w, h.Incarnation)
	}
	if w == nil || w.Incarnation != h.Incarnation || w.lost {
		s.out = append(s.out, Message{To: name, Body: Directives{Incarnation: h.Incarnation, Count: h.Count, Gone: true}})
		return
	}
	if h.Count <= w.count && planted != bugOldHeartbeat {
		return // an old one
	}
	w.count, w.beat = h.Count, now
	if w.Slots != h.Slots {
		w.Slots = h.Slots
		s.changed(w)
	}
	has := map[string]Has{}
	d := Directives{Incarnation: h.Incarnation, Count: h.Count}
	for _, x := range h.Jobs {
		has[x.Job] = x
		if !s.holds(w, x) {
			d.List = append(d.List, Directive{Do: DoDiscard, Job: x.Job, Epoch: x.Epoch})
		}
	}
	for _, j := range s.sorted() {
		if j.Worker == name && j.Incarnation == w.Incarnation && j.State.Leased() {
			s.direct(w, j, has[j.Name], h.Seen, &d)
		}
	}
	s.out = append(s.out, Message{To: name, Body: d})
}

// holds reports whether a worker rightly has a job, and takes it away if the job's
// checkpoints went backwards.
func (s *Server) holds(w *Worker, x Has) bool {
	j := s.jobs[x.Job]
	if j == nil || j.Worker != w.Name || j.Incarnation != w.Incarnation || !j.State.Leased() || j.Epoch != x.Epoch {
		return planted == bugNoDiscard
	}
	if j.Rewind || j.Head.Seq < x.Acked || s.abort && x.Boot != s.boot {
		s.rewind(j)
		return false
	}
	return true
}

// rewind makes a job run again from its head, when its worker has let it go.
func (s *Server) rewind(j *Job) {
	if j.State != Stopping {
		j.State, j.Then = Stopping, Pending
	}
	j.Rewind = true
	s.changed(j)
}

// direct compares what a worker should have with what it has.
func (s *Server) direct(w *Worker, j *Job, has Has, seen uint64, d *Directives) {
	there := has.Job != "" && has.Epoch == j.Epoch
	switch {
	case j.State == Stopping && there && j.Rewind: // it is told to discard it
	case j.State == Stopping && there:
		d.List = append(d.List, Directive{Do: DoStop, Job: j.Name, Epoch: j.Epoch})
	case j.State == Stopping:
		if w.tell(j, d.Count) <= seen {
			s.lose(j) // it never began, or its release was lost
		}
	case !there && j.State == Running:
		if planted != bugLostRelease {
			s.lose(j) // its release was lost
		}
	case !there:
		w.tell(j, d.Count)
		d.List = append(d.List, Directive{Do: DoRun, Job: j.Name, Epoch: j.Epoch, Head: j.Head, Boot: s.boot})
	case j.State == Assigned:
		j.State = Running
		s.changed(j)
	}
}

// tell notes that the answer to a heartbeat may tell the worker to run j, and returns the first
// that may have.
func (w *Worker) tell(j *Job, count uint64) uint64 {
	t := w.told[j.Name]
	if t.epoch != j.Epoch {
		t = told{j.Epoch, count}
		if w.told == nil {
			w.told = map[string]told{}
		}
		w.told[j.Name] = t
	}
	return t.count
}

// expire takes the jobs of workers that have not been heard of.
func (s *Server) expire(now Time) {
	for _, w := range s.workers { // order: each for itself
		if w.lost || now-w.beat < Time(s.profile.Expire) {
			continue
		}
		w.lost = true
		for _, j := range s.sorted() {
			if j.Want == w.Name && j.State == Pending {
				j.Want = ""
				s.changed(j)
			}
			if j.Worker == w.Name && j.State.Leased() {
				s.lose(j)
			}
		}
	}
}

// lose ends the lease of a job without the worker's doing.
func (s *Server) lose(j *Job) {
	if j.State == Stopping {
		s.stopped(j)
		return
	}
	j.State, j.Worker, j.Incarnation = Pending, "", 0
	s.changed(j)
}

// stopped makes a job that was to stop what it was to become.
func (s *Server) stopped(j *Job) {
	j.State, j.Worker, j.Incarnation, j.Then, j.Rewind = j.Then, "", 0, "", false
	s.changed(j)
}

// assign gives pending jobs to workers with room, those that have least first.
func (s *Server) assign() {
	load := map[string]int{}
	var pending []*Job
	for _, j := range s.sorted() {
		if j.State.Leased() {
			load[j.Worker]++
		} else if j.State == Pending {
			pending = append(pending, j)
		}
	}
	for _, j := range pending {
		if w := s.choose(j, load); w != nil {
			if planted != bugSameEpoch {
				j.Epoch++
			}
			j.State, j.Worker, j.Incarnation, j.Want = Assigned, w.Name, w.Incarnation, ""
			load[w.Name]++
			s.changed(j)
		}
	}
}

// choose returns the worker for a job, or nil.
func (s *Server) choose(j *Job, load map[string]int) *Worker {
	var best *Worker
	for _, w := range s.byName() {
		switch {
		case w.lost || w.Drain != NoDrain || load[w.Name] >= w.Slots:
		case j.Want != "" && j.Want != w.Name:
		case slices.Contains(j.Crashed, w.Name) && j.Want != w.Name && len(s.workers) > len(j.Crashed):
		case best == nil || load[w.Name] < load[best.Name]:
			best = w
		}
	}
	return best
}

func (s *Server) byName() []*Worker {
	var list []*Worker
	for _, w := range s.Workers() {
		list = append(list, s.workers[w.Name])
	}
	return list
}
