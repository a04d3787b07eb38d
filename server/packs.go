package server

import (
	"fmt"
	"net/http"
	"time"

	"emurun/server/api"
	"emurun/server/store"
	"emurun/snapshot"
)

// hashOf reads a hash in the path.
func hashOf(r *request, name string) (snapshot.Hash, error) {
	h, err := snapshot.ParseHash(r.PathValue(name))
	if err != nil {
		return h, fmt.Errorf("%w: %v", store.ErrBadRequest, err)
	}
	return h, nil
}

// mayPut tests that packs may be put: by who may commit them.
func mayPut(p *principal) error {
	if p.job != nil {
		return nil
	}
	return p.may(operator)
}

// postMissing says which packs have to be put.
func (s *Server) postMissing(w http.ResponseWriter, r *request) error {
	if err := mayPut(&r.principal); err != nil {
		return err
	}
	var q api.Missing
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if len(q.Packs) > api.MaxNames {
		return fmt.Errorf("%d packs in a question, at most %d are allowed: %w", len(q.Packs), api.MaxNames, store.ErrLimit)
	}
	missing, err := s.store.Missing(r.owner, q.Packs)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, api.Missing{Packs: missing})
}

// putPack takes a pack.
func (s *Server) putPack(w http.ResponseWriter, r *request) error {
	if err := mayPut(&r.principal); err != nil {
		return err
	}
	name, err := hashOf(r, "pack")
	if err != nil {
		return err
	}
	switch size := r.ContentLength; {
	case size < 0:
		return errLength
	case size > api.MaxPack:
		return fmt.Errorf("pack of %d bytes, at most %d are allowed: %w", size, api.MaxPack, errTooLarge)
	}
	release, err := s.flight.take(r.Context(), r.ContentLength, s.limits.QueueDelay)
	if err != nil {
		return err
	}
	defer release()
	start := time.Now()
	p := store.PackSize{Name: name, Size: r.ContentLength}
	if err := s.store.Upload(r.owner, r.namespace, p, r.Body); err != nil {
		return fromClient(err)
	}
	s.metrics.put(p.Size, time.Since(start))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getPack gives a pack back to who put it, and any to an administrator.
func (s *Server) getPack(w http.ResponseWriter, r *request) error {
	name, err := hashOf(r, "pack")
	if err != nil {
		return err
	}
	if !s.store.Uploaded(r.owner, name) && r.role != store.RoleAdmin {
		return fmt.Errorf("pack %v: %w", name, store.ErrNotFound)
	}
	return s.sendPack(w, r, name)
}

// getJobPack gives a pack of a job's checkpoints.
func (s *Server) getJobPack(w http.ResponseWriter, r *request) error {
	name, err := hashOf(r, "pack")
	if err != nil {
		return err
	}
	job := jobOf(r)
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	ok, err := s.store.InCheckpoint(job, name)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("pack %v of job %q: %w", name, job, store.ErrNotFound)
	}
	return s.sendPack(w, r, name)
}

// sendPack answers with a pack, or the range of it that is asked for.
func (s *Server) sendPack(w http.ResponseWriter, r *request, name snapshot.Hash) error {
	p, err := s.store.Packs().Open(name)
	if err != nil {
		return err
	}
	defer p.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", `"`+name.String()+`"`)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	http.ServeContent(w, r.Request, "", time.Time{}, p)
	s.metrics.sent(w.(*recorder).written)
	return nil
}

// jobOf returns the job in the path.
func jobOf(r *request) string {
	if job := r.PathValue("job"); job != api.NoJob {
		return job
	}
	return ""
}
