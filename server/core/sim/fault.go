package sim

import (
	"fmt"

	"emurun/server/core"
)

// person is who gives orders.
const person = "person"

// fault lets something go wrong, and comes again.
func (w *World) fault() {
	if w.calm {
		return
	}
	k := w.workers[w.rng.IntN(len(w.workers))]
	length := w.between(second/10, 3*core.Time(w.profile.Expire))
	switch w.rng.IntN(6) {
	case 0:
		k.crash()
	case 1:
		w.server.crash()
	case 2:
		w.trace("%s is cut off", k.name)
		w.cut[k.name] = w.now + length
	case 3:
		w.trace("%s stands still", k.name)
		k.paused = w.now + length
	case 4:
		w.cut[""] = w.now + length/4
	}
	w.after(w.between(second, 10*second), w.fault)
}

// people gives an order, and comes again.
func (w *World) people() {
	if w.calm {
		return
	}
	job := fmt.Sprintf("job%d", w.rng.IntN(w.o.Jobs))
	node := w.workers[w.rng.IntN(len(w.workers))].name
	switch w.rng.IntN(12) {
	case 0:
		w.order(core.Order{What: core.Pause, Job: job})
	case 1, 2:
		w.order(core.Order{What: core.Resume, Job: job})
	case 3:
		w.order(core.Order{What: core.Migrate, Job: job, Worker: node})
	case 4:
		w.order(core.Order{What: core.DrainIt, Worker: node, Drain: core.DrainHold})
	case 5:
		w.order(core.Order{What: core.DrainIt, Worker: node, Drain: core.DrainMigrate})
	case 6, 7:
		w.order(core.Order{What: core.Undrain, Worker: node, Return: w.chance(2)})
	case 8:
		w.order(core.Order{What: core.Fork, Job: job, As: fmt.Sprintf("job%d", w.o.Jobs+w.rng.IntN(w.o.Jobs))})
	case 9:
		if w.chance(6) {
			w.order(core.Order{What: core.Cancel, Job: job})
		}
	default:
		w.orders++
		w.send(core.Message{From: person, Body: core.Read{ID: w.orders, Job: job}})
	}
	w.after(w.between(second/5, 4*second), w.people)
}

func (w *World) order(o core.Order) {
	w.orders++
	o.ID = w.orders
	w.send(core.Message{From: person, Body: o})
}

// submit hands a job in, again until the server has it.
func (w *World) submit(name string) {
	if w.server.core != nil {
		if _, ok := w.server.core.Job(name); ok {
			return
		}
	}
	w.order(core.Order{What: core.Submit, Job: name})
	w.after(second, func() { w.submit(name) })
}

// peace ends all faults, and lets what stands still go on.
func (w *World) peace() {
	w.calm = true
	clear(w.cut)
	for _, k := range w.workers {
		k.paused = min(k.paused, w.now)
	}
	w.settle()
}

// settle undoes what people ordered, again and again.
func (w *World) settle() {
	if w.server.core != nil {
		for _, k := range w.server.core.Workers() {
			if k.Drain != core.NoDrain {
				w.order(core.Order{What: core.Undrain, Worker: k.Name})
			}
		}
		for _, j := range w.server.core.Jobs() {
			if j.State == core.Held || j.State == core.Stopping {
				w.order(core.Order{What: core.Resume, Job: j.Name})
			}
		}
	}
	w.after(5*second, w.settle)
}
