package crawl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// forgetAfter is how long a thing that no list names any more is remembered.
const forgetAfter = 90 * 24 * time.Hour

// everythingAgain is how long a source is asked only for what changed before it is asked for everything once more.
const everythingAgain = 7 * 24 * time.Hour

// knownThing is a row of the collection known: what crawls have learnt of one thing that can be asked for.
type knownThing struct {
	ID        string            `bson:"_id"` // source and hash of the request
	Source    string            `bson:"source"`
	Hash      string            `bson:"hash"`
	Mark      string            `bson:"mark,omitempty"` // what a list said of it when it was asked for last
	FetchedAt time.Time         `bson:"fetched_at"`
	ListedAt  time.Time         `bson:"listed_at"` // begin of the last crawl whose lists named it
	Gone      bool              `bson:"gone,omitempty"`
	Owed      bool              `bson:"owed,omitempty"`    // the last attempt gave nothing: every crawl asks until one does
	Absent    bool              `bson:"absent,omitempty"`  // the last answer was not what was asked for, or that it is not there
	Excused   bool              `bson:"excused,omitempty"` // Absent in a crawl that was good: no crawl is judged by it
	Version   int               `bson:"version,omitempty"` // of the parser that read the last answer
	ETag      string            `bson:"etag,omitempty"`
	Modified  string            `bson:"modified,omitempty"` // Last-Modified
	Request   sellers.Request   `bson:"request"`
	Follow    []sellers.Request `bson:"follow,omitempty"` // what its last answer led to, where the next may be 304
}

// named tells whether the thing is a show or a notice that lists name: it was asked for because one did.
func (t knownThing) named() bool {
	return t.Request.Mark != "" && t.Request.Code != "" && (t.Request.Kind == ticket.DetailPage || t.Request.Kind == ticket.NoticePage)
}

// listed tells whether it is such a show.
func (t knownThing) listed() bool { return t.named() && t.Request.Kind == ticket.DetailPage }

// knownThings keeps what crawls have learnt, so that the next asks only for what is new, changed, old or perhaps gone.
type knownThings struct{ rows store.Collection }

func openKnown(ctx context.Context, s store.Store) (*knownThings, error) {
	rows, err := s.Collection(ctx, store.Spec{Name: "known", Fields: []store.Field{{Path: "source", Index: true}, {Path: "listed_at"}}})
	if err != nil {
		return nil, err
	}
	return &knownThings{rows}, nil
}

func (k *knownThings) of(ctx context.Context, source string) (map[string]knownThing, error) {
	var all []knownThing
	if err := k.rows.Find(ctx, store.Query{Where: []store.Cond{{Field: "source", Op: store.Eq, Value: source}}}, &all); err != nil {
		return nil, err
	}
	out := make(map[string]knownThing, len(all))
	for _, t := range all {
		out[t.Hash] = t
	}
	return out, nil
}

func (k *knownThings) put(ctx context.Context, things ...knownThing) error {
	if len(things) == 0 {
		return nil
	}
	docs := make([]any, len(things))
	for i, t := range things {
		docs[i] = t
	}
	return k.rows.Upsert(store.Later(ctx), docs...) // what is lost is learnt again
}

// forget drops what no list has named for long.
func (k *knownThings) forget(ctx context.Context, source string, before time.Time) error {
	_, err := k.rows.DeleteWhere(ctx, store.Cond{Field: "source", Op: store.Eq, Value: source}, store.Cond{Field: "listed_at", Op: store.Lt, Value: before})
	return err
}

// judge tells whether a request with a mark need be made, and what is known of its thing from now on. A request without a
// mark is a zero thing and always made. The caller holds mu.
func (w *walk) judge(e entry) (thing knownThing, ask bool) {
	if e.Request.Mark == "" {
		return knownThing{}, true
	}
	thing, before := w.known[e.Hash]
	if !before {
		thing = knownThing{ID: w.info.Name + ":" + e.Hash, Source: w.info.Name, Hash: e.Hash}
	}
	changed := e.Request.Mark != sellers.AnyMark && e.Request.Mark != thing.Mark
	thing.ListedAt, thing.Request = w.crawl.StartedAt, e.Request
	switch {
	case w.full || thing.FetchedAt.IsZero():
		if !before {
			w.p.New++
		}
		return thing, true
	case thing.Owed:
		return thing, true
	case changed || thing.Gone:
		w.p.Changed++
		return thing, true
	case w.c.deps.Now().Sub(thing.FetchedAt) >= w.spread(thing):
		return thing, true
	}
	w.p.Unchanged++
	return thing, false
}

