package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"emurun/server/api"
)

// Config is how a server is reached.
type Config struct {
	URL   string           // https://HOST:PORT, unix:PATH, or http://… on this host
	Token string           // bearer or job token; none on a Unix socket
	CA    []byte           // the server's authority, PEM; nil for those of the host
	Cert  *tls.Certificate // a worker's
	Retry time.Duration    // how long a call is tried; 0 for a minute
	Log   *slog.Logger
}

// Client is a server as seen from elsewhere. Many goroutines may use it.
type Client struct {
	http  *http.Client
	base  string
	token string
	retry time.Duration
	log   *slog.Logger

	mu   sync.Mutex
	mark string // the newest batch that the server told of
	lsn  uint64
}

// New returns a client. It does not connect yet.
func New(c Config) (*Client, error) {
	base, dial, err := address(c.URL)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS13}
	if c.CA != nil {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(c.CA) {
			return nil, errors.New("no certificate in the file of the authority")
		}
	}
	if c.Cert != nil {
		conf.Certificates = []tls.Certificate{*c.Cert}
	}
	if c.Retry == 0 {
		c.Retry = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	// HTTP/1.1: several connections carry packs faster than the streams of one.
	t := &http.Transport{TLSClientConfig: conf, DialContext: dial, MaxIdleConnsPerHost: parallel + together, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 10 * time.Minute, ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10}
	return &Client{http: &http.Client{Transport: t, CheckRedirect: noRedirect}, base: base, token: c.Token, retry: c.Retry, log: c.Log}, nil
}

// noRedirect: the server never redirects, and a token goes nowhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// address takes the URL of a server apart.
func address(text string) (string, dialer, error) {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		return "http://emusrv", func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) }, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", nil, fmt.Errorf("server %q: want https://HOST:PORT or unix:PATH", text)
	}
	if u.Scheme == "http" {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return "", nil, fmt.Errorf("server %q: without TLS only on this host", text)
		}
	}
	return strings.TrimSuffix(u.Scheme+"://"+u.Host+u.Path, "/"), d.DialContext, nil
}

// Close ends idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// call is one call: what is sent, and what is done with the answer. take is called again
// when the answer was cut off.
type call struct {
	method, path string
	body         []byte
	kind         string // of the body
	header       http.Header
	patience     time.Duration // for an attempt; 0 for no limit
	take         func(*http.Response) error
}

// do says it until it is answered.
func (c *Client) do(ctx context.Context, q call) error {
	b := newBackoff(c.retry)
	for {
		err := c.attempt(ctx, q)
		if err == nil || ctx.Err() != nil {
			return err
		}
		wait, again := b.next(err)
		if !again {
			return fmt.Errorf("%s %s: %w", q.method, q.path, err)
		}
		c.log.Debug("trying again", "method", q.method, "path", q.path, "err", err, "after", wait)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// attempt says it once.
func (c *Client) attempt(ctx context.Context, q call) error {
	if q.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.patience)
		defer cancel()
	}
	r, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, bytes.NewReader(q.body))
	if err != nil {
		return err
	}
	for k, v := range q.header { // order: a map of headers has none
		r.Header[k] = v
	}
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if mark := c.Mark(); mark != "" {
		r.Header.Set(api.MarkHeader, mark)
	}
	a, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return problem(a)
	}
	if q.take != nil {
		if err := q.take(a); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, io.LimitReader(a.Body, 64<<10)) // so that the connection is used again
	c.heard(a.Header.Get(api.MarkHeader))
	return err
}

// waitError is an error of the server that says how long to wait.
type waitError struct {
	told *api.Error
	wait time.Duration
}

// Error returns the error in words.
func (e *waitError) Error() string { return e.told.Error() }

// Unwrap returns the error itself.
func (e *waitError) Unwrap() error { return e.told }

// problem reads an answer that is no success.
func problem(a *http.Response) error {
	p, err := io.ReadAll(io.LimitReader(a.Body, 4<<20))
	e := new(api.Error)
	if err != nil || json.Unmarshal(p, e) != nil || e.Code == "" {
		e = &api.Error{Title: "the answer is not emusrv's", Status: a.StatusCode, Detail: a.Status, Code: api.Internal}
	}
	e.Status = a.StatusCode
	wait, _ := time.ParseDuration(a.Header.Get("Retry-After") + "s")
	return &waitError{e, min(max(wait, 0), time.Minute)}
}

// Mark returns the mark of the newest batch that the server told of.
func (c *Client) Mark() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mark
}

// heard remembers a mark that is newer. One of another generation is.
func (c *Client) heard(mark string) {
	i := strings.LastIndexByte(mark, '/')
	var lsn uint64
	if _, err := fmt.Sscan(mark[i+1:], &lsn); i < 0 || err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if lsn > c.lsn || c.mark == "" || mark[:i] != c.mark[:strings.LastIndexByte(c.mark, '/')] {
		c.mark, c.lsn = mark, lsn
	}
}

// JSON asks with in, which may be nil, and reads the answer into out, which may be nil.
func (c *Client) JSON(ctx context.Context, method, path string, in, out any) error {
	q := call{method: method, path: path}
	if in != nil {
		p, err := json.Marshal(in)
		if err != nil {
			return err
		}
		q.body, q.kind = p, "application/json"
	}
	if out != nil {
		q.take = func(a *http.Response) error { return json.NewDecoder(a.Body).Decode(out) }
	}
	return c.do(ctx, q)
}

// Stream asks and copies the answer to w. It is asked once: what was written cannot be
// taken back.
func (c *Client) Stream(ctx context.Context, method, path string, w io.Writer) error {
	return c.attempt(ctx, call{method: method, path: path, take: func(a *http.Response) error {
		_, err := io.Copy(w, a.Body)
		return err
	}})
}
