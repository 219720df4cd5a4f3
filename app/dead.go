package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/queue"
)

// deadCommand lists the messages that could not be worked off, puts them on their queue again, or drops them.
//
//	ticketmoa dead                 lists them with their reasons
//	ticketmoa dead replay [KEY…]   all of them, or those named
//	ticketmoa dead drop KEY…       for good
func (a *App) deadCommand(ctx context.Context, inv invocation, stdout io.Writer) error {
	if len(inv.args) == 0 {
		found := 0
		err := a.eachDead(ctx, nil, func(key string, d queue.DeadLetter) error {
			found++
			say(stdout, fmt.Sprintf("%s: %s\n", key, firstLine(d.Reason)))
			return nil
		})
		if err == nil && found == 0 {
			say(stdout, "no dead letters\n")
		}
		return err
	}
	keys := inv.args[1:]
	switch verb := inv.args[0]; {
	case verb == "replay":
		return a.replayDead(ctx, keys, stdout)
	case verb == "drop" && len(keys) > 0:
		return a.eachDead(ctx, keys, func(key string, _ queue.DeadLetter) error {
			say(stdout, "dropped "+key+"\n")
			return a.bucket.Delete(ctx, key)
		})
	}
	return fmt.Errorf("%w: ticketmoa dead [replay [KEY…] | drop KEY…]", errUsage)
}

// replayDead appends under a producer's number of the letter's own: a replay that is cut off and done again stores it once.
func (a *App) replayDead(ctx context.Context, keys []string, stdout io.Writer) error {
	replayed := 0
	err := a.eachDead(ctx, keys, func(key string, d queue.DeadLetter) error {
		if d.Queue == "" {
			say(stdout, key+": "+d.Reason+"; left where it is\n")
			return nil
		}
		q := a.pages
		if strings.HasPrefix(key, deadPrefix+"events/") {
			q = a.eventLog
		}
		p, err := q.Producer("dead:" + key[len(deadPrefix):])
		if err != nil {
			return err
		}
		if _, err := p.Append(ctx, 1, d.Payload); err != nil {
			return fmt.Errorf("replay %s: %w", key, err)
		}
		replayed++
		return a.bucket.Delete(ctx, key)
	})
	if err != nil {
		return err
	}
	say(stdout, fmt.Sprintf("replayed %d\n", replayed))
	return a.drained(ctx)
}

// eachDead calls fn for every dead letter, or for those named. A key that names none is an error.
func (a *App) eachDead(ctx context.Context, keys []string, fn func(key string, d queue.DeadLetter) error) error {
	var found []string
	err := a.bucket.List(ctx, deadPrefix, func(o lake.Object) error {
		if len(keys) == 0 || slices.Contains(keys, o.Key) {
			found = append(found, o.Key)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("list dead letters: %w", err)
	}
	for _, key := range keys {
		if !slices.Contains(found, key) {
			return fmt.Errorf("there is no dead letter %q; `ticketmoa dead` lists them", key)
		}
	}
	for _, key := range found {
		body, err := a.bucket.Get(ctx, key)
		if err != nil {
			return err
		}
		var d queue.DeadLetter
		if err := json.Unmarshal(body, &d); err != nil {
			a.log.Error("a dead letter cannot be read", "key", key, "error", err)
			d.Reason = "cannot be read: " + err.Error()
		}
		if err := fn(key, d); err != nil {
			return err
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
