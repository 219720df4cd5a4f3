package catalog

import (
	"cmp"
	"slices"

	"ticketmoa/modules/match"
	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// titleRules counts the versions of the rules by which titles are taken apart. Raise it with every change of normalize.Title or
// normalize.Forms that another reading of kept titles should follow.
const titleRules = 1

// todays are the keys of a title by today's rules: kept is what a listing of whatever age keeps.
func todays(kept ticket.TitleKeys, raw string) ticket.TitleKeys {
	if kept.Core == "" || kept.Made != titleRules {
		return titleKeys(raw)
	}
	return kept
}

// titleKeys works out what a title is matched by.
func titleKeys(raw string) ticket.TitleKeys {
	t := normalize.Title(raw)
	f := normalize.Forms(t.Show, t.Core)
	return ticket.TitleKeys{Core: t.Core, Forms: f.Forms, Gist: f.Gist, Numbers: f.Numbers, City: t.City, Made: titleRules}
}

// showOf is a listing as the matcher sees it: what is written, for a picture's word joins and parts no shows.
func (c *Catalog) showOf(l *ticket.Listing) match.Show {
	written, _ := pictured(l)
	k, title := &written, todays(l.Title, l.Content.TitleRaw)
	s := match.Show{Key: l.Key, Source: l.Source, Role: match.Sells, Core: title.Core, Forms: title.Forms, Gist: title.Gist, Numbers: title.Numbers,
		Period: k.Period, Genre: k.Genre, Wons: regularWons(k.Prices), Cast: castKeys(k.Cast), Seen: l.FirstSeenAt, City: title.City}
	s.Region, s.Town = c.whereIs(k.Place, title.City)
	if k.Seller == "" {
		s.Role = match.Registers
	}
	venueKeys(&s, k.Place.Name)
	if k.Fixture != nil {
		s.Fixture = fixtureKey(k)
		s.Core, s.Forms, s.Gist, s.Numbers = s.Fixture, nil, s.Fixture, nil
	}
	for _, link := range k.Links {
		if link.Code != "" {
			s.Links = append(s.Links, ticket.Key(string(link.Seller), link.Code))
		}
	}
	return s
}

// noticeOf is an opening as the matcher sees it.
func noticeOf(o *ticket.Opening) match.Show {
	k, title := &o.Content, todays(o.Title, o.Content.TitleRaw)
	s := match.Show{Key: o.ID, Source: o.Source, Role: match.Announces, Core: title.Core, Forms: title.Forms, Gist: title.Gist, Numbers: nil,
		Period: k.Period, Genre: k.Genre, Wons: regularWons(k.Prices), Seen: o.FirstSeenAt, City: title.City}
	s.Region, s.Town = k.Place.Region, k.Place.District // as it was read: what is learnt of halls later moves no notice
	venueKeys(&s, k.Place.Name)
	if o.ProductKey != "" {
		s.Links = []string{o.ProductKey}
	}
	return s
}

// whereIs is the province and the town of a show: what its source says, what its venue's name tells, else the city its title
// ends with.
func (c *Catalog) whereIs(p ticket.Place, titleCity string) (ticket.Region, string) {
	if p.Region != "" && p.District != "" {
		return p.Region, p.District
	}
	if p.Name != "" {
		if hall, ok := c.places.find(p); ok && hall.Region != "" && (p.Region == "" || p.Region == hall.Region) {
			return hall.Region, hall.District
		}
	}
	if p.Region == "" && titleCity != "" {
		return normalize.City(titleCity)
	}
	return p.Region, ""
}

// venueKeys adds what a venue is matched by; nothing for one that is not decided.
func venueKeys(s *match.Show, name string) {
	if _, known := normalize.Place(name); !known {
		return
	}
	f := normalize.VenueForm(name)
	s.Venue, s.VenueMain, s.VenueGist, s.Halls = normalize.VenueKey(name), f.Main, f.Gist, f.Halls
}

// fixtureKey is what two listings of one match have in common: who plays, and when it begins.
func fixtureKey(k *ticket.Content) string {
	return normalize.Title(k.Fixture.Home+" vs "+k.Fixture.Away).Core + string(k.Period.Start) + cmp.Or(startTime(k.TimesText), normalize.NameKey(k.TimesText))
}

// castKeys are the names of a cast folded, in order, at most a dozen: enough to tell.
func castKeys(cast []ticket.CastMember) []string {
	var out []string
	for _, m := range cast[:min(len(cast), 12)] {
		if k := normalize.NameKey(m.Name); k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// regularWons are the prices everybody pays, each once, rising.
func regularWons(prices []ticket.Price) []ticket.Won {
	var out []ticket.Won
	for _, p := range prices {
		if !p.Discount() && p.Won > 0 {
			out = append(out, p.Won)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
