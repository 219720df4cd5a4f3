package etl

import (
	"context"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// captured are the captured pages of every source that hold something, each with an instant of its own; some come a second
// time, later.
func captured(t *testing.T) []*ticket.Page {
	t.Helper()
	var out []*ticket.Page
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	sources := realSources()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		root := sellerstest.Path(t, "captures", name)
		if _, err := os.Stat(root); err != nil {
			continue
		}
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			code, _, _ := strings.Cut(filepath.Base(path), ".")
			for _, kind := range ticket.PageKinds() {
				at = at.Add(time.Hour)
				p := &ticket.Page{Source: name, Kind: kind, Code: code, URL: "https://example.com/" + filepath.Base(path), FetchedAt: at, Status: 200, Header: map[string]string{}, Body: body}
				if r, err := sources[name].Parse(p); err != nil || len(r.Shows)+len(r.Notices)+len(r.Facilities) == 0 {
					continue
				}
				out = append(out, p)
				if len(out)%4 == 0 {
					again := *p
					again.FetchedAt = at.AddDate(0, 1, 0)
					out = append(out, &again)
				}
			}
			return nil
		}))
	}
	if len(out) < 40 {
		t.Fatalf("only %d captured pages hold something", len(out))
	}
	return out
}

// workedOff feeds pages under one run and waits for the last.
func (r *rig) workedOff(pages []*ticket.Page) {
	r.t.Helper()
	for _, p := range pages {
		p.Run = "all"
		payload, err := p.Encode()
		must(r.t, err)
		_, err = r.queue.Append(context.Background(), payload)
		must(r.t, err)
	}
	for r.etl.Done("all") < int64(len(pages)) {
		time.Sleep(5 * time.Millisecond)
	}
	r.etl.Take("all")
}

// standing is what people see: every performance with its listings and a fingerprint of everything about it.
func (r *rig) standing() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for _, p := range r.performances() {
		members, err := r.catalog.Members(context.Background(), p.ID)
		must(r.t, err)
		var keys []string
		for _, l := range members {
			keys = append(keys, l.Key)
		}
		slices.Sort(keys)
		out[p.ID] = p.Title + " | " + strings.Join(keys, " ") + " | " + p.ContentHash
	}
	return out
}

// TestTheLakeInAnotherOrder reads the same pages in another order into a catalogue of its own with the decisions people made,
// and half of them once more, backwards, over the one that has read them all: performances, ids and decisions are the same.
func TestTheLakeInAnotherOrder(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pages := captured(t)
	if testing.Short() { // a third of them
		pages = slices.DeleteFunc(pages, func(p *ticket.Page) bool { return len(p.URL)%3 > 0 })
	}
	first := newRigOf(t, realSources())
	first.workedOff(pages)
	why := catalog.Why{Author: "admin", Reason: "test", At: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}
	ids := slices.Sorted(maps.Keys(first.standing()))
	var whole string // a performance of several listings
	for _, id := range ids {
		if members, err := first.catalog.Members(ctx, id); err == nil && len(members) > 1 {
			whole = id
			_, err = first.catalog.Split(ctx, id, []string{members[len(members)-1].Key}, why)
			must(t, err)
			break
		}
	}
	if whole == "" {
		t.Error("nothing of the captures belongs together: nothing can be split")
	}
	_, err := first.catalog.Merge(ctx, ids[0], ids[len(ids)-1], why)
	must(t, err)
	want := first.standing()

	shuffled := slices.Clone(pages)
	rand.New(rand.NewPCG(20261125, 11)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	other := newRigOf(t, realSources())
	copyDecisions(t, first.store, other.store)
	other.workedOff(shuffled)
	compare(t, want, other.standing())

	replayed := slices.Clone(pages[:len(pages)/2])
	slices.Reverse(replayed)
	for i, p := range replayed {
		again := *p
		again.Replay = true
		replayed[i] = &again
	}
	first.workedOff(replayed)
	compare(t, want, first.standing())
	if decided, err := first.catalog.Decisions(ctx, 0); err != nil || len(decided) < 1 {
		t.Errorf("decisions %v, %v", decided, err)
	}
}

func compare(t *testing.T, want, got map[string]string) {
	t.Helper()
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s\n was %s\n  is %s", id, w, got[id])
		}
	}
	for id := range got {
		if want[id] == "" {
			t.Errorf("%s is new: %s", id, got[id])
		}
	}
}

func copyDecisions(t *testing.T, from, to store.Store) {
	t.Helper()
	ctx := context.Background()
	spec := store.Spec{Name: "decisions", Fields: []store.Field{{Path: "at", Index: true}}}
	a, err := from.Collection(ctx, spec)
	must(t, err)
	b, err := to.Collection(ctx, spec)
	must(t, err)
	var all []ticket.Decision
	must(t, a.Find(ctx, store.Query{}, &all))
	for _, d := range all {
		must(t, b.Upsert(ctx, d))
	}
}
