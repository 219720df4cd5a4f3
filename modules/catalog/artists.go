package catalog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"ticketmoa/modules/catalog/credits"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// artists are the artists as they are kept, and the directory that says what they should be.
//
// A page changes what performances say, then Ripple names the performances whose artists have other ids now, those are
// projected, and Settle keeps the artists: last of all, so that a process that dies between finds by the difference between
// the two what is left to do.
type artists struct {
	mu    sync.RWMutex
	dir   *credits.Directory
	kept  map[string]ticket.Artist // by id
	leads map[string]string        // id of every name → id of the artist kept
	turn  []credits.Name           // names that Settle brings in line
	list  []ticket.Artist          // kept, in the order of their names; nil when it must be made anew
}

// mostInOneTurn bounds the performances that one page leads to; what is left comes with the next pages.
const mostInOneTurn = 300

// load reads what is kept: enough for everybody who only reads.
func (a *artists) load(ctx context.Context, kept store.Collection) error {
	a.dir, a.kept, a.leads, a.list = credits.New(), map[string]ticket.Artist{}, map[string]string{}, nil
	if err := kept.Scan(ctx, func(decode func(any) error) error {
		var one ticket.Artist
		if err := decode(&one); err != nil {
			return err
		}
		a.keep(one)
		return nil
	}); err != nil {
		return fmt.Errorf("read artists: %w", err)
	}
	return nil
}

// learn reads who is named where, and notes every difference from what is kept. Readers go on meanwhile.
func (a *artists) learn(ctx context.Context, listings store.Collection) error {
	dir := credits.New()
	members := map[string][]ticket.Listing{}
	if err := listings.Scan(ctx, func(decode func(any) error) error {
		var l creditsOf
		if err := decode(&l); err != nil || l.PerformanceID == "" {
			return err
		}
		members[l.PerformanceID] = append(members[l.PerformanceID], l.listing())
		return nil
	}); err != nil {
		return fmt.Errorf("read who performs: %w", err)
	}
	for id, ls := range members {
		dir.Load(id, billingOf(ls))
	}
	a.compare(dir)
	a.mu.Lock()
	a.dir = dir
	a.mu.Unlock()
	return nil
}

// compare marks every name about which the artists kept and a directory differ.
func (a *artists) compare(dir *credits.Directory) {
	right := map[string]bool{}
	for n := range dir.Names() {
		names := dir.One(n)
		if len(names) == 0 || names[0] != n {
			continue
		}
		now := dir.Artist(names)
		if old, ok := a.kept[now.ID]; ok && hash(old) == hash(now) {
			right[now.ID] = true
			continue
		}
		for _, n := range names {
			dir.Unsettle(n)
		}
	}
	for id, old := range a.kept {
		if !right[id] {
			for _, n := range credits.NamesOf(old) {
				dir.Unsettle(n)
			}
		}
	}
}

// creditsOf is the part of a listing that says who performs.
type creditsOf struct {
	Key           string        `bson:"_id"`
	PerformanceID string        `bson:"performance_id"`
	Views         []creditsView `bson:"views"`
	Content       creditsPart   `bson:"content"`
}

type creditsView struct {
	Content creditsPart `bson:"content"`
}

type creditsPart struct {
	Seller    ticket.Seller       `bson:"seller"`
	Genre     ticket.Genre        `bson:"genre"`
	Cast      []ticket.CastMember `bson:"cast"`
	Companies []string            `bson:"companies"`
}

func (c creditsOf) listing() ticket.Listing {
	part := func(p creditsPart) ticket.Content {
		return ticket.Content{Seller: p.Seller, Genre: p.Genre, Cast: p.Cast, Companies: p.Companies}
	}
	l := ticket.Listing{Key: c.Key, PerformanceID: c.PerformanceID, Content: part(c.Content)}
	for _, v := range c.Views {
		l.Views = append(l.Views, ticket.View{Content: part(v.Content)})
	}
	return l
}

