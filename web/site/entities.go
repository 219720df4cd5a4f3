package site

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
)

// Entities knows artists and venues by their ids; an id that leads on is answered with the one it leads to.
type Entities interface {
	Artist(id string) (ticket.Artist, error)
	Venue(id string) (ticket.Venue, error)
	Artists() []ticket.Artist // in the order of their names, those in Hangul first
	Venues() []ticket.Venue   // by region and name
}

// perPage is how many performances a page of an artist or venue shows, perIndex how many names an index does.
const (
	perPage  = 40
	perIndex = 120
)

// Stage is the performances of an artist or venue on one page: what has not ended, and the past.
type Stage struct {
	Current, Past []Card
	Total         int
	Pager
}

// Pager leads to the pages before and behind.
type Pager struct {
	Page, Pages int
	Prev, Next  string
}

// Person is an artist as lists show one.
type Person struct {
	ID, Name string
	Notes    []string
	Current  int // performances that have not ended
}

type artistPage struct {
	Base
	A      ticket.Artist
	Genres []string
	With   []Person
	Stage
	JSONLD map[string]any
}

func (h handlers) artist(c echo.Context) error {
	id, values := c.Param("id"), only(c.QueryParams(), "page")
	return h.show(c, "artist", values, func(_ context.Context, now time.Time) (made, error) { return h.fillArtist(id, values, now) })
}

func (h handlers) fillArtist(id string, values url.Values, now time.Time) (made, error) {
	a, err := h.Entities.Artist(id)
	if err != nil {
		return made{}, err
	}
	if a.ID != id {
		return made{}, elsewhere("/artists/" + url.PathEscape(a.ID))
	}
	all, err := h.Search.Search(search.Query{Artist: a.ID, Sort: search.ByRun, WithEnded: true}, now)
	if err != nil {
		return made{}, err
	}
	p := artistPage{Base: h.base(a.Name), A: a, With: h.besides(all.Items, a.ID)}
	for _, g := range a.Genres {
		p.Genres = append(p.Genres, GenreLabel(g))
	}
	p.Canonical = "/artists/" + url.PathEscape(a.ID)
	p.Description = strings.TrimSpace(a.Name + " 공연 일정과 예매처. " + strings.Join(p.Genres, ", "))
	p.Stage = stage(values, p.Canonical, all.Items, now, func(card *Card) { card.Role = card.RoleOf(a.ID) })
	p.JSONLD = personLD(a, p.Current)
	return made{data: p}, nil
}

// stage cuts the page out of performances that come in the order ByRun.
func stage(values url.Values, path string, all []*ticket.Performance, now time.Time, dress func(*Card)) Stage {
	s := Stage{Total: len(all)}
	var from, to int
	s.Pager, from, to = pager(values, path, nil, len(all), perPage)
	for _, p := range all[from:to] {
		one := card(p, now)
		if dress != nil {
			dress(&one)
		}
		if one.Status == ticket.Ended {
			s.Past = append(s.Past, one)
		} else {
			s.Current = append(s.Current, one)
		}
	}
	return s
}

// pager reads the number of the page asked for; one beyond the last is the last.
func pager(values url.Values, path string, q url.Values, total, size int) (p Pager, from, to int) {
	p.Pages = max(1, (total+size-1)/size)
	n, err := strconv.Atoi(values.Get("page"))
	if err != nil {
		n = 1
	}
	p.Page = min(max(n, 1), p.Pages)
	link := func(n int) string {
		if n < 1 || n > p.Pages {
			return ""
		}
		v := url.Values{}
		maps.Copy(v, q)
		if n > 1 {
			v.Set("page", itoa(n))
		}
		if len(v) == 0 {
			return path
		}
		return path + "?" + v.Encode()
	}
	p.Prev, p.Next = link(p.Page-1), link(p.Page+1)
	from = min((p.Page-1)*size, total)
	return p, from, min(from+size, total)
}

// besides lists those who stand with an artist most often.
func (h handlers) besides(all []*ticket.Performance, id string) []Person {
	often := map[string]int{}
	for _, p := range all {
		seen := map[string]bool{id: true, "": true}
		for _, m := range p.Cast {
			if !seen[m.ArtistID] {
				often[m.ArtistID]++
			}
			seen[m.ArtistID] = true
		}
	}
	var out []Person
	for other, n := range often {
		if a, err := h.Entities.Artist(other); err == nil { // one who was only just renamed is left out
			out = append(out, Person{ID: a.ID, Name: a.Name, Notes: []string{itoa(n) + "편 함께"}, Current: n})
		}
	}
	slices.SortFunc(out, func(a, b Person) int {
		return cmp.Or(b.Current-a.Current, strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), 12)]
}

// personLD is an artist as search engines read one.
func personLD(a ticket.Artist, current []Card) map[string]any {
	ld := map[string]any{"@context": "https://schema.org", "@type": "Person", "name": a.Name}
	if a.IsGroup {
		ld["@type"] = "PerformingGroup"
	}
	if len(a.Aliases) > 0 {
		ld["alternateName"] = a.Aliases
	}
	var groups []map[string]any
	for _, g := range a.Groups {
		groups = append(groups, map[string]any{"@type": "PerformingGroup", "name": g})
	}
	if groups != nil {
		ld["memberOf"] = groups
	}
	if events := eventsLD(current); events != nil {
		ld["performerIn"] = events
	}
	return ld
}

func eventsLD(current []Card) []map[string]any {
	var out []map[string]any
	for _, one := range current[:min(len(current), 20)] {
		e := jsonLD(one.Performance)
		delete(e, "@context")
		e["url"] = "/p/" + url.PathEscape(one.ID)
		out = append(out, e)
	}
	return out
}
