package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The document is what the table says now.
func TestCurrent(t *testing.T) {
	got, err := os.ReadFile("../../docs/syscalls.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document(), string(got)); diff != "" {
		t.Errorf("docs/syscalls.md is stale: run go generate ./syscalls (-want +got)\n%s", diff)
	}
}