// keep remembers an artist that is in the store.
func (a *artists) keep(one ticket.Artist) {
	a.kept[one.ID] = one
	for _, n := range credits.NamesOf(one) {
		if n.ID() != one.ID {
			a.leads[n.ID()] = one.ID
		}
	}
	delete(a.leads, one.ID)
	a.list = nil
}

// billingOf reads what the listings of a performance say about its performers: the names and the genre that the projection
// shows, the brackets of every page.
func billingOf(members []ticket.Listing) credits.Billing {
	members = slices.Clone(members)
	slices.SortFunc(members, byBelief)
	var c ticket.Content
	var pages [][]ticket.CastMember
	var companies []string
	for _, l := range members {
		under(&c, l.Content)
		for _, v := range l.Views {
			pages = append(pages, v.Content.Cast)
		}
		companies = append(companies, l.Content.Companies...)
	}
	return credits.Read(c.Genre, c.Cast, pages, companies)
}

// stand notes what the listings of a performance say now.
func (a *artists) stand(id string, members []ticket.Listing) {
	b := billingOf(members)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dir.Put(id, b)
}

// named gives a cast the ids of its artists.
func (a *artists) named(g ticket.Genre, cast []ticket.CastMember) []ticket.CastMember {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := slices.Clone(cast)
	for i := range out {
		out[i].Also, out[i].ArtistID = "", ""
		if n, ok := credits.NameIn(g, out[i].Name); ok {
			if names := a.dir.One(n); len(names) > 0 {
				out[i].ArtistID = names[0].ID()
			}
		}
	}
	return out
}

// ripple chooses whom the next settle brings in line and lists the performances that carry another id of theirs, in order.
func (a *artists) ripple() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn = nil
	carry, seen := map[string]bool{}, map[credits.Name]bool{}
	for _, n := range a.dir.Unsettled() {
		if seen[n] {
			continue
		}
		if len(carry) >= mostInOneTurn {
			break
		}
		names := a.dir.Together(n)
		for _, n := range names {
			seen[n] = true
			a.turn = append(a.turn, n)
			if a.idKept(n) == names[0].ID() {
				continue
			}
			for _, id := range a.dir.BilledAt(n) {
				carry[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(carry))
}

// idKept is the id under which a name is kept now; "" when it is not.
func (a *artists) idKept(n credits.Name) string {
	if to, ok := a.leads[n.ID()]; ok {
		return to
	}
	if _, ok := a.kept[n.ID()]; ok {
		return n.ID()
	}
	return ""
}

// settlement is what must be written so that what is kept is what the directory says.
type settlement struct {
	lead   []any    // aliases to write
	unlead []string // aliases to take away
	gone   []string // artists to take away
	keep   []any    // artists to write
	turn   []credits.Name
}

// settlement compares the names whose turn it is.
func (a *artists) settlement() settlement {
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := settlement{turn: a.turn}
	seen := map[string]bool{}
	for n, names := range a.concerned() {
		own, leader := n.ID(), ""
		if len(names) > 0 {
			leader = names[0].ID()
		}
		if _, kept := a.kept[own]; kept && leader != own {
			s.gone = append(s.gone, own)
		}
		switch to, leads := a.leads[own]; {
		case leads && (leader == own || leader == ""):
			s.unlead = append(s.unlead, own)
		case leader != "" && leader != own && to != leader:
			s.lead = append(s.lead, aliasDoc{ID: own, To: leader})
		}
		if leader == "" || seen[leader] {
			continue
		}
		seen[leader] = true
		now := a.dir.Artist(names)
		if old, ok := a.kept[leader]; !ok || hash(old) != hash(now) {
			s.keep = append(s.keep, now)
		}
	}
	return s
}

// concerned gives the names whose turn it is and those that are one artist with them, each once, with all names of that
// artist; nil for a name nobody performs under.
func (a *artists) concerned() iter.Seq2[credits.Name, []credits.Name] {
	return func(yield func(credits.Name, []credits.Name) bool) {
		seen := map[credits.Name]bool{}
		for _, n := range a.turn {
			if seen[n] {
				continue
			}
			one := a.dir.One(n)
			for _, other := range a.dir.Together(n) {
				seen[other] = true
				if !yield(other, one) {
					return
				}
			}
		}
	}
}

// done remembers that a settlement is in the store.
func (a *artists) done(s settlement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range s.gone {
		delete(a.kept, id)
	}
	for _, id := range s.unlead {
		delete(a.leads, id)
	}
	for _, doc := range s.lead {
		if one, ok := doc.(aliasDoc); ok {
			a.leads[one.ID] = one.To
		}
	}
	for _, doc := range s.keep {
		if one, ok := doc.(ticket.Artist); ok {
			a.keep(one)
		}
	}
	for _, n := range s.turn {
		a.dir.Settled(n)
	}
	a.turn = nil
	if len(s.gone) > 0 {
		a.list = nil
	}
}

// settleArtists writes what the directory says of the names whose turn it is: where ids lead first, the artists last.
func (c *Catalog) settleArtists(ctx context.Context) error {
	s := c.artists.settlement()
	if err := c.lead(ctx, s.lead, s.unlead); err != nil {
		return err
	}
	if len(s.gone) > 0 {
		if _, err := c.people.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.In, Value: s.gone}); err != nil {
			return fmt.Errorf("take artists away: %w", err)
		}
	}
	if len(s.keep) > 0 {
		if err := c.people.Upsert(ctx, s.keep...); err != nil {
			return fmt.Errorf("keep artists: %w", err)
		}
	}
	c.artists.done(s)
	return nil
}

