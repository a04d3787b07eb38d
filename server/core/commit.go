package core

import "slices"

// commit validates a checkpoint. It is accepted once: the same again is accepted without
// effect.
func (s *Server) commit(c Commit) Committed {
	r := Committed{Job: c.Job, Epoch: c.Epoch, Seq: c.Parent + 1, Digest: c.Digest}
	j := s.jobs[c.Job]
	switch {
	case j == nil:
		r.Code = Gone
	case j.Head.Epoch == c.Epoch && j.Head.Seq == c.Parent+1 && j.Head.Digest == c.Digest:
	case j.Epoch != c.Epoch && planted != bugNoFence || j.State == Cancelled || j.State.Ended():
		r.Code = Fenced
	case j.State == Held:
		r.Code = Fenced // what it was to become has been decided
	case j.Head.Seq != c.Parent && planted != bugNoParent:
		r.Code = ParentMismatch
	default:
		s.advance(j, c)
	}
	return r
}

// Preview returns what Step would answer to a commit, and the records that it would change, so
// that these can become durable together with what the store notes of the checkpoint.
// Step has to follow when they are.
func (s *Server) Preview(c Commit) (Committed, Batch) {
	var old Job
	j := s.jobs[c.Job]
	if j != nil {
		old = *j
	}
	r := s.commit(c)
	b, _ := s.take()
	if j != nil {
		*j = old
	}
	return r, b
}

// advance makes c the head.
func (s *Server) advance(j *Job, c Commit) {
	j.Head = Head{Seq: c.Parent + 1, Epoch: c.Epoch, Digest: c.Digest, Step: c.Step, Output: c.Output}
	j.Crashed = nil
	if c.Final {
		j.State, j.Status, j.Worker, j.Incarnation, j.Then, j.Want, j.Rewind = Completed, c.Status, "", 0, "", "", false
	}
	if planted == bugNotDurable {
		return
	}
	s.changed(j)
}

// release takes a job back from its worker.
func (s *Server) release(worker string, r Release) {
	j := s.jobs[r.Job]
	if j == nil || j.Worker != worker || j.Epoch != r.Epoch && planted != bugOldRelease || !j.State.Leased() {
		return
	}
	switch {
	case r.Failed:
		j.State, j.Worker, j.Incarnation, j.Then, j.Rewind, j.Reason = Failed, "", 0, "", false, r.Reason
		s.changed(j)
	case r.Crashed:
		s.crashed(j, worker, r.Reason)
	default:
		s.lose(j)
	}
}

// crashed counts a crash of the emulator.
func (s *Server) crashed(j *Job, worker, reason string) {
	if !slices.Contains(j.Crashed, worker) {
		j.Crashed = append(j.Crashed, worker)
	}
	s.lose(j)
	if len(j.Crashed) >= maxCrashes {
		j.State, j.Reason = Held, reason
	}
	s.changed(j)
}
