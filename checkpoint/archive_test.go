package checkpoint_test

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"
	"testing/iotest"

	"emurun/checkpoint"
	"emurun/snapshot"
	"emurun/snapshot/dirstore"
)

func TestReader(t *testing.T) {
	s, err := dirstore.Open(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, size := range []int{0, 1, snapshot.PageSize, 3*snapshot.PageSize + 17} {
		content := bytes.Repeat([]byte("some text "), size/10+1)[:size]
		section, err := checkpoint.PutReader(s, "x", 1, bytes.NewReader(content), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		r := checkpoint.NewReader(s, section)
		if err := iotest.TestReader(io.NewSectionReader(r, 0, r.Size()), content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		same, err := snapshot.GetSection(s, section, 1<<20)
		if err != nil || !bytes.Equal(same, content) {
			t.Errorf("%d bytes: as a section it is other, error %v", size, err)
		}
	}
	if _, err := checkpoint.PutReader(s, "x", 1, bytes.NewReader([]byte("short")), 6); err == nil {
		t.Error("a file that is too short is stored")
	}
}
