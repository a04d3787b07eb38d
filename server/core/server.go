package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Server is the server's part.
type Server struct {
	profile Profile
	boot    uint64 // a number that each start of the server has for itself
	abort   bool   // what ran when the server started is run again from its checkpoint
	jobs    map[string]*Job
	workers map[string]*Worker

	dirty map[string]any // records that the step changed
	out   []Message
}

// Options are what a Server is made with.
type Options struct {
	Profile Profile
	Boot    uint64
	// AbortOnRestart makes a server that starts treat every running job as if it had lost
	// checkpoints: the rule of the patent.
	AbortOnRestart bool
}

// NewServer returns a server with the records that were durable when it last ran.
func NewServer(o Options, records map[string][]byte, now Time) (*Server, error) {
	s := &Server{profile: o.Profile, boot: o.Boot, abort: o.AbortOnRestart, jobs: map[string]*Job{}, workers: map[string]*Worker{}, dirty: map[string]any{}}
	for key, value := range records { // order: into maps
		kind, name, _ := strings.Cut(key, "/")
		var err error
		switch kind {
		case "job":
			j := new(Job)
			err = json.Unmarshal(value, j)
			s.jobs[name] = j
		case "worker":
			w := new(Worker)
			err = json.Unmarshal(value, w)
			w.beat, w.lost = now, w.Incarnation == 0 // all leases count as renewed
			s.workers[name] = w
		}
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", key, err)
		}
	}
	return s, nil
}

// Step takes in a message, which may have no body, and returns what must be durable and then what may leave.
func (s *Server) Step(now Time, m Message) (Batch, []Message) {
	switch b := m.Body.(type) {
	case Register:
		s.register(m.From, b)
	case Heartbeat:
		s.heartbeat(now, m.From, b)
	case Commit:
		s.reply(m, s.commit(b))
	case Release:
		s.release(m.From, b)
	case Read:
		s.show(m, b)
	case Order:
		s.reply(m, Done{b.ID, s.order(b)})
	}
	s.expire(now)
	s.assign()
	return s.take()
}

// show answers with a job.
func (s *Server) show(m Message, r Read) {
	if j := s.jobs[r.Job]; j != nil {
		s.reply(m, Shown{ID: r.ID, Job: *j})
		return
	}
	s.reply(m, Shown{ID: r.ID, Code: Gone})
}

// Next returns when Step is due at the latest, without a message.
func (s *Server) Next(now Time) Time {
	next := now + Time(s.profile.Expire)
	for _, w := range s.workers { // order: a minimum
		if !w.lost {
			next = min(next, w.beat+Time(s.profile.Expire))
		}
	}
	return max(next, now+1)
}

// Job returns a copy of a job.
func (s *Server) Job(name string) (Job, bool) {
	if j := s.jobs[name]; j != nil {
		return *j, true
	}
	return Job{}, false
}

// Jobs returns copies of all jobs, by name.
func (s *Server) Jobs() []Job {
	var list []Job
	for _, j := range s.sorted() {
		list = append(list, *j)
	}
	return list
}

// Workers returns copies of all workers, by name.
func (s *Server) Workers() []Worker {
	var list []Worker
	for _, w := range s.workers { // order: sorted below
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b Worker) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// sorted returns the jobs by name.
func (s *Server) sorted() []*Job {
	list := make([]*Job, 0, len(s.jobs))
	for _, j := range s.jobs { // order: sorted below
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b *Job) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// changed says that x has to be written.
func (s *Server) changed(x any) {
	switch x := x.(type) {
	case *Job:
		s.dirty["job/"+x.Name] = x
	case *Worker:
		s.dirty["worker/"+x.Name] = x
	}
}

func (s *Server) reply(m Message, body any) {
	s.out = append(s.out, Message{From: m.To, To: m.From, Body: body})
}

// take returns what the step changed and sends.
func (s *Server) take() (Batch, []Message) {
	var b Batch
	for key, x := range s.dirty { // order: sorted below
		p, _ := json.Marshal(x) // strings and numbers always encode
		b = append(b, Put{key, p})
	}
	slices.SortFunc(b, func(x, y Put) int { return cmp.Compare(x.Key, y.Key) })
	clear(s.dirty)
	out := s.out
	s.out = nil
	return b, out
}
