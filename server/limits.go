package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"emurun/server/api"
)

// flight bounds the bytes of request bodies that are being received at a time.
type flight struct {
	limit int64
	sem   *semaphore.Weighted
}

func (f *flight) init(limit int64) { f.limit, f.sem = limit, semaphore.NewWeighted(limit) }

// take waits a while for n bytes, and returns how to give them back.
func (f *flight) take(ctx context.Context, n int64, patience time.Duration) (func(), error) {
	n = min(n, f.limit)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := f.sem.Acquire(ctx, n); err != nil {
		return nil, errOverloaded
	}
	return func() { f.sem.Release(n) }, nil
}

// recorder is a response that knows what was answered, and whose writes have a deadline.
type recorder struct {
	http.ResponseWriter
	control *http.ResponseController
	limits  *Limits
	id      string
	start   time.Time
	route   string
	code    api.Code
	status  int
	written int64
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter. A client that takes the answer too slowly loses
// its connection.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.control.SetWriteDeadline(time.Now().Add(r.limits.Grace + rated(int64(len(p)), r.limits.MinRate)))
	n, err := r.ResponseWriter.Write(p)
	r.written += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// rated returns how long n bytes may take.
func rated(n, rate int64) time.Duration {
	return time.Duration(float64(n) / float64(rate) * float64(time.Second))
}

// pacedBody is a request body that has to arrive at a least rate.
type pacedBody struct {
	io.ReadCloser
	rec  *recorder
	read int64
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	l := b.rec.limits
	b.rec.control.SetReadDeadline(b.rec.start.Add(l.Grace + l.QueueDelay + rated(b.read, l.MinRate)))
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

// limitListener accepts so many connections at a time; others wait in the backlog.
type limitListener struct {
	net.Listener
	slots chan struct{}
}

func limitConns(l net.Listener, n int) net.Listener {
	return &limitListener{l, make(chan struct{}, n)}
}

// Accept implements net.Listener.
func (l *limitListener) Accept() (net.Conn, error) {
	l.slots <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

type limitedConn struct {
	net.Conn
	free func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.free()
	return c.Conn.Close()
}
