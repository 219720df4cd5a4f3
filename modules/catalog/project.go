package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

// Project rebuilds a performance from its listings and openings, keeps it, and publishes what people would see change. A
// performance without listings is removed; its alias was written before.
func (c *Catalog) Project(ctx context.Context, id string, by ticket.Origin) error {
	return retry(func() error {
		var old ticket.Performance
		gerr := c.data.Get(ctx, id, &old)
		if gerr != nil && !errors.Is(gerr, store.ErrNotFound) {
			return gerr
		}
		if err := c.settle(ctx, c.data, id, old.Version, old.Pending); err != nil {
			return err
		}
		old.Pending = nil
		members, err := c.Members(ctx, id)
		if err != nil {
			return err
		}
		c.artists.stand(id, members)
		if len(members) == 0 {
			c.halls.stand(id, "", ticket.Place{})
			return c.remove(ctx, old, by)
		}
		next, err := c.build(ctx, id, members)
		if err != nil {
			return err
		}
		return c.keep(ctx, old, next, by)
	})
}

// keep writes a rebuilt performance when anything about it differs. A difference in content is a change; one in which
// artist or venue its names stand for is a change too, but never the source's.
func (c *Catalog) keep(ctx context.Context, old, next ticket.Performance, by ticket.Origin) error {
	differs := old.Version == 0 || next.ContentHash != contentHash(old)
	next.ChangedAt, next.Version = old.ChangedAt, old.Version
	if differs {
		next.ChangedAt = by.At
	}
	c.halls.stand(next.ID, next.VenueID, next.Place)
	if hash(next) == hash(old) {
		return nil
	}
	isNew := old.Version == 0
	var a aliasDoc // one that was merged, or nearly, goes on counting behind that, so that no change has the id of another
	if err := c.aliases.Get(ctx, next.ID, &a); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	next.Version = max(old.Version, a.Version) + 1
	switch {
	case differs:
		next.Pending = []ticket.Change{change("performance", next.ID, next.Version, by, performanceDiff(old, next))}
	case !slices.Equal(entitiesOf(old), entitiesOf(next)):
		by.Cause = ticket.CauseMerge
		next.Pending = []ticket.Change{change("performance", next.ID, next.Version, by, []ticket.Diff{{Field: "entities"}})}
	}
	var err error
	if isNew {
		err = c.data.Insert(ctx, next)
	} else {
		err = c.data.Replace(ctx, next, old.Version)
	}
	if err != nil {
		return err
	}
	if a.ID != "" { // its id stands for itself again
		if _, err := c.aliases.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.Eq, Value: next.ID}); err != nil {
			return err
		}
	}
	return c.settle(ctx, c.data, next.ID, next.Version, next.Pending)
}

// remove takes a performance away whose listings stand elsewhere now. The feed is told first: a reader that then finds
// nothing forgets it.
func (c *Catalog) remove(ctx context.Context, old ticket.Performance, by ticket.Origin) error {
	if old.Version == 0 {
		return nil
	}
	var a aliasDoc
	if err := c.aliases.Get(ctx, old.ID, &a); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if by.Cause != ticket.CauseAdmin {
		by.Cause = ticket.CauseMerge
	}
	version := old.Version + 1
	if err := c.aliases.Upsert(ctx, aliasDoc{ID: old.ID, To: a.To, Version: version}); err != nil {
		return err
	}
	ch := change("performance", old.ID, version, by, []ticket.Diff{{Field: "merged", Old: old.ID, New: a.To}})
	if err := c.publish(ctx, []ticket.Change{ch}); err != nil {
		return err
	}
	_, err := c.data.DeleteWhere(ctx, store.Cond{Field: "_id", Op: store.Eq, Value: old.ID})
	return err
}

