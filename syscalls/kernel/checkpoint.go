package kernel

import (
	"fmt"

	"emurun/snapshot/wire"
)

// checkpointState is what /proc/self/checkpoint tells.
type checkpointState struct {
	requests uint64 // for checkpoints that programs made
	label    string // of the last one
}

// CheckpointLabelMax is the length of the longest label.
const CheckpointLabelMax = 255

// thawedFrom says where a thawed machine comes from. It is not part of the state: a machine
// that was never frozen is in the same state, and only who asks sees the difference.
type thawedFrom struct {
	seq   uint64
	label string
}

// RequestCheckpoint asks for a checkpoint with a label, at the instant at which the call in
// progress has returned. Programs do it by writing to /proc/self/checkpoint.
func (k *Kernel) RequestCheckpoint(label string) {
	k.checkpoint.requests++
	k.checkpoint.label = label
	k.wanted = true
}

// TakeCheckpointRequest returns the label of a checkpoint that a program has asked for since
// the last call. The machine's loop looks between turns, whether or not there is a store.
func (k *Kernel) TakeCheckpointRequest() (label string, wanted bool) {
	wanted, k.wanted = k.wanted, false
	return k.checkpoint.label, wanted
}

// SetThawed says which checkpoint the machine was thawed from.
func (k *Kernel) SetThawed(seq uint64, label string) { k.thawed = &thawedFrom{seq, label} }

// CheckpointStatus returns what reading /proc/self/checkpoint gives: how many checkpoints
// programs have asked for, "running" or "thawed", and the label asked for last. After a thaw
// a second line has the number and label of the checkpoint that the machine comes from.
func (k *Kernel) CheckpointStatus() string {
	state, from := "running", ""
	if k.thawed != nil {
		state, from = "thawed", fmt.Sprintf("%d %s\n", k.thawed.seq, k.thawed.label)
	}
	return fmt.Sprintf("%d %s %s\n", k.checkpoint.requests, state, k.checkpoint.label) + from
}

func (c *checkpointState) freeze(e *wire.Encoder) {
	e.Uint64(c.requests)
	e.String(c.label)
}

func (c *checkpointState) thaw(d *wire.Decoder) {
	c.requests = d.Uint64()
	c.label = d.String(CheckpointLabelMax)
}
