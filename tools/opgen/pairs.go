package main

// emitPairs makes a case of each pair of cases in the file.
func (g *generator) emitPairs(name string) error { return nil }

func (g *generator) pairTable() string { return "" }
