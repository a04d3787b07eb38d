package client

import (
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"time"

	"emurun/server/api"
)

// The limits of what is waited between two attempts.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = 5 * time.Second
)

// backoff decides whether and when something is tried again.
type backoff struct {
	until time.Time
	limit time.Duration
}

func newBackoff(patience time.Duration) *backoff {
	return &backoff{time.Now().Add(patience), firstWait}
}

// next returns how long to wait after err: a random time up to a limit that doubles
// ("full jitter"), or what the server asks for.
func (b *backoff) next(err error) (time.Duration, bool) {
	var told *waitError
	if errors.As(err, &told) && !told.told.Temporary() {
		return 0, false
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return 0, false
	}
	wait := time.Duration(rand.Int64N(int64(b.limit)))
	if told != nil {
		wait += told.wait
	}
	b.limit = min(2*b.limit, lastWait)
	return wait, time.Now().Add(wait).Before(b.until)
}

// Code returns the code of an error of the server, empty if it is none.
func Code(err error) api.Code {
	var e *api.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
