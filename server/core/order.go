package core

// order does what people ask for. Each order may be repeated.
func (s *Server) order(o Order) Code {
	switch o.What {
	case DrainIt:
		return s.drain(o)
	case Undrain:
		return s.undrain(o)
	case Submit:
		return s.submit(o.Job)
	}
	j := s.jobs[o.Job]
	if j == nil {
		return Gone
	}
	switch o.What {
	case Pause:
		return s.stop(j, Held)
	case Resume:
		return s.resume(j)
	case Cancel:
		return s.cancel(j)
	case Migrate:
		return s.migrate(j, o.Worker)
	case Fork:
		return s.fork(j, o.As)
	}
	return Conflict
}

func (s *Server) submit(name string) Code {
	if s.jobs[name] != nil {
		return Exists
	}
	j := &Job{Name: name, State: Pending}
	s.jobs[name] = j
	s.changed(j)
	return OK
}

// stop makes a job stop and become then.
func (s *Server) stop(j *Job, then State) Code {
	switch {
	case j.State == then:
	case j.State == Pending || j.State == Held:
		j.State = then
		s.changed(j)
	case j.State.Leased():
		j.State, j.Then = Stopping, then
		s.changed(j)
	default:
		return Conflict
	}
	return OK
}

func (s *Server) resume(j *Job) Code {
	switch {
	case j.State == Held:
		j.State, j.For, j.Reason, j.Crashed = Pending, "", "", nil
	case j.State == Stopping && j.Then == Held:
		j.Then = Pending
	case j.State.Ended():
		return Conflict
	default:
		return OK
	}
	s.changed(j)
	return OK
}

func (s *Server) cancel(j *Job) Code {
	if j.State == Completed || j.State == Failed {
		return Conflict
	}
	j.State, j.Worker, j.Incarnation, j.Then, j.Rewind = Cancelled, "", 0, "", false
	s.changed(j)
	return OK
}

// migrate moves a job to a worker, or away from its own if none is named.
func (s *Server) migrate(j *Job, to string) Code {
	if to != "" && !s.lives(to) {
		return NoWorker
	}
	if j.State.Ended() || j.State == Held {
		return Conflict
	}
	if j.Worker == to && to != "" && j.State != Stopping {
		return OK
	}
	j.Want = to
	return s.stop(j, Pending)
}

// lives reports whether a worker can be given jobs.
func (s *Server) lives(name string) bool {
	w := s.workers[name]
	return w != nil && !w.lost && w.Drain == NoDrain
}

// fork makes a job that goes on from the head of another.
func (s *Server) fork(j *Job, as string) Code {
	if s.jobs[as] != nil {
		return Exists
	}
	n := &Job{Name: as, State: Pending, Head: j.Head, Epoch: j.Head.Epoch}
	s.jobs[as] = n
	s.changed(n)
	return OK
}

// drain takes the jobs from a worker that is going away.
func (s *Server) drain(o Order) Code {
	w := s.workers[o.Worker]
	if w == nil {
		return NoWorker
	}
	w.Drain = o.Drain
	s.changed(w)
	for _, j := range s.sorted() {
		if j.Want == w.Name {
			j.Want = ""
			s.changed(j)
		}
		if j.Worker != w.Name || !j.State.Leased() {
			continue
		}
		if o.Drain == DrainHold {
			j.For = w.Name
			s.stop(j, Held)
		} else {
			j.Home = w.Name
			s.stop(j, Pending)
		}
	}
	return OK
}

// undrain lets a worker have jobs again, and brings home those that left it.
func (s *Server) undrain(o Order) Code {
	w := s.workers[o.Worker]
	if w == nil {
		return NoWorker
	}
	s.cameBack(w)
	for _, j := range s.sorted() {
		if j.Home != w.Name {
			continue
		}
		j.Home = ""
		s.changed(j)
		if o.Return && !j.State.Ended() && j.State != Held && j.Worker != w.Name {
			s.migrate(j, w.Name)
		}
	}
	return OK
}