// spread is how old what is kept of a thing may grow: Refresh, less up to a quarter of it that differs from thing to thing,
// so that those learnt of on one day are not all asked for again on one day.
func (w *walk) spread(t knownThing) time.Duration {
	var n int64
	for _, r := range t.Hash {
		n = n*31 + int64(r)
	}
	return w.c.cfg.Refresh - w.c.cfg.Refresh/4*time.Duration(uint64(n)%100)/100
}

// learn notes how a thing answered, with what a later request can be made conditional on. What failed, or answered with
// something else than was asked for, stays owed; nothing is remembered of such an answer. The caller holds mu.
func (w *walk) learn(ctx context.Context, e entry, o outcome) error {
	thing, ok := w.known[e.Hash]
	owed := !o.gone && (o.state == failed || o.unread)
	conditional := !owed && o.page != nil && (o.page.Header["Etag"] != "" || o.page.Header["Last-Modified"] != "") && !o.page.Rendered
	if !ok && !conditional && (!owed || e.Request.NoStore || isList(e.Request.Kind)) {
		return nil
	}
	if !ok {
		thing = knownThing{ID: w.info.Name + ":" + e.Hash, Source: w.info.Name, Hash: e.Hash, ListedAt: w.crawl.StartedAt, Request: e.Request}
	}
	thing.Owed, thing.Absent = owed, owed || o.absent
	thing.Excused = thing.Excused && thing.Absent
	if owed {
		if o.unread {
			thing.ETag, thing.Modified, thing.Follow = "", "", nil
		}
		w.known[e.Hash] = thing
		return w.c.known.put(ctx, thing)
	}
	thing.FetchedAt, thing.Version = ticket.Instant(w.c.deps.Now()), w.info.Version
	if e.Request.Mark != sellers.AnyMark {
		thing.Mark = e.Request.Mark
	}
	if o.gone && !thing.Gone {
		w.p.Gone++
	}
	thing.Gone = o.gone
	thing.ETag, thing.Modified, thing.Follow = "", "", nil
	if conditional {
		thing.ETag, thing.Modified, thing.Follow = o.page.Header["Etag"], o.page.Header["Last-Modified"], o.follow
	}
	w.known[e.Hash] = thing
	return w.c.known.put(ctx, thing)
}

// weigh counts a request among those by which the crawl is judged. One that failed in good crawls already, or is for a thing that
// has left the lists, says nothing about the site as it is now. The caller holds mu.
func (w *walk) weigh(e entry, o outcome) {
	thing := w.known[e.Hash]
	if isList(e.Request.Kind) {
		w.lists++
		if o.why != nil {
			w.torn++
		}
	}
	if thing.named() && !thing.FetchedAt.IsZero() && !o.absent {
		w.reread[e.Request.Kind]++
	}
	left := thing.Request.Mark != "" && thing.ListedAt.Before(w.crawl.StartedAt) && w.crawl.Since.IsZero()
	if thing.Excused || left || isList(e.Request.Kind) {
		return
	}
	w.p.Tried++
	if o.state == failed || o.unread || o.absent {
		w.p.Missed++
	}
}

// since is when the source was asked for everything or for changes last, if it can be asked for changes only and that is
// not long ago; else the zero time.
func (w *walk) since(ctx context.Context, now time.Time) (time.Time, error) {
	if _, can := w.src.(sellers.Since); !can || w.full {
		return time.Time{}, nil
	}
	last, complete, err := w.c.frontier.last(ctx, w.info.Name)
	if err != nil || last.IsZero() || now.Sub(complete) > everythingAgain {
		return time.Time{}, err
	}
	return last, nil
}

func (w *walk) start(now time.Time) []sellers.Request {
	if s, can := w.src.(sellers.Since); can && !w.crawl.Since.IsZero() {
		return s.StartSince(now, w.crawl.Since)
	}
	return w.src.Start(now)
}

