package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

// jsonFlag asks for output that scripts can read.
func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print JSON", DisableDefaultText: true}
}

// printJSON prints a list, indented. A nil list is an empty one.
func printJSON[T any](w io.Writer, list []T) error {
	if list == nil {
		list = []T{}
	}
	return printObject(w, list)
}

// printObject prints v, indented.
func printObject(w io.Writer, v any) error {
	p, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", p)
	}
	return err
}