// build projects listings and openings. The order in which they arrived plays no part: sources are laid over each other
// in a fixed order.
func (c *Catalog) build(ctx context.Context, id string, members []ticket.Listing) (ticket.Performance, error) {
	slices.SortFunc(members, byBelief)
	var openings []ticket.Opening
	if err := c.openings.Find(ctx, store.Query{Where: []store.Cond{{Field: "performance_id", Op: store.Eq, Value: id}}}, &openings); err != nil {
		return ticket.Performance{}, err
	}
	p := ticket.Performance{ID: id}
	var content ticket.Content
	p.Withdrawn = !slices.ContainsFunc(members, func(l ticket.Listing) bool { return l.GoneAt == nil })
	images := make([]ticket.Content, len(members))
	for i, l := range members {
		written, image := pictured(&members[i])
		under(&content, written)
		if l.GoneAt == nil || p.Withdrawn { // what is gone shows no pictures
			images[i] = image
		}
		p.FirstSeenAt = earlier(p.FirstSeenAt, l.FirstSeenAt)
		if PerformanceID(l.Key) == id {
			p.Founder = l.Key
		}
		if !slices.Contains(p.Sources, l.Source) {
			p.Sources = append(p.Sources, l.Source)
		}
		p.Offers = addOffers(p.Offers, l)
	}
	p.FromImage = fillAll(&content, images)
	p.StripText, p.Discounts, p.Rounds = content.StripText, content.Discounts, content.Rounds
	place, err := c.locate(ctx, content.Place, members)
	if err != nil {
		return p, err
	}
	p.Title, p.Genre, p.Tags, p.Period, p.Place = content.Title, content.Genre, content.Tags, content.Period, place
	p.VenueID = c.venueAt(place, members)
	if f, ok := c.halls.facility(p.VenueID); ok { // whatever of its halls the show is in, the house stands where it stands
		p.Place = completed(p.Place, f.Place)
	}
	p.RunningMinutes, p.IntermissionMinutes = content.RunningMinutes, content.IntermissionMinutes
	p.Fixture = content.Fixture
	p.AgeText, p.MinAgeYears, p.Cast, p.PosterURL = content.AgeText, content.MinAgeYears, c.artists.named(content.Genre, content.Cast), content.PosterURL
	p.Synopsis, p.TimesText = content.Synopsis, content.TimesText
	if !slices.ContainsFunc(p.Offers, func(o ticket.Offer) bool { return len(o.Prices) > 0 }) {
		p.Prices = content.Prices
	}
	p.FromImage = slices.DeleteFunc(p.FromImage, func(name string) bool {
		return name == ticket.ImagePrices && len(p.Prices) == 0 || name == ticket.ImageOpens && len(p.Offers) > 0 // the offers bear those marks
	})
	p.Openings = refsOf(openings)
	for i := range p.Offers {
		announce(&p.Offers[i], p.Openings)
	}
	for _, o := range p.Offers {
		p.Exclusive = p.Exclusive || o.Exclusive
	}
	p.Exclusive = p.Exclusive && len(p.Offers) == 1
	p.Conflicts = conflicts(members, p.Openings)
	p.ContentHash = contentHash(p)
	return p, nil
}

// refsOf are openings as a performance carries them, in the order of time.
func refsOf(openings []ticket.Opening) (out []ticket.OpeningRef) {
	for _, o := range openings {
		out = append(out, ticket.OpeningRef{ID: o.ID, Seller: o.Content.Seller, Round: o.Content.Round,
			Kind: o.Content.Kind, OpensAt: o.Content.OpensAt, URL: o.Content.URL, Presales: o.Content.Presales})
	}
	slices.SortFunc(out, func(a, b ticket.OpeningRef) int {
		return cmp.Or(timeOf(a.OpensAt).Compare(timeOf(b.OpensAt)), strings.Compare(a.ID, b.ID))
	})
	return out
}

// fillAll lays what pictures say under what is written anywhere, and names the fields that only they know.
func fillAll(content *ticket.Content, images []ticket.Content) (names []string) {
	for _, image := range images {
		names = append(names, fill(content, image)...)
	}
	return names
}

// announce gives an offer the opening its seller gave notice of, where its page names none. A notice goes before a picture.
func announce(o *ticket.Offer, openings []ticket.OpeningRef) {
	at := announced(openings, o.Seller)
	if i := slices.Index(o.FromImage, ticket.ImageOpens); i >= 0 && at != nil {
		o.OpensAt, o.FromImage = at, slices.Delete(slices.Clone(o.FromImage), i, i+1)
	}
	o.OpensAt = cmp.Or(o.OpensAt, at)
}

// announced is the first opening a seller gave notice of; nil when it gave none.
func announced(openings []ticket.OpeningRef, seller ticket.Seller) *time.Time {
	for _, o := range openings { // in the order of time
		if o.Seller == seller && o.OpensAt != nil {
			return o.OpensAt
		}
	}
	return nil
}

// PerformanceID is the id of the performance a listing founds.
func PerformanceID(listingKey string) string { return ticket.ID("performance", listingKey) }

// byBelief orders listings as they are laid over each other.
func byBelief(a, b ticket.Listing) int {
	return cmp.Or(belief(a)-belief(b), strings.Compare(a.Key, b.Key))
}

// belief is the order in which listings are believed about the show itself: the sellers' before a registry's.
func belief(l ticket.Listing) int {
	if i := slices.Index(ticket.Sellers(), l.Content.Seller); i >= 0 {
		return i
	}
	return len(ticket.Sellers())
}