// unlisted asks for what is still owed from earlier crawls, and, when the lists of this one were read to their end, once
// more for things they did not name: gone things answer so, others have only left the lists.
func (w *walk) unlisted(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := !w.crawl.Torn && w.crawl.Since.IsZero()
	now := w.c.deps.Now()
	var ask []sellers.Request
	for hash, t := range w.known {
		left := whole && t.Request.Mark != "" && !t.Gone && t.ListedAt.Before(w.crawl.StartedAt) && now.Sub(t.FetchedAt) >= w.spread(t)
		if w.seen[hash] || !t.Owed && !left || isList(t.Request.Kind) {
			continue
		}
		r := t.Request
		r.Mark = "" // asked for whatever the mark
		ask = append(ask, r)
	}
	if err := w.add(ctx, append(ask, w.sample(now)...)); err != nil || !whole {
		return err
	}
	return w.c.known.forget(ctx, w.info.Name, now.Add(-forgetAfter))
}

// sample are known shows and notices to ask for again although nothing says that they changed, those asked longest ago, when
// the crawl would else bring too few pages of known things to tell whether they are as they were. The caller holds mu.
func (w *walk) sample(now time.Time) (ask []sellers.Request) {
	var from []knownThing
	for hash, t := range w.known {
		current := !t.ListedAt.Before(w.crawl.StartedAt) || !w.crawl.Since.IsZero()
		if t.named() && current && !w.seen[hash] && !t.Absent && !t.Gone && now.Sub(t.FetchedAt) >= w.c.cfg.Refresh/4 {
			from = append(from, t)
		}
	}
	slices.SortFunc(from, func(a, b knownThing) int {
		return cmp.Or(a.FetchedAt.Compare(b.FetchedAt), cmp.Compare(a.Hash, b.Hash))
	})
	for _, t := range from {
		if w.reread[t.Request.Kind] >= w.c.cfg.Sample {
			continue
		}
		w.reread[t.Request.Kind]++
		r := t.Request
		r.Mark = ""
		ask = append(ask, r)
	}
	return ask
}

// Last is the crawl of a source that ended last; ok is false when there is none, or one was cut off and is to go on.
func (c *Crawler) Last(ctx context.Context, source string) (run string, startedAt time.Time, ok bool, err error) {
	var docs []crawlDoc
	err = c.frontier.crawls.Find(ctx, store.Query{Where: []store.Cond{{Field: "source", Op: store.Eq, Value: source}}, OrderBy: "started_at", Desc: true, Limit: 1}, &docs)
	if err != nil || len(docs) == 0 || docs[0].State != finished {
		return "", time.Time{}, false, err
	}
	return docs[0].ID, docs[0].StartedAt, true, nil
}

// Listing is which shows of a source its lists name: gone are the codes that no crawl's lists have named since then, named
// those that the last crawl's did.
func (c *Crawler) Listing(ctx context.Context, source string, since, last time.Time) (gone, named []string, err error) {
	all, err := c.known.of(ctx, source)
	if err != nil {
		return nil, nil, fmt.Errorf("read what is known of %s: %w", source, err)
	}
	for _, t := range all {
		switch {
		case !t.listed():
		case t.ListedAt.Before(since):
			gone = append(gone, t.Request.Code)
		case !t.ListedAt.Before(last):
			named = append(named, t.Request.Code)
		}
	}
	slices.Sort(gone)
	slices.Sort(named)
	return gone, named, nil
}

// Excuse notes, of a crawl that is found to be good, what it did not get: no later crawl is judged by that.
func (c *Crawler) Excuse(ctx context.Context, source string) error {
	all, err := c.known.of(ctx, source)
	if err != nil {
		return fmt.Errorf("read what is known of %s: %w", source, err)
	}
	var excused []knownThing
	for _, t := range all {
		if t.Absent && !t.Excused {
			t.Excused = true
			excused = append(excused, t)
		}
	}
	return c.known.put(ctx, excused...)
}

// Doubt makes the next crawl ask once more for what was fetched since an instant, of the given codes only when there are any:
// what was read then is not believed.
func (c *Crawler) Doubt(ctx context.Context, source string, since time.Time, codes []string) error {
	all, err := c.known.of(ctx, source)
	if err != nil {
		return fmt.Errorf("read what is known of %s: %w", source, err)
	}
	var doubted []knownThing
	for _, t := range all {
		if t.FetchedAt.Before(since) || len(codes) > 0 && !slices.Contains(codes, t.Request.Code) {
			continue
		}
		t.Owed, t.ETag, t.Modified, t.Follow = true, "", "", nil
		doubted = append(doubted, t)
	}
	return c.known.put(ctx, doubted...)
}
