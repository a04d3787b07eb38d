package sim

import (
	"maps"

	"emurun/server/core"
)

// server is the server's process with its disk.
type server struct {
	w     *World
	core  *core.Server // nil while it is down
	out   core.Outbox
	disk  map[string][]byte
	queue []write // batches on their way to the disk
	boot  uint64
	abort bool
	timer core.Time
}

type write struct {
	number uint64
	batch  core.Batch
}

func (s *server) start() {
	s.boot++
	c, err := core.NewServer(core.Options{Profile: s.w.profile, Boot: s.boot, AbortOnRestart: s.abort}, maps.Clone(s.disk), s.w.now)
	if err != nil {
		s.w.fail("the server does not start: %v", err)
		return
	}
	s.core, s.out, s.queue = c, core.Outbox{}, nil
	s.w.trace("server starts")
	s.wait()
}

// crash stops the server. Of the batches that were on their way to the disk some are there.
func (s *server) crash() {
	if s.core == nil {
		return
	}
	s.w.trace("server crashes")
	s.core = nil
	for n := s.w.rng.IntN(len(s.queue) + 1); n > 0; n-- {
		s.land()
	}
	s.queue = nil
	s.w.after(s.w.between(second/10, 20*second), s.start)
}

// step hands a message to the server.
func (s *server) step(m core.Message) {
	if s.core == nil {
		return
	}
	batch, out := s.core.Step(s.w.now, m)
	number, toWrite, leave := s.out.Add(batch, out)
	s.send(leave)
	if toWrite {
		s.queue = append(s.queue, write{number, batch})
		boot := s.boot
		s.w.after(s.w.between(second/2000, second/20), func() {
			if s.core != nil && s.boot == boot {
				s.flush(number)
			}
		})
	}
	s.wait()
}

// flush makes all batches up to number durable, in order.
func (s *server) flush(number uint64) {
	for len(s.queue) > 0 && s.queue[0].number <= number {
		s.land()
	}
	s.send(s.out.Durable(number))
}

// land writes the first batch to the disk.
func (s *server) land() {
	for _, p := range s.queue[0].batch {
		s.disk[p.Key] = p.Value
		s.w.durable(p)
	}
	s.queue = s.queue[1:]
}

func (s *server) send(list []core.Message) {
	for _, m := range list {
		s.w.send(m)
	}
}

// wait makes the server look at the clock when it has to.
func (s *server) wait() {
	at := s.core.Next(s.w.now)
	if at == s.timer {
		return
	}
	s.timer = at
	boot := s.boot
	s.w.after(at-s.w.now, func() {
		if s.core != nil && s.boot == boot && s.timer == at {
			s.timer = 0
			s.step(core.Message{})
		}
	})
}
