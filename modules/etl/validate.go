package etl

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// The bounds a value must lie in to be believed.
const (
	longestRunDays = 366 * 20
	aheadDays      = 366 * 5
	earliestDay    = ticket.Date("1990-01-01")
	longestTitle   = 300
)

// bareNotice is a title that says only that something opens, not what.
var bareNotice = regexp.MustCompile(`^\s*(?:티켓|예매)\s*오픈\s*(?:안내)?\s*$`)

// noShow is what sellers list beside shows: rooms for the night, memberships, draws.
var noShow = regexp.MustCompile(`(?i)\+\s*hotels?\s*$|럭키\s*드로우|lucky?\s*-?\s*draw|팬클럽\s*(?:\d+기\s*)?(?:회원\s*)?(?:모집|가입)|멤버십\s*(?:가입|판매|모집)`)

// testListing is how sellers mark what they list only to try their own shops.
var testListing = regexp.MustCompile(`(?i)\[\s*test\s*\]|test\]|［\s*test\s*］|［[^］]{0,4}테스트］|\[[^\]]{0,4}테스트\]|구매\s*금지|구매\s*불가|강제\s*취소`)

var (
	errNoShow   = errors.New("it is a package, a membership or a draw, not a show")
	errTest     = errors.New("the seller lists it only as a test")
	errNoCode   = errors.New("the source names no code, so nobody can tell what it is about")
	errNoTitle  = errors.New("there is no title with a letter in it, so nobody can tell what it is about")
	errLongName = fmt.Errorf("the title is longer than %d characters, so it is not one", longestTitle)
)

// validate holds every value against what can be: what cannot is withheld, and the whole record when its identity is in
// doubt.
func (w *work) validate() {
	w.listings = slices.DeleteFunc(w.listings, func(l listing) bool { return !w.identified(l.code, l.content.Title, l.content.TitleRaw, l.title) })
	w.openings = slices.DeleteFunc(w.openings, func(o opening) bool { return !w.identified(o.notice, o.content.Title, o.content.TitleRaw, true) })
	w.venues = slices.DeleteFunc(w.venues, func(f ticket.Facility) bool {
		_, code, _ := ticket.SplitKey(f.Key)
		return !w.identified(code, f.Place.Name, f.Place.Name, true)
	})
	for i := range w.listings {
		l := &w.listings[i]
		w.validShow(l.code, &l.content)
	}
	for i := range w.openings {
		o := &w.openings[i]
		w.validOpening(o.notice, &o.content)
	}
}

// identified tells whether a record says what it is about. One that is not named by its own page (named is false) is told
// by its code alone.
func (w *work) identified(code, title, raw string, named bool) bool {
	switch {
	case strings.TrimSpace(code) == "":
		w.refuse("", "", raw, title, errNoCode)
	case !named:
		return true
	case testListing.MatchString(raw):
		w.refuse(code, "", raw, title, errTest)
	case noShow.MatchString(title):
		w.refuse(code, "", raw, title, errNoShow)
	case bareNotice.MatchString(title):
		w.refuse(code, "", raw, title, errNoTitle)
	case normalize.Title(title).Core == "" && normalize.VenueKey(title) == "":
		w.refuse(code, "", raw, title, errNoTitle)
	case len([]rune(title)) > longestTitle:
		w.refuse(code, "", raw, title, errLongName)
	default:
		return true
	}
	return false
}

func (w *work) validShow(code string, c *ticket.Content) {
	c.Period = w.validPeriod(code, c.Period)
	if c.OpensAt != nil && c.Period.Known() && !c.Period.OpenRun && ticket.DateOf(*c.OpensAt) > c.Period.End {
		at := c.OpensAt.In(ticket.Seoul).Format(time.RFC3339)
		w.refuse(code, "opens_at", cmp.Or(w.wrote(code).opens, at), at, fmt.Errorf("sales would open after the last day %s", c.Period.End))
		c.OpensAt = nil
	}
	if c.URL != "" {
		c.URL = w.validURL(code, "url", c.URL, w.source.Info().OfferHosts)
	}
	var links []ticket.Link
	for _, l := range c.Links {
		if claimed := claims(l.SellerName); claimed != "" && claimed != l.Seller {
			if _, err := normalize.OfferURL(l.URL, sellerHosts(claimed)); err != nil {
				w.refuse(code, "offers", l.URL, string(l.Seller), fmt.Errorf("it is called %s but does not lead there: %w", l.SellerName, err))
				continue
			}
			l.Seller = claimed
		}
		if l.URL = w.validURL(code, "offers", l.URL, w.linkHosts(l)); l.URL == "" {
			continue
		}
		if !slices.ContainsFunc(links, func(o ticket.Link) bool { return o.URL == l.URL }) {
			links = append(links, l)
		}
	}
	c.Links = links
}

// validURL keeps a URL that leads to one of hosts; "" when it does not.
func (w *work) validURL(code, field, raw string, hosts []string) string {
	safe, err := normalize.OfferURL(raw, hosts)
	if err != nil {
		w.hold(code, field, raw, err)
		return ""
	}
	return w.etl.rebased(safe)
}