// addOffers adds what a listing offers. A seller's own listing and a registry's link to it are one offer, the seller's.
func addOffers(offers []ticket.Offer, l ticket.Listing) []ticket.Offer {
	c := l.Content
	if l.GoneAt != nil { // its source names it no more
		c.SaleState = ticket.Ended
	}
	if c.Seller != "" && c.URL != "" {
		return append(offers, ticket.Offer{ID: ticket.ID("offer", string(c.Seller), l.Code), Seller: c.Seller, ListingKey: l.Key,
			URL: c.URL, Title: c.Title, SaleState: c.SaleState, Exclusive: c.Exclusive, Prices: c.Prices, OpensAt: c.OpensAt, CheckedAt: l.FetchedAt,
			FromImage: ofOffer(c.FromImage)})
	}
	for _, link := range c.Links {
		id := ticket.ID("offer", string(link.Seller), link.Code)
		if link.Code == "" {
			id = ticket.ID("offer", link.URL)
		}
		if slices.ContainsFunc(offers, func(o ticket.Offer) bool { return o.ID == id }) {
			continue
		}
		o := ticket.Offer{ID: id, Seller: link.Seller, ListingKey: l.Key, URL: link.URL, Title: c.Title, SaleState: c.SaleState, Prices: c.Prices, Hearsay: true, CheckedAt: l.FetchedAt, FromImage: ofOffer(c.FromImage)}
		if link.Seller == ticket.OtherSeller {
			o.SellerName = link.SellerName
		}
		offers = append(offers, o)
	}
	return offers
}

// ofOffer are the names among those of fields read from pictures that are an offer's.
func ofOffer(names []string) (out []string) {
	for _, n := range names {
		if n == ticket.ImagePrices || n == ticket.ImageOpens {
			out = append(out, n)
		}
	}
	return out
}

// contentHash fingerprints what people see of a performance; when a seller was last asked is not part of it, nor which
// artists and venue its names stand for.
func contentHash(p ticket.Performance) string {
	p.Version, p.Pending, p.ContentHash, p.FirstSeenAt, p.ChangedAt, p.VenueID = 0, nil, "", time.Time{}, time.Time{}, ""
	p.Cast = slices.Clone(p.Cast)
	for i := range p.Cast {
		p.Cast[i].ArtistID, p.Cast[i].Also = "", ""
	}
	p.Offers = slices.Clone(p.Offers)
	for i := range p.Offers {
		p.Offers[i].CheckedAt = time.Time{}
	}
	return hash(p)
}

func performanceDiff(old, next ticket.Performance) []ticket.Diff {
	if old.Version == 0 {
		return []ticket.Diff{{Field: "performance", New: next.Title}}
	}
	out := differing([]ticket.Diff{
		{Field: "title", Old: old.Title, New: next.Title},
		{Field: "genre", Old: string(old.Genre), New: string(next.Genre)},
		{Field: "period", Old: showPeriod(old.Period), New: showPeriod(next.Period)},
		{Field: "venue", Old: old.Place.Name, New: next.Place.Name},
		{Field: "region", Old: string(old.Place.Region), New: string(next.Place.Region)},
		{Field: "offers", Old: showOffers(old.Offers), New: showOffers(next.Offers)},
		{Field: "prices", Old: showOfferPrices(old.Offers), New: showOfferPrices(next.Offers)},
		{Field: "openings", Old: showOpenings(old.Openings), New: showOpenings(next.Openings)},
	})
	if len(out) == 0 {
		out = []ticket.Diff{{Field: "details"}}
	}
	return out
}

func differing(all []ticket.Diff) []ticket.Diff {
	return slices.DeleteFunc(all, func(d ticket.Diff) bool { return d.Old == d.New })
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func showTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(ticket.Seoul).Format(time.RFC3339)
}

func showPeriod(p ticket.Period) string {
	if !p.Known() {
		return ""
	}
	if p.OpenRun {
		return string(p.Start) + " ~"
	}
	return string(p.Start) + " ~ " + string(p.End)
}

func showPrices(prices []ticket.Price) string {
	parts := make([]string, len(prices))
	for i, p := range prices {
		parts[i] = strings.TrimSpace(fmt.Sprintf("%s %d", p.Grade, p.Won))
	}
	return strings.Join(parts, ", ")
}

func showOffers(offers []ticket.Offer) string {
	parts := make([]string, len(offers))
	for i, o := range offers {
		parts[i] = string(o.Seller)
	}
	return strings.Join(parts, ", ")
}

func showOfferPrices(offers []ticket.Offer) string {
	parts := make([]string, len(offers))
	for i, o := range offers {
		parts[i] = string(o.Seller) + ": " + showPrices(o.Prices)
	}
	return strings.Join(parts, "; ")
}

func showOpenings(openings []ticket.OpeningRef) string {
	parts := make([]string, len(openings))
	for i, o := range openings {
		parts[i] = string(o.Seller) + " " + showTime(o.OpensAt)
	}
	return strings.Join(parts, ", ")
}
