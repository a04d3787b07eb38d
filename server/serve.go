package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Serving is where and how a server listens.
type Serving struct {
	Listen   []string    // each host:port, or unix:PATH
	TLS      *tls.Config // nil on a Unix socket, and with Insecure
	Insecure bool        // without TLS, which only a loopback address may
	GCEvery  time.Duration
	Drain    time.Duration // how long requests under way may take at the end
	Ready    func([]net.Addr)
}

// Serve answers until ctx ends, and then lets requests under way end. It also ends when
// the outcome of a commit is unknown, with an error.
func (s *Server) Serve(ctx context.Context, c Serving) error {
	listeners, err := listenAll(c)
	if err != nil {
		return err
	}
	srv := s.httpServer(c)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		s.collect(ctx, c.GCEvery)
	}()
	go s.keeper.run(ctx, func(err error) { s.log.Error("jobs", "err", err) })
	var at []net.Addr
	ended := make(chan error, len(listeners))
	for i, l := range listeners {
		at = append(at, l.Addr())
		name := l.Addr().String()
		if l.Addr().Network() == "unix" {
			name = c.Listen[i] // it was moved there
		}
		l = limitConns(l, s.limits.Conns)
		if c.TLS != nil && l.Addr().Network() != "unix" {
			l = tls.NewListener(l, c.TLS) // above the limit: net/http looks for its connections
		}
		s.log.Info("serving", "address", name, "tls", c.TLS != nil)
		go func() { ended <- srv.Serve(l) }()
	}
	if c.Ready != nil {
		c.Ready(at)
	}
	select {
	case err = <-ended:
	case <-s.store.Broken():
		err = s.store.Failure()
		srv.Close()
	case <-ctx.Done():
		err = s.shutDown(srv, c.Drain)
	}
	cancel()
	<-collected
	return err
}

// shutDown refuses what is new and waits for what is under way.
func (s *Server) shutDown(srv *http.Server, patience time.Duration) error {
	s.log.Info("shutting down")
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off")
		return srv.Close()
	}
	return err
}

// collect runs a cycle of GC now and then.
func (s *Server) collect(ctx context.Context, every time.Duration) {
	if every <= 0 {
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		st, err := s.store.GC()
		s.metrics.gc(st, err)
		if err != nil {
			s.log.Error("gc", "err", err)
			continue
		}
		s.log.Info("gc", "live", st.Live, "condemned", st.Condemned, "deleted", st.Deleted, "freed", st.Freed, "trimmed", st.Trimmed)
	}
}

func (s *Server) httpServer(c Serving) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(c.TLS != nil)
	return &http.Server{
		Handler:           s.Handler(),
		TLSConfig:         c.TLS,
		ReadHeaderTimeout: s.limits.Header,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    16 << 10,
		Protocols:         protocols,
		ErrorLog:          log.New(logWriter{s}, "", 0),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 64, MaxReceiveBufferPerConnection: 4 << 20, MaxReceiveBufferPerStream: 1 << 20},
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			if conn.LocalAddr().Network() == "unix" {
				return context.WithValue(ctx, socketKey{}, true)
			}
			return ctx
		},
	}
}

// logWriter hands what net/http has to say to slog.
type logWriter struct{ s *Server }

func (w logWriter) Write(p []byte) (int, error) {
	w.s.log.Debug(strings.TrimSpace(string(p)), "from", "net/http")
	return len(p), nil
}

// listenAll opens the listeners.
func listenAll(c Serving) ([]net.Listener, error) {
	var all []net.Listener
	for _, at := range c.Listen {
		l, err := listen(c, at)
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, err
		}
		all = append(all, l)
	}
	if all == nil {
		return nil, errors.New("no address to listen at")
	}
	return all, nil
}

// listen opens one listener.
func listen(c Serving, at string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(at, "unix:"); ok {
		return listenUnix(path)
	}
	if c.TLS == nil {
		if !c.Insecure {
			return nil, errors.New("without TLS only with --insecure")
		}
		if err := loopback(at); err != nil {
			return nil, err
		}
	}
	return net.Listen("tcp", at)
}

// loopback tests that an address can only be reached from this host.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--insecure is for loopback addresses, such as 127.0.0.1, not for %q", host)
	}
	return nil
}

// listenUnix opens a socket that only its owner can open: who can is administrator.
func listenUnix(path string) (net.Listener, error) {
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return nil, fmt.Errorf("another server listens at %s", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".emusrv-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s")) // not to be opened by others before its mode is set
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	err = os.Chmod(filepath.Join(dir, "s"), 0o600)
	if err == nil {
		err = os.Rename(filepath.Join(dir, "s"), path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