// lead writes where ids lead and takes away where they no longer do.
func (c *Catalog) lead(ctx context.Context, to []any, no []string) error {
	if len(to) > 0 {
		if err := c.aliases.Upsert(ctx, to...); err != nil {
			return fmt.Errorf("lead ids on: %w", err)
		}
	}
	if len(no) > 0 {
		if _, err := c.aliases.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.In, Value: no}); err != nil {
			return fmt.Errorf("take aliases away: %w", err)
		}
	}
	return nil
}

// ErrNoArtist means that nobody has that id.
var ErrNoArtist = errors.New("no such artist")

// Artist is the artist an id stands for. The id answered differs from the one asked when it leads on to another.
func (c *Catalog) Artist(id string) (ticket.Artist, error) {
	c.artists.mu.RLock()
	defer c.artists.mu.RUnlock()
	if to, ok := c.artists.leads[id]; ok {
		id = to
	}
	if a, ok := c.artists.kept[id]; ok {
		return a, nil
	}
	return ticket.Artist{}, fmt.Errorf("artist %s: %w", id, ErrNoArtist)
}

// Artists lists every artist in the order of their names, those in Hangul first. The slice must not be changed.
func (c *Catalog) Artists() []ticket.Artist {
	a := &c.artists
	a.mu.RLock()
	list := a.list
	a.mu.RUnlock()
	if list != nil {
		return list
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.list == nil {
		a.list = slices.AppendSeq(make([]ticket.Artist, 0, len(a.kept)), maps.Values(a.kept))
		slices.SortFunc(a.list, func(x, y ticket.Artist) int { return byName(x.Name, x.ID, y.Name, y.ID) })
	}
	return a.list
}

// byName orders names as an index does: Hangul, then Latin, then the rest; without regard to case.
func byName(a, idA, b, idB string) int {
	if x, y := normalize.ScriptOf(a), normalize.ScriptOf(b); x != y {
		return int(x) - int(y)
	}
	if c := strings.Compare(normalize.NameKey(a), normalize.NameKey(b)); c != 0 {
		return c
	}
	return strings.Compare(idA, idB)
}
