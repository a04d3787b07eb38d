package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"emurun/server/api"
	"emurun/server/store"
)

// errorCodes says which error is which code; the first that fits counts.
var errorCodes = []struct {
	err  error
	code api.Code
}{
	{store.ErrRegressed, api.StoreRegressed},
	{store.ErrDiskFull, api.DiskFull},
	{store.ErrQuota, api.Quota},
	{store.ErrToken, api.Unauthorized},
	{store.ErrForbidden, api.Forbidden},
	{store.ErrFenced, api.Fenced},
	{store.ErrParent, api.ParentMismatch},
	{store.ErrSeq, api.SeqConflict},
	{store.ErrInUse, api.InUse},
	{errState, api.WrongState},
	{store.ErrConflict, api.Conflict},
	{store.ErrLimit, api.TooLarge},
	{store.ErrBadRequest, api.BadRequest},
	{store.ErrNotFound, api.NotFound},
	{store.ErrVersion, api.UnknownVersion},
	{errTooLarge, api.TooLarge},
	{errLength, api.LengthRequired},
	{errOverloaded, api.Overloaded},
	{errDraining, api.Draining},
	{os.ErrDeadlineExceeded, api.Timeout},
}

var (
	errTooLarge   = errors.New("too large")
	errLength     = errors.New("say how long it is: Content-Length")
	errOverloaded = errors.New("too much at a time, try later")
	errDraining   = errors.New("the server is about to stop")
	errState      = errors.New("not in this state")
	errDigest     = errors.New("the bytes are not what their name says")
)

// problem turns an error into what the client is told. Damage that is ours is not told
// as if it were the client's.
func problem(err error) *api.Error {
	var missing *store.MissingError
	if errors.As(err, &missing) {
		e := api.NewError(api.MissingPacks, err.Error())
		e.Packs = missing.Packs[:min(len(missing.Packs), api.MaxNames)]
		return e
	}
	var max *http.MaxBytesError
	switch {
	case errors.As(err, &max):
		return api.NewError(api.TooLarge, err.Error())
	case errors.Is(err, errDigest):
		return api.NewError(api.DigestMismatch, err.Error())
	}
	for _, c := range errorCodes {
		if errors.Is(err, c.err) {
			return api.NewError(c.code, err.Error())
		}
	}
	return api.NewError(api.Internal, "see the server's log")
}

// fromClient says that damage in err came with the request.
func fromClient(err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		return errors.Join(errDigest, err)
	}
	return err
}

// writeError answers with an error.
func writeError(w http.ResponseWriter, e *api.Error) {
	h := w.Header()
	h.Set("Content-Type", api.ProblemType)
	h.Set("Cache-Control", "no-store")
	for _, k := range []string{"Content-Length", "Content-Range", "ETag", "Last-Modified"} {
		h.Del(k)
	}
	switch e.Code {
	case api.Overloaded, api.Draining:
		h.Set("Retry-After", "1")
	case api.Unauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="emusrv"`)
	}
	w.WriteHeader(e.Status)
	json.NewEncoder(w).Encode(e)
}
