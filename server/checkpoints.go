package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"emurun/server/api"
	"emurun/server/core"
	"emurun/server/store"
	"emurun/snapshot"
)

// postCheckpoint commits a checkpoint.
func (s *Server) postCheckpoint(w http.ResponseWriter, r *request) error {
	job := jobOf(r)
	if err := s.mayCommit(&r.principal, job); err != nil {
		return err
	}
	var q api.Commit
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	if err := s.fetchManifest(r, &q); err != nil {
		return err
	}
	m, err := snapshot.DecodeManifest(q.Manifest)
	if err != nil {
		return fromClient(err)
	}
	if id, err := m.ID(); err != nil || id != q.Digest {
		return fmt.Errorf("the manifest is of %v: %w", id, errDigest)
	}
	if m.Job != job {
		return fmt.Errorf("the manifest is of job %q: %w", m.Job, store.ErrBadRequest)
	}
	for _, p := range q.Inline {
		if len(p) > api.MaxInline {
			return fmt.Errorf("pack of %d bytes in a commit, at most %d are allowed: %w", len(p), api.MaxInline, errTooLarge)
		}
	}
	ack, err := s.commit(m, &q, &store.Commit{Manifest: q.Manifest, Base: q.Base, Add: q.Add, Inline: q.Inline,
		Owner: r.owner, Namespace: r.namespace})
	s.metrics.commit(err)
	if err != nil {
		return err
	}
	s.mark(w, ack.LSN)
	return writeJSON(w, http.StatusOK, api.Committed{ID: ack.ID, Again: ack.Again})
}

// commit commits a checkpoint; of a job that was submitted with the job machine.
func (s *Server) commit(m *snapshot.Manifest, q *api.Commit, c *store.Commit) (store.Ack, error) {
	if _, ok := s.keeper.job(m.Job); !ok {
		return s.store.Commit(c)
	}
	if q.Run == nil {
		return store.Ack{}, fmt.Errorf("job %q is run by workers: %w", m.Job, store.ErrFenced)
	}
	if m.Seq == 0 {
		return store.Ack{}, fmt.Errorf("checkpoints are numbered from 1: %w", store.ErrBadRequest)
	}
	return s.keeper.commit(core.Commit{Job: m.Job, Epoch: m.Epoch, Parent: m.Seq - 1, Digest: q.Digest.String(), Step: m.Step,
		Output: q.Run.Output, Final: q.Run.Final, Status: q.Run.Status}, c)
}

// mayCommit tests that p may commit a checkpoint of a job, which need not exist.
func (s *Server) mayCommit(p *principal, job string) error {
	err := s.mayJob(p, job, store.RoleOperator)
	if errors.Is(err, store.ErrNotFound) {
		_, head := s.store.Head(job)
		if errors.Is(head, store.ErrNotFound) {
			return nil
		}
		return fmt.Errorf("job %q is in another namespace: %w", job, store.ErrForbidden)
	}
	return err
}

// fetchManifest reads the manifest that was put as a pack, if it did not come along.
func (s *Server) fetchManifest(r *request, q *api.Commit) error {
	if q.At.IsZero() {
		return nil
	}
	if !s.store.Uploaded(r.owner, q.At) {
		return &store.MissingError{Packs: []snapshot.Hash{q.At}}
	}
	p, err := s.store.Packs().Open(q.At)
	if errors.Is(err, store.ErrNotFound) {
		return &store.MissingError{Packs: []snapshot.Hash{q.At}}
	}
	if err != nil {
		return err
	}
	defer p.Close()
	release, err := s.flight.take(r.Context(), p.Size(), s.limits.QueueDelay)
	if err != nil {
		return err
	}
	defer release()
	q.Manifest, err = io.ReadAll(p)
	return err
}

// getCheckpoints lists all checkpoints that the principal may see.
func (s *Server) getCheckpoints(w http.ResponseWriter, r *request) error {
	var after snapshot.Hash
	if err := after.UnmarshalText([]byte(r.query("after"))); err != nil {
		return fmt.Errorf("after: %w: %v", store.ErrBadRequest, err)
	}
	list, err := s.store.Checkpoints(after, api.MaxPage)
	if err != nil {
		return err
	}
	a := api.Checkpoints{Checkpoints: []api.Checkpoint{}}
	seen := map[string]bool{}
	for i := range list {
		c := &list[i]
		ok, known := seen[c.Job]
		if !known {
			ok = s.mayJob(&r.principal, c.Job, store.RoleReader) == nil
			seen[c.Job] = ok
		}
		if ok {
			a.Checkpoints = append(a.Checkpoints, described(c))
		}
	}
	if len(list) == api.MaxPage {
		a.Next = list[len(list)-1].ID
	}
	return writeJSON(w, http.StatusOK, a)
}

