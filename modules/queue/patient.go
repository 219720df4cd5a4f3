package queue

import (
	"context"
	"errors"
	"time"
)

// Patient is a queue whose Append waits while the queue is full or its disk fails: for producers that have time, like a
// crawler, which then asks nobody for anything meanwhile.
type Patient struct{ *Queue }

const (
	patience    = 100 * time.Millisecond
	maxPatience = 15 * time.Second
)

// Append is Queue.Append, tried until it succeeds, ctx ends or the queue is closed.
func (p Patient) Append(ctx context.Context, payload []byte) (uint64, error) {
	for pause := patience; ; pause = min(2*pause, maxPatience) {
		n, err := p.Queue.Append(ctx, payload)
		if !errors.Is(err, ErrFull) && !errors.Is(err, ErrPoisoned) {
			return n, err
		}
		if pause == patience {
			p.log.Warn("waiting for room", "error", err)
		}
		if serr := sleep(ctx, pause); serr != nil {
			return 0, errors.Join(serr, err)
		}
	}
}
