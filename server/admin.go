package server

import (
	"net/http"

	"emurun/server/api"
	"emurun/server/store"
)

// getHealth says that the process is alive.
func (s *Server) getHealth(w http.ResponseWriter, _ *request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// getReady says whether the server takes work.
func (s *Server) getReady(w http.ResponseWriter, _ *request) error {
	if s.draining.Load() {
		return errDraining
	}
	if err := s.store.Writable(); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// getTokens lists the tokens, without what is secret of them.
func (s *Server) getTokens(w http.ResponseWriter, _ *request) error {
	list, err := s.store.Tokens()
	if err != nil {
		return err
	}
	a := api.Tokens{Tokens: []api.Token{}}
	for _, t := range list {
		a.Tokens = append(a.Tokens, tokenInfo(t))
	}
	return writeJSON(w, http.StatusOK, a)
}

func tokenInfo(t store.Token) api.Token {
	return api.Token{ID: t.ID, Role: string(t.Role), Namespace: t.Namespace, Note: t.Note, Created: t.Created, Expires: t.Expires}
}

// postToken makes a token.
func (s *Server) postToken(w http.ResponseWriter, r *request) error {
	var q api.NewToken
	if err := s.readJSON(w, r, &q); err != nil {
		return err
	}
	role, err := store.ParseRole(q.Role)
	if err != nil {
		return err
	}
	text, t, err := s.store.AddToken(store.Token{Role: role, Namespace: q.Namespace, Note: q.Note, Expires: q.Expires})
	if err != nil {
		return err
	}
	a := tokenInfo(t)
	a.Token = text
	return writeJSON(w, http.StatusCreated, a)
}

// deleteToken makes a token open nothing.
func (s *Server) deleteToken(w http.ResponseWriter, r *request) error {
	if err := s.store.RemoveToken(r.PathValue("token")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postGC collects.
func (s *Server) postGC(w http.ResponseWriter, r *request) error {
	st, err := s.store.GC()
	s.metrics.gc(st, err)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, api.GC(st))
}

// postVerify reads and compares everything, with ?deep=1 every byte.
func (s *Server) postVerify(w http.ResponseWriter, r *request) error {
	rep, err := s.store.Verify(r.query("deep") == "1")
	if err != nil {
		return err
	}
	a := api.Verify{Checkpoints: rep.Checkpoints, Good: len(rep.Good), Packs: rep.Packs, Bytes: rep.Bytes}
	for _, d := range rep.Damage {
		a.Damage = append(a.Damage, d.Error())
	}
	return writeJSON(w, http.StatusOK, a)
}

// getBackup sends a backup.
func (s *Server) getBackup(w http.ResponseWriter, _ *request) error {
	w.Header().Set("Content-Type", "application/x-tar")
	w.Header().Set("Cache-Control", "no-store")
	return s.store.Backup(w)
}
