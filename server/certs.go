package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The names of certificates and keys in a store's directory.
const (
	tlsDir     = "tls"
	caName     = "ca"
	serverName = "server"
	secretDir  = "secrets"
	jobKeyName = "job.key"
)

// How long certificates are valid, and when the server's is renewed.
const (
	caYears    = 20
	leafDays   = 730
	renewEarly = 60 * 24 * time.Hour
)

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// InitSecrets makes, in the directory of a store, a certificate authority, the server's
// certificate for these names and addresses, and the key of job tokens.
func InitSecrets(dir string, names []string) error {
	for _, d := range []string{tlsDir, secretDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	t := template("emusrv certificate authority", caYears*365*24*time.Hour)
	t.IsCA, t.BasicConstraintsValid, t.MaxPathLenZero = true, true, true
	t.KeyUsage = x509.KeyUsageCertSign
	ca, err := issue(t, nil)
	if err != nil {
		return err
	}
	if err := ca.save(filepath.Join(dir, tlsDir, caName)); err != nil {
		return err
	}
	if err := renewServer(dir, ca, names); err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key)
	return writeSynced(filepath.Join(dir, secretDir, jobKeyName), key, 0o600)
}

// writeSynced writes a file and syncs it: the store's marker must not be there before.
func writeSynced(name string, p []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(p)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// renewServer makes a certificate for the server.
func renewServer(dir string, ca *pair, names []string) error {
	t := template("emusrv", leafDays*24*time.Hour)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	p, err := issue(t, ca)
	if err != nil {
		return err
	}
	return p.save(filepath.Join(dir, tlsDir, serverName))
}

// IssueWorker makes a certificate for a worker in the files NAME.pem and NAME.key of out,
// with the authority's beside them.
func IssueWorker(dir, name, out string) error {
	if name == "" || len(name) > 64 || filepath.Base(name) != name || name == "." || name == ".." {
		return fmt.Errorf("worker %q: a name has 1 to 64 characters and no slash", name)
	}
	ca, err := load(filepath.Join(dir, tlsDir, caName))
	if err != nil {
		return err
	}
	t := template(name, leafDays*24*time.Hour)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	p, err := issue(t, ca)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	if err := p.save(filepath.Join(out, name)); err != nil {
		return err
	}
	return ca.saveCert(filepath.Join(out, caName))
}

// template returns what all certificates have in common.
func template(name string, valid time.Duration) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour), // clocks differ
		NotAfter:     time.Now().Add(valid),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// issue makes a key and a certificate of it, signed by ca or by itself.
func issue(t *x509.Certificate, ca *pair) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if ca == nil {
		ca = &pair{t, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &pair{cert, key}, err
}

func (p *pair) save(path string) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := writeSynced(path+".key", key, 0o600); err != nil {
		return err
	}
	return p.saveCert(path)
}

func (p *pair) saveCert(path string) error {
	return writeSynced(path+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), 0o644)
}

// load reads a certificate with its key, which must belong together.
func load(path string) (*pair, error) {
	c, err := tls.LoadX509KeyPair(path+".pem", path+".key")
	if err != nil {
		return nil, fmt.Errorf("%s.pem, %s.key: %w", path, path, err)
	}
	key, ok := c.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s.key: want an ECDSA key", path)
	}
	return &pair{c.Leaf, key}, nil
}

// LoadTLS reads the server's certificates, renewing its own when it ends soon.
func LoadTLS(dir string) (*tls.Config, error) {
	ca, err := load(filepath.Join(dir, tlsDir, caName))
	if err != nil {
		return nil, err
	}
	own, err := loadServer(dir, ca)
	if err != nil {
		return nil, err
	}
	if err := own.cert.CheckSignatureFrom(ca.cert); err != nil {
		return nil, fmt.Errorf("%s/%s.pem: %w", tlsDir, serverName, err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{own.cert.Raw}, PrivateKey: own.key, Leaf: own.cert}},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    roots,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

// loadServer reads the server's certificate. It makes a new one for the same names if it
// ends soon, or if a crash came between the writing of a new key and its certificate.
func loadServer(dir string, ca *pair) (*pair, error) {
	path := filepath.Join(dir, tlsDir, serverName)
	own, err := load(path)
	if err == nil && time.Until(own.cert.NotAfter) >= renewEarly {
		return own, nil
	}
	p, readErr := os.ReadFile(path + ".pem")
	block, _ := pem.Decode(p)
	if readErr != nil || block == nil {
		return nil, errors.Join(err, readErr)
	}
	old, parseErr := x509.ParseCertificate(block.Bytes)
	if parseErr != nil {
		return nil, fmt.Errorf("%s.pem: %w", path, parseErr)
	}
	if err := old.CheckSignatureFrom(ca.cert); err != nil {
		return nil, fmt.Errorf("%s.pem: %w", path, err)
	}
	names := old.DNSNames
	for _, ip := range old.IPAddresses {
		names = append(names, ip.String())
	}
	if err := renewServer(dir, ca, names); err != nil {
		return nil, err
	}
	return load(path)
}

// LoadJobKey reads the key of job tokens.
func LoadJobKey(dir string) ([]byte, error) {
	p, err := os.ReadFile(filepath.Join(dir, secretDir, jobKeyName))
	if err == nil && len(p) != 32 {
		err = errors.New("want 32 bytes")
	}
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", secretDir, jobKeyName, err)
	}
	return p, nil
}