// described is what a client is told of a checkpoint.
func described(c *store.CheckpointRecord) api.Checkpoint {
	return api.Checkpoint{ID: c.ID, Job: c.Job, Epoch: c.Epoch, Seq: c.Seq, Parent: c.Parent, Step: c.Step, Created: c.Created,
		Label: c.Label, Bytes: c.Bytes, At: c.At}
}

// getJobCheckpoints lists the checkpoints of a job, newest first.
func (s *Server) getJobCheckpoints(w http.ResponseWriter, r *request) error {
	job := jobOf(r)
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	list, err := s.store.JobCheckpoints(job)
	if err != nil {
		return err
	}
	a := api.Checkpoints{Checkpoints: []api.Checkpoint{}}
	for i := range list[:min(len(list), api.MaxPage)] {
		a.Checkpoints = append(a.Checkpoints, described(&list[i]))
	}
	return writeJSON(w, http.StatusOK, a)
}

// getJobCheckpoint describes a checkpoint of a job, by its number or as its head.
func (s *Server) getJobCheckpoint(w http.ResponseWriter, r *request) error {
	job, which := jobOf(r), r.PathValue("which")
	if err := s.mayJob(&r.principal, job, store.RoleReader); err != nil {
		return err
	}
	h, err := s.store.Head(job)
	if err != nil {
		return err
	}
	if which == "head" {
		c, err := s.store.Checkpoint(h.ID)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, described(&c))
	}
	seq, err := strconv.ParseUint(which, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no number of a checkpoint: %w", which, store.ErrBadRequest)
	}
	list, err := s.store.JobCheckpoints(job)
	for i := range list {
		if list[i].Seq == seq {
			return writeJSON(w, http.StatusOK, described(&list[i]))
		}
	}
	return errors.Join(err, fmt.Errorf("job %q, checkpoint %d: %w", job, seq, store.ErrNotFound))
}

// checkpointOf returns the checkpoint in the path, if the principal may have it.
func (s *Server) checkpointOf(r *request, role store.Role) (store.CheckpointRecord, error) {
	id, err := hashOf(r, "id")
	if err != nil {
		return store.CheckpointRecord{}, err
	}
	c, err := s.store.Checkpoint(id)
	if err != nil {
		return c, err
	}
	if err := s.mayJob(&r.principal, c.Job, role); err != nil {
		return c, fmt.Errorf("checkpoint %v: %w", id, err)
	}
	return c, nil
}

// getCheckpoint describes a checkpoint.
func (s *Server) getCheckpoint(w http.ResponseWriter, r *request) error {
	c, err := s.checkpointOf(r, store.RoleReader)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, described(&c))
}

// getManifest gives the encoded manifest of a checkpoint.
func (s *Server) getManifest(w http.ResponseWriter, r *request) error {
	c, err := s.checkpointOf(r, store.RoleReader)
	if err != nil {
		return err
	}
	return s.sendPack(w, r, c.Manifest)
}

// getTable lists the packs of a checkpoint.
func (s *Server) getTable(w http.ResponseWriter, r *request) error {
	c, err := s.checkpointOf(r, store.RoleReader)
	if err != nil {
		return err
	}
	t, err := s.store.Table(c.ID)
	if err != nil {
		return err
	}
	a := api.Table{Job: c.Job, Packs: []api.Pack{}}
	for _, p := range t {
		a.Packs = append(a.Packs, api.Pack{Name: p.Name, Size: p.Size})
	}
	return writeJSON(w, http.StatusOK, a)
}

// deleteCheckpoint removes a checkpoint.
func (s *Server) deleteCheckpoint(w http.ResponseWriter, r *request) error {
	c, err := s.checkpointOf(r, store.RoleOperator)
	if err != nil {
		return err
	}
	if err := s.store.Delete(c.ID); err != nil {
		return err
	}
	s.mark(w, s.store.Stats().Last)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
