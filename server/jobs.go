package server

import (
	"maps"
	"net/http"
	"slices"

	"emurun/server/api"
	"emurun/server/store"
)

// getJobs lists where jobs stand.
func (s *Server) getJobs(w http.ResponseWriter, r *request) error {
	list, err := s.store.Heads(r.query("from"), api.MaxPage+1)
	if err != nil {
		return err
	}
	a := api.Jobs{Jobs: []api.Job{}}
	if len(list) > api.MaxPage {
		a.Next, list = list[api.MaxPage].Job, list[:api.MaxPage]
	}
	for i := range list {
		if r.namespace == "" || r.namespace == list[i].Namespace {
			a.Jobs = append(a.Jobs, s.standing(&list[i]))
		}
	}
	return writeJSON(w, http.StatusOK, a)
}

// standing is what a client is told of a job.
func (s *Server) standing(h *store.Head) api.Job {
	a := api.Job{Job: h.Job, Namespace: h.Namespace, Epoch: h.Epoch, Seq: h.Seq, Head: h.ID, Bytes: h.Bytes}
	if j, ok := s.keeper.job(h.Job); ok {
		a.State, a.Worker, a.Step, a.Output, a.Status, a.Reason = j.State, j.Worker, j.Head.Step, j.Head.Output, j.Status, j.Reason
	}
	return a
}

// getJob says where a job stands.
func (s *Server) getJob(w http.ResponseWriter, r *request) error {
	job := jobOf(r)
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	h, err := s.store.Head(job)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.standing(&h))
}

// getNamespaces lists namespaces with use and quota.
func (s *Server) getNamespaces(w http.ResponseWriter, r *request) error {
	all := s.store.Namespaces()
	a := api.Namespaces{Namespaces: []api.Namespace{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if r.namespace == "" || r.namespace == name {
			a.Namespaces = append(a.Namespaces, api.Namespace{Name: name, Bytes: all[name].Bytes, Quota: all[name].Quota})
		}
	}
	return writeJSON(w, http.StatusOK, a)
}

// putQuota sets the quota of a namespace.
func (s *Server) putQuota(w http.ResponseWriter, r *request) error {
	var q api.SetQuota
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if err := s.store.SetQuota(r.PathValue("namespace"), max(q.Quota, 0)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
