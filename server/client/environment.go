package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// The variables that say how a server is reached. A token stands in a file or in the
// environment, never among a command's arguments, which everybody on the host can read.
const (
	TokenVar     = "EMUSRV_TOKEN"
	TokenFileVar = "EMUSRV_TOKEN_FILE"
	CAVar        = "EMUSRV_CA"   // the server's authority, a PEM file
	CertVar      = "EMUSRV_CERT" // a worker's certificate, a PEM file
	KeyVar       = "EMUSRV_KEY"  // and its key
)

// Environment returns how the server at url is reached, by the environment.
func Environment(url string) (Config, error) {
	c := Config{URL: url, Token: os.Getenv(TokenVar)}
	var err error
	if file := os.Getenv(TokenFileVar); file != "" {
		if c.Token, err = ReadToken(file); err != nil {
			return c, err
		}
	}
	if file := os.Getenv(CAVar); file != "" {
		if c.CA, err = os.ReadFile(file); err != nil {
			return c, err
		}
	}
	if file := os.Getenv(CertVar); file != "" {
		pair, err := tls.LoadX509KeyPair(file, os.Getenv(KeyVar))
		if err != nil {
			return c, fmt.Errorf("%s, %s: %w", CertVar, KeyVar, err)
		}
		c.Cert = &pair
	}
	return c, nil
}

// ReadToken reads a token from a file.
func ReadToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	p, err := io.ReadAll(io.LimitReader(f, 4096))
	token := strings.TrimSpace(string(p))
	if err == nil && (token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })) {
		err = errors.New("it has no token in it")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return token, nil
}

// Is reports whether a store's name is the URL of a server, not a directory.
func Is(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "unix:")
}

// Open returns the store on the server at url, which the environment says how to reach.
func Open(url string) (*Store, error) {
	conf, err := Environment(url)
	if err != nil {
		return nil, err
	}
	c, err := New(conf)
	if err != nil {
		return nil, err
	}
	return c.Store(), nil
}
