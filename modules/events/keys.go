package events

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const (
	keyBytes = 32
	// keyDays is how many days a key is kept, its own included: long enough for a request that began before midnight.
	keyDays = 2
	// refreshEvery is how often keys are looked after.
	refreshEvery = time.Hour
)

// keyDoc is a row of event_keys: the secret that pseudonyms of one day are made with.
type keyDoc struct {
	Day ticket.Date `bson:"_id"`
	Key []byte      `bson:"key"`
}

// dayKey is a key as this process uses it.
type dayKey struct {
	key  []byte
	macs sync.Pool // of hash.Hash: making one takes twice as long as using it
}

func newDayKey(key []byte) *dayKey {
	return &dayKey{key: key, macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// sum is the HMAC of a text.
func (k *dayKey) sum(text string) (sum [sha256.Size]byte) {
	mac := k.macs.Get().(hash.Hash)
	defer k.macs.Put(mac)
	mac.Reset()
	_, _ = mac.Write([]byte(text)) // a hash takes everything
	mac.Sum(sum[:0])
	return sum
}

// Run looks after the keys until ctx ends: tomorrow's is there before midnight, old ones go.
func (v *Viewers) Run(ctx context.Context) error {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := v.Refresh(ctx); err != nil && ctx.Err() == nil {
				v.log.Error("keys of visitors' pseudonyms cannot be looked after", "error", err)
			}
		}
	}
}

// Refresh gets today's and tomorrow's keys, makes them where nobody did, and deletes those whose time is over. From
// then on nobody can tell whether two pseudonyms of such a day and of another are one person.
func (v *Viewers) Refresh(ctx context.Context) error {
	today := ticket.DateOf(v.now())
	for _, day := range []ticket.Date{today, today.AddDays(1)} {
		key, err := v.agree(ctx, day)
		if err != nil {
			return err
		}
		v.mu.Lock()
		v.keys[day] = newDayKey(key)
		v.mu.Unlock()
	}
	oldest := today.AddDays(1 - keyDays)
	v.mu.Lock()
	for day := range v.keys {
		if day < oldest {
			delete(v.keys, day)
		}
	}
	v.mu.Unlock()
	if _, err := v.col.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.Lt, Value: string(oldest)}); err != nil {
		return fmt.Errorf("delete old keys of event_keys: %w", err)
	}
	return nil
}

// agree is the key of a day that every replica has: the first one stored.
func (v *Viewers) agree(ctx context.Context, day ticket.Date) ([]byte, error) {
	for range 3 {
		var d keyDoc
		err := v.col.Get(ctx, string(day), &d)
		if err == nil && len(d.Key) == keyBytes {
			return d.Key, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("read the key of %s: %w", day, err)
		}
		mine := keyDoc{Day: day, Key: v.known(day).key}
		if err == nil { // of a wrong length: nobody can use it
			err = v.col.Upsert(ctx, mine)
		} else {
			err = v.col.Insert(ctx, mine)
		}
		if err != nil && !errors.Is(err, store.ErrDuplicate) {
			return nil, fmt.Errorf("keep the key of %s: %w", day, err)
		}
	}
	return nil, fmt.Errorf("key of %s: others keep coming between", day)
}

// known is the key of a day as this process has it. When the store could not be asked in time it is one of its own, which
// Refresh offers to the store.
func (v *Viewers) known(day ticket.Date) *dayKey {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, ok := v.keys[day]
	if !ok {
		secret := make([]byte, keyBytes)
		_, _ = rand.Read(secret) // never fails: it ends the program instead
		key = newDayKey(secret)
		v.keys[day] = key
	}
	return key
}
