package server

import (
	"fmt"
	"net/http"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
)

// getWorkers lists the workers.
func (s *Server) getWorkers(w http.ResponseWriter, _ *request) error {
	a := api.Workers{Workers: []api.Worker{}}
	for _, x := range s.keeper.workers() {
		a.Workers = append(a.Workers, api.Worker{Name: x.Name, Slots: x.Slots, Lost: x.Lost(), Drain: x.Drain})
	}
	return writeJSON(w, http.StatusOK, a)
}

// maxWorker bounds the bytes of a worker's name.
const maxWorker = 64

// mayBe tests that who asks is the worker of this name: its certificate says so, where it
// has one.
func mayBe(r *request, name string) error {
	if name == "" || len(name) > maxWorker {
		return fmt.Errorf("worker %q: a name has 1 to %d bytes: %w", name, maxWorker, store.ErrBadRequest)
	}
	if r.namespace != "" {
		return fmt.Errorf("a worker needs a token that is good for all namespaces: %w", store.ErrForbidden)
	}
	if cert := worker(r.Request); cert != "" && cert != name {
		return fmt.Errorf("the certificate is of worker %q: %w", cert, store.ErrForbidden)
	}
	return nil
}

// postWorker registers a worker's process.
func (s *Server) postWorker(w http.ResponseWriter, r *request) error {
	var q api.Register
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if err := mayBe(r, q.Name); err != nil {
		return err
	}
	a, err := ask[core.Registered](s.keeper, q.Name, core.Register{Nonce: q.Nonce})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a)
}

// postHeartbeat renews a worker's leases and tells it what to do.
func (s *Server) postHeartbeat(w http.ResponseWriter, r *request) error {
	name := r.PathValue("worker")
	if err := mayBe(r, name); err != nil {
		return err
	}
	var q core.Heartbeat
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	d, err := ask[core.Directives](s.keeper, name, q)
	if err != nil {
		return err
	}
	a := api.Directives{Directives: d, Tokens: map[string]string{}}
	for _, x := range d.List {
		if x.Do != core.DoRun {
			continue
		}
		if a.Tokens[x.Job], err = s.IssueJobToken(JobToken{Job: x.Job, Epoch: x.Epoch, Worker: worker(r.Request)}); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, a)
}

// postRelease takes a job back from its worker.
func (s *Server) postRelease(w http.ResponseWriter, r *request) error {
	var q api.Release
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if err := s.mayJob(&r.principal, jobOf(r), store.RoleOperator); err != nil {
		return err
	}
	q.Job = jobOf(r)
	if _, err := s.keeper.step(core.Message{From: q.Worker, Body: q.Release}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