// rebased leads a URL to the address that stands for its host, when there is one.
func (e *ETL) rebased(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || e.cfg.OfferBase[u.Hostname()] == "" {
		return raw
	}
	base, err := url.Parse(e.cfg.OfferBase[u.Hostname()])
	if err != nil {
		return raw
	}
	u.Scheme, u.Host = base.Scheme, base.Host
	return u.String()
}

// claims is the seller of ours that a registry's name for a link means; "" for any other.
func claims(name string) ticket.Seller {
	for word, seller := range map[string]ticket.Seller{"인터파크": ticket.Interpark, "놀유니버스": ticket.Interpark, "예스24": ticket.YES24,
		"티켓링크": ticket.Ticketlink, "멜론티켓": ticket.Melon} {
		if strings.Contains(name, word) {
			return seller
		}
	}
	return ""
}

// linkHosts is where a registry's link may lead: a known seller's own hosts, or, for a seller beyond ours, the host the
// registry names, as long as it is a public name.
func (w *work) linkHosts(l ticket.Link) []string {
	if l.Seller == ticket.OtherSeller {
		return []string{publicHost(l.URL)}
	}
	var hosts []string
	for _, src := range w.etl.deps.Sources {
		if info := src.Info(); info.Seller == l.Seller {
			hosts = append(hosts, info.OfferHosts...)
		}
	}
	return append(hosts, sellerHosts(l.Seller)...)
}

// publicHost is the host of a URL when it is a public name, else "".
func publicHost(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	_, ipErr := netip.ParseAddr(host)
	if ipErr == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".localhost") {
		return ""
	}
	return host
}

// sellerHosts are the hosts of the sellers a registry may link to before we have a source for them.
func sellerHosts(s ticket.Seller) []string {
	switch s {
	case ticket.Interpark:
		return []string{"interpark.com", "nol.yanolja.com"}
	case ticket.YES24:
		return []string{"ticket.yes24.com"}
	case ticket.Ticketlink:
		return []string{"ticketlink.co.kr"}
	case ticket.Melon:
		return []string{"ticket.melon.com", "tkglobal.melon.com"}
	}
	return nil
}

func (w *work) validOpening(notice string, c *ticket.OpeningContent) {
	c.Period = w.validPeriod(notice, c.Period)
	if c.URL != "" {
		hosts := w.source.Info().OfferHosts
		if len(hosts) == 0 { // a registry's notice leads to the seller it names
			hosts = w.linkHosts(ticket.Link{Seller: c.Seller, URL: c.URL})
		}
		c.URL = w.validURL(notice, "url", c.URL, hosts)
	}
	if c.OpensAt == nil {
		return
	}
	day := ticket.DateOf(*c.OpensAt)
	var err error
	switch {
	case day < earliestDay || day > w.day().AddDays(aheadDays):
		err = fmt.Errorf("%s lies outside %s and five years from the page's day", day, earliestDay)
	case c.Period.Known() && !c.Period.OpenRun && day > c.Period.End:
		err = fmt.Errorf("sales would open after the last day %s", c.Period.End)
	}
	if err != nil {
		at := c.OpensAt.In(ticket.Seoul).Format(time.RFC3339)
		w.refuse(notice, "opens_at", cmp.Or(w.wrote(notice).opens, at), at, err)
		c.OpensAt = nil
	}
}

func (w *work) validPeriod(code string, p ticket.Period) ticket.Period {
	if !p.Known() {
		return p
	}
	var err error
	switch {
	case p.End != "" && p.End < p.Start:
		err = fmt.Errorf("it ends on %s, before it starts on %s", p.End, p.Start)
	case p.Start < earliestDay || p.Start > w.day().AddDays(aheadDays):
		err = fmt.Errorf("it starts on %s, outside %s and five years from the page's day", p.Start, earliestDay)
	case p.End != "" && p.Start.DaysUntil(p.End) > longestRunDays:
		err = fmt.Errorf("it would run for more than twenty years: %s to %s", p.Start, p.End)
	}
	if err != nil {
		run := string(p.Start) + " ~ " + string(p.End)
		w.refuse(code, "period", cmp.Or(w.wrote(code).period, run), run, err)
		return ticket.Period{}
	}
	return p
}

// written is what the source wrote of a record's dates, word for word.
type written struct{ period, opens string }

// wrote finds the words of a show or notice of the page; what a page names twice counts as it stands first.
func (w *work) wrote(code string) written {
	for _, s := range w.raw.Shows {
		if s.Code != code {
			continue
		}
		period := s.PeriodText
		if period == "" && s.StartText != "" {
			period = s.StartText + " ~ " + cmp.Or(s.EndText, s.StartText)
		}
		return written{period, s.OpensText}
	}
	for _, n := range w.raw.Notices {
		if n.ID == code {
			return written{n.PeriodText, strings.TrimSuffix(n.OpensText+"; "+n.GeneralText, "; ")}
		}
	}
	return written{}
}
