package app

import (
	"context"
	"fmt"
	"log/slog"
)

// part is something that runs until it is stopped. Run returns only when everything it began has ended.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// runParts starts the parts in order, waits until ctx ends or one of them fails, and stops them one after the other in
// the same order, the order in which data flows: what fills the queue before what empties it, the pages people see last.
func runParts(ctx context.Context, log *slog.Logger, parts []part) error {
	type ended struct {
		i   int
		err error
	}
	ends := make(chan ended, len(parts))
	cancels := make([]context.CancelFunc, len(parts))
	done := make([]chan struct{}, len(parts))
	for i, p := range parts {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // called below, in the order of stopping
		cancels[i], done[i] = cancel, make(chan struct{})
		go func() {
			err := p.run(own)
			close(done[i])
			ends <- ended{i, err}
		}()
	}
	var first error
	reported := 0
	select {
	case <-ctx.Done():
	case e := <-ends:
		reported++
		first = fmt.Errorf("%s ended: %w", parts[e.i].name, e.err)
		log.Error("a part ended, stopping", "part", parts[e.i].name, "error", e.err)
	}
	for i, p := range parts {
		cancels[i]()
		<-done[i]
		log.Debug("stopped", "part", p.name)
	}
	for ; reported < len(parts); reported++ {
		if e := <-ends; e.err != nil && first == nil {
			first = fmt.Errorf("%s: %w", parts[e.i].name, e.err)
		}
	}
	return first
}
