package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"emurun/snapshot"
)

// verifyReplay runs the checkpoint before the one that ref means again, and compares.
func verifyReplay(c *cli.Context, s snapshot.Store, ref string) error {
	k, err := findCheckpoint(s, ref)
	if err != nil {
		return err
	}
	if k.Parent.IsZero() {
		return fmt.Errorf("%s is the first of its run: there is none before it", name(k.Manifest))
	}
	m, err := s.Manifest(k.Parent)
	if err != nil {
		return fmt.Errorf("the checkpoint before %s: %w", name(k.Manifest), err)
	}
	before := snapshot.Checkpoint{ID: k.Parent, Manifest: m}
	var got *snapshot.Manifest
	err = during("replaying "+name(m), func() error {
		again, err := doAgain(s, before, k)
		if err == nil {
			got, err = stateOf(again.Machine, s)
		}
		return err
	})
	if err != nil {
		return err
	}
	v := verified{Good: []string{name(m)}, Damage: []string{}, State: got.State().String()}
	if got.State() == k.State() {
		v.Good = append(v.Good, name(k.Manifest))
		return v.print(c, fmt.Sprintf("%s runs from step %d to %d into the state of %s: %v", name(m), m.Step, k.Step, name(k.Manifest), k.State()))
	}
	text := fmt.Sprintf("%s runs from step %d to %d into another state than %s:", name(m), m.Step, k.Step, name(k.Manifest))
	for _, d := range differentSections(k.Manifest, got) {
		text += fmt.Sprintf("\n  section %s differs", d)
	}
	v.Damage = append(v.Damage, text)
	return v.print(c, text)
}

// differentSections returns the names of the sections of the state that a and b do not share.
func differentSections(a, b *snapshot.Manifest) []string {
	roots := map[string]snapshot.Section{}
	for _, s := range b.Sections {
		roots[s.Name] = s
	}
	var list []string
	for _, s := range a.Sections {
		if s.Name[0] != '@' && roots[s.Name] != s {
			list = append(list, s.Name)
		}
		delete(roots, s.Name)
	}
	for _, s := range b.Sections {
		if _, only := roots[s.Name]; only {
			list = append(list, s.Name)
		}
	}
	return list
}
