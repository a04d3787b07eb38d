package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
)

// postJob submits a job.
func (s *Server) postJob(w http.ResponseWriter, r *request) error {
	var q api.NewJob
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if r.namespace != "" && q.Namespace != "" && q.Namespace != r.namespace {
		return errNotYours
	}
	if r.namespace != "" {
		q.Namespace = r.namespace
	}
	if q.Job == "" || strings.ContainsAny(q.Job, ":/") || len(q.Spec.Header) == 0 {
		return fmt.Errorf("a job that is submitted has a name without \":\" and \"/\", and a program: %w", store.ErrBadRequest)
	}
	if err := s.enter(&q); err != nil {
		return err
	}
	if err := s.keeper.order(core.Order{What: core.Submit, Job: q.Job}); err != nil && !errors.Is(err, errState) {
		return err // that it is there already is how a repeated call finds it
	}
	h, err := s.store.Head(q.Job)
	if err != nil {
		return err
	}
	s.mark(w, s.store.Stats().Last)
	return writeJSON(w, http.StatusCreated, s.standing(&h))
}

// enter writes down how a job is run, before there is the job.
func (s *Server) enter(q *api.NewJob) error {
	spec, err := json.Marshal(q.Spec)
	if err != nil {
		return err
	}
	key := store.SpecTable + q.Job
	e, err := s.store.Meta().Get(key)
	_, there := s.keeper.job(q.Job)
	switch {
	case err == nil && string(e.Value) == string(spec):
		return nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	case there:
		return codeError(core.Exists)
	}
	b, err := s.store.LeaseBatch(q.Job, 0, q.Namespace)
	if err == nil && b.Put == nil && e.Version == 0 {
		err = codeError(core.Exists) // of somebody who keeps checkpoints here
	}
	if err != nil {
		return err
	}
	b.Pre = append(b.Pre, store.Cond{Key: key, Version: e.Version})
	b.Put = append(b.Put, store.KV{Key: key, Value: spec})
	_, err = s.store.Meta().Commit(b)
	return err
}

// getSpec says how a job is run.
func (s *Server) getSpec(w http.ResponseWriter, r *request) error {
	job := jobOf(r)
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	e, err := s.store.Meta().Get(store.SpecTable + job)
	if err != nil {
		return fmt.Errorf("job %q: %w", job, err)
	}
	return writeJSON(w, http.StatusOK, json.RawMessage(e.Value))
}

// getOutput gives what a job has written, by its newest checkpoint, from an offset on.
func (s *Server) getOutput(w http.ResponseWriter, r *request) error {
	job := jobOf(r)
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	section, ok := api.Output[r.PathValue("stream")]
	if !ok {
		return fmt.Errorf("want stdout or stderr: %w", store.ErrBadRequest)
	}
	var from uint64
	if text := r.query("offset"); text != "" {
		if _, err := fmt.Sscan(text, &from); err != nil {
			return fmt.Errorf("offset %q: %w", text, store.ErrBadRequest)
		}
	}
	h, err := s.store.Head(job)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	if h.ID.IsZero() {
		return nil
	}
	_, err = s.store.Section(h.ID, section, from, w)
	return err
}

// orders are what can be asked for a job, behind its name and a colon.
var orders = map[string]core.What{"pause": core.Pause, "resume": core.Resume, "cancel": core.Cancel, "migrate": core.Migrate}

// postOrder pauses, resumes, cancels and migrates jobs.
func (s *Server) postOrder(w http.ResponseWriter, r *request) error {
	job, what, q, err := s.readOrder(w, r)
	if err != nil {
		return err
	}
	o := core.Order{What: orders[what], Job: job, Worker: q.To}
	if o.What == "" {
		return fmt.Errorf("no order %q: %w", what, store.ErrNotFound)
	}
	if err := s.mayJob(&r.principal, job, store.RoleOperator); err != nil {
		return err
	}
	return s.obey(w, o)
}

// postWorkerOrder drains a worker, and lets it have jobs again.
func (s *Server) postWorkerOrder(w http.ResponseWriter, r *request) error {
	worker, what, q, err := s.readOrder(w, r)
	if err != nil {
		return err
	}
	o := core.Order{Worker: worker, Drain: q.Drain, Return: q.Return}
	switch {
	case what == "drain" && (q.Drain == core.DrainHold || q.Drain == core.DrainMigrate):
		o.What = core.DrainIt
	case what == "undrain":
		o.What = core.Undrain
	default:
		return fmt.Errorf("no order %q, %q: %w", what, q.Drain, store.ErrBadRequest)
	}
	return s.obey(w, o)
}

// readOrder reads whom an order is for, what it is, and the rest of it.
func (s *Server) readOrder(w http.ResponseWriter, r *request) (name, what string, q api.Order, err error) {
	path := r.PathValue("order")
	i := strings.LastIndexByte(path, ':')
	if i < 0 {
		return "", "", q, fmt.Errorf("want NAME:ORDER: %w", store.ErrNotFound)
	}
	return path[:i], path[i+1:], q, s.readJSON(w, r, &q)
}

// obey carries an order out.
func (s *Server) obey(w http.ResponseWriter, o core.Order) error {
	if err := s.keeper.order(o); err != nil {
		return err
	}
	s.mark(w, s.store.Stats().Last)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
