package core

// Outbox holds messages back until what they tell of is durable. Batches are numbered as they are
// written, from 1.
type Outbox struct {
	written, durable uint64
	waiting          []held
}

type held struct {
	batch uint64
	m     Message
}

// Add takes the batch and the messages of a step. write says whether the batch has anything to be
// written, under the number returned; the messages that can leave at once are returned too.
func (o *Outbox) Add(b Batch, out []Message) (number uint64, write bool, leave []Message) {
	if len(b) > 0 {
		o.written++
	}
	if o.durable == o.written || planted == bugEarlyAck {
		return o.written, len(b) > 0, out
	}
	for _, m := range out {
		o.waiting = append(o.waiting, held{o.written, m})
	}
	return o.written, len(b) > 0, nil
}

// Durable says that all batches up to a number are durable, and returns the messages that
// may leave.
func (o *Outbox) Durable(number uint64) []Message {
	o.durable = max(o.durable, number)
	var leave []Message
	for len(o.waiting) > 0 && o.waiting[0].batch <= o.durable {
		leave = append(leave, o.waiting[0].m)
		o.waiting = o.waiting[1:]
	}
	return leave
}
