package isa

import "testing"

func TestRows(t *testing.T) {
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows", len(rows))
}
