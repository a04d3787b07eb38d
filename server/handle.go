package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"emurun/server/api"
	"emurun/server/store"
)

// handle puts around a route what all have in common: who asks, what he was told before,
// errors, metrics.
func (s *Server) handle(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := &request{Request: r}
		err := s.admit(rt, req)
		if err == nil {
			err = rt.serve(w, req)
		}
		s.finish(w, r, rt, err)
	})
}

// admit finds out who asks, and whether he may.
func (s *Server) admit(rt route, r *request) error {
	if rt.need == anyone {
		return nil
	}
	if s.draining.Load() {
		return errDraining
	}
	var err error
	if r.principal, err = s.authenticate(r.Request); err != nil {
		return err
	}
	if err := r.may(rt.need); err != nil {
		return err
	}
	if text := r.Header.Get(api.MarkHeader); text != "" {
		m, err := store.ParseMark(text)
		if err != nil {
			return fmt.Errorf("%w: %v", store.ErrBadRequest, err)
		}
		s.store.Heard(m)
	}
	return nil
}

// finish answers with err, unless the answer has begun.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, rt route, err error) {
	rec := w.(*recorder)
	rec.route = rt.pattern
	if err == nil {
		return
	}
	e := problem(err)
	rec.code = e.Code
	if e.Code == api.Internal && r.Context().Err() == nil {
		s.log.Error("request failed", "route", rt.pattern, "err", err, "request", rec.id)
	}
	if rec.status == 0 {
		writeError(w, e)
		return
	}
	panic(http.ErrAbortHandler) // so that the client notices that the answer is cut off
}

// outer puts around all routes what even unknown ones get: a name for the request,
// deadlines, the log, and errors in our own form.
func (s *Server) outer(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, id: requestID(r), start: time.Now(), limits: &s.limits}
		rec.control = http.NewResponseController(w)
		w.Header().Set(api.RequestHeader, rec.id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r.Body = &pacedBody{ReadCloser: r.Body, rec: rec}
		defer s.done(rec, r)
		if _, pattern := mux.Handler(r); pattern == "" {
			s.unknown(rec, r, mux)
			return
		}
		mux.ServeHTTP(rec, r)
	})
}

// unknown answers a request that no route takes.
func (s *Server) unknown(w *recorder, r *http.Request, mux *http.ServeMux) {
	code := api.NotFound
	for _, m := range []string{"GET", "POST", "PUT", "DELETE"} {
		other := r.Clone(context.Background())
		other.Method = m
		if _, pattern := mux.Handler(other); pattern != "" {
			code = api.MethodNotAllowed
		}
	}
	w.code = code
	writeError(w, api.NewError(code, ""))
}

// done counts and logs a request, also one that panicked.
func (s *Server) done(rec *recorder, r *http.Request) {
	if v := recover(); v != nil {
		if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			s.log.Error("panic", "value", fmt.Sprint(v), "request", rec.id, "stack", string(debug.Stack()))
			rec.code = api.Internal
			if rec.status == 0 {
				writeError(rec, api.NewError(api.Internal, "see the server's log"))
				v = nil
			}
		}
		if v != nil {
			defer panic(http.ErrAbortHandler)
		}
	}
	s.metrics.request(rec)
	s.log.Debug("request", "request", rec.id, "method", r.Method, "path", r.URL.Path, "status", rec.status,
		"code", rec.code, "bytes", rec.written, "ms", time.Since(rec.start).Milliseconds(), "remote", r.RemoteAddr)
}

// requestID returns the client's name of the request if it is a decent one, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get(api.RequestHeader)
	ok := len(id) > 0 && len(id) <= 64
	for _, c := range id {
		ok = ok && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_')
	}
	if ok {
		return id
	}
	var p [8]byte
	rand.Read(p[:])
	return hex.EncodeToString(p[:])
}

// readJSON reads a JSON body, in which nothing may be that v does not know.
func (s *Server) readJSON(w http.ResponseWriter, r *request, v any) error {
	release, err := s.flight.take(r.Context(), api.MaxJSON, s.limits.QueueDelay)
	if err != nil {
		return err
	}
	defer release()
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, api.MaxJSON))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("JSON: something follows: %w", store.ErrBadRequest)
	}
	return nil
}

// badJSON says that a body is no JSON, unless it did not arrive.
func badJSON(err error) error {
	var max *http.MaxBytesError
	p := problem(err)
	if errors.As(err, &max) || p.Code == api.Timeout {
		return err
	}
	return fmt.Errorf("JSON: %w: %v", store.ErrBadRequest, err)
}

// writeJSON answers with v.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	p, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(p, '\n'))
	return err
}

// mark tells the client which batch it can rely on.
func (s *Server) mark(w http.ResponseWriter, lsn store.LSN) {
	w.Header().Set(api.MarkHeader, s.store.Mark(lsn).String())
}
