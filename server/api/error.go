package api

import (
	"fmt"
	"net/http"

	"emurun/snapshot"
)

// Code is a stable name of a kind of error.
type Code string

// The codes.
const (
	BadRequest       Code = "bad_request"
	Unauthorized     Code = "unauthorized"
	Forbidden        Code = "forbidden"
	NotFound         Code = "not_found"
	MethodNotAllowed Code = "method_not_allowed"
	Fenced           Code = "fenced"          // the epoch is not the newest
	ParentMismatch   Code = "parent_mismatch" // the parent is not the head
	SeqConflict      Code = "seq_conflict"    // there is another checkpoint with this number
	MissingPacks     Code = "missing_packs"   // put these first
	LeaseLost        Code = "lease_lost"
	DigestMismatch   Code = "digest_mismatch" // the bytes are not what their name says
	Conflict         Code = "conflict"        // changed meanwhile, say it again
	InUse            Code = "in_use"
	WrongState       Code = "wrong_state" // the job's state does not allow it
	TooLarge         Code = "too_large"
	LengthRequired   Code = "length_required"
	Timeout          Code = "timeout" // the request came too slowly
	Quota            Code = "quota"
	DiskFull         Code = "disk_full"
	Overloaded       Code = "overloaded" // try later
	Draining         Code = "draining"   // the server is about to stop
	StoreRegressed   Code = "store_regressed"
	Incompatible     Code = "engine_incompatible"
	UnknownVersion   Code = "unknown_version"
	Internal         Code = "internal"
)

// status is the HTTP status of each code, and title what it says to people.
var codes = map[Code]struct {
	status int
	title  string
}{
	BadRequest:       {http.StatusBadRequest, "The request makes no sense"},
	Unauthorized:     {http.StatusUnauthorized, "Who are you?"},
	Forbidden:        {http.StatusForbidden, "Not allowed"},
	NotFound:         {http.StatusNotFound, "Not found"},
	MethodNotAllowed: {http.StatusMethodNotAllowed, "Method not allowed"},
	Fenced:           {http.StatusConflict, "The lease is another's"},
	ParentMismatch:   {http.StatusConflict, "The parent is not the head"},
	SeqConflict:      {http.StatusConflict, "There is another checkpoint with this number"},
	MissingPacks:     {http.StatusConflict, "Packs are missing"},
	LeaseLost:        {http.StatusConflict, "The lease has expired"},
	DigestMismatch:   {http.StatusUnprocessableEntity, "The bytes are not what their name says"},
	Conflict:         {http.StatusConflict, "Changed meanwhile"},
	WrongState:       {http.StatusConflict, "The job's state does not allow it"},
	InUse:            {http.StatusConflict, "In use"},
	TooLarge:         {http.StatusRequestEntityTooLarge, "Too large"},
	LengthRequired:   {http.StatusLengthRequired, "The length must be given"},
	Timeout:          {http.StatusRequestTimeout, "Too slow"},
	Quota:            {http.StatusInsufficientStorage, "Over quota"},
	DiskFull:         {http.StatusInsufficientStorage, "The disk is full"},
	Overloaded:       {http.StatusServiceUnavailable, "Overloaded"},
	Draining:         {http.StatusServiceUnavailable, "About to stop"},
	StoreRegressed:   {http.StatusServiceUnavailable, "The store went backwards"},
	Incompatible:     {http.StatusConflict, "The engine is incompatible"},
	UnknownVersion:   {http.StatusConflict, "Unknown format version"},
	Internal:         {http.StatusInternalServerError, "An error of the server"},
}

// ProblemType is the media type of an Error.
const ProblemType = "application/problem+json"

// Error is the body of an answer that is no success (RFC 9457).
type Error struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail,omitempty"`
	Code   Code            `json:"code"`
	Packs  []snapshot.Hash `json:"packs,omitempty"` // with MissingPacks
}

// NewError returns the error of a code.
func NewError(code Code, detail string) *Error {
	c, ok := codes[code]
	if !ok {
		code, c = Internal, codes[Internal]
	}
	return &Error{Type: "about:blank", Title: c.title, Status: c.status, Detail: detail, Code: code}
}

// Error returns the detail, and the code.
func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%s (%s)", e.Title, e.Code)
	}
	return fmt.Sprintf("%s (%s)", e.Detail, e.Code)
}

// Is makes errors.Is(err, snapshot.ErrNotFound) and its like work across the wire.
func (e *Error) Is(target error) bool {
	switch target {
	case snapshot.ErrNotFound:
		return e.Code == NotFound
	case snapshot.ErrCorrupt:
		return e.Code == DigestMismatch
	case snapshot.ErrVersion:
		return e.Code == UnknownVersion
	}
	return false
}

// Temporary reports whether saying it again later may help.
func (e *Error) Temporary() bool {
	switch e.Code {
	case Overloaded, Draining, Timeout, Conflict:
		return true
	case StoreRegressed:
		return false
	}
	return e.Status == http.StatusBadGateway || e.Status == http.StatusServiceUnavailable ||
		e.Status == http.StatusGatewayTimeout || e.Status == http.StatusTooManyRequests
}
