package kopis

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"regexp"
	"strings"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

var (
	reShow     = regexp.MustCompile(`^PF\d{4,10}$`)
	reFacility = regexp.MustCompile(`^FC\d{4,10}$`)
	reMarkup   = regexp.MustCompile(`</?[A-Za-z][^<>]{0,300}>`)
)

// Parse reads one answer. An error of the API's own, which comes with HTTP 200, is ErrRefused with its code and message.
func (source) Parse(p *ticket.Page) (sellers.Result, error) {
	switch p.Kind {
	case ticket.ListPage, ticket.DetailPage, ticket.FacilityPage:
	default:
		return sellers.Result{}, fmt.Errorf("%w: kopis has no pages of kind %q", sellers.ErrNotOurs, p.Kind)
	}
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s is empty", sellers.ErrNotOurs, p.URL)
	}
	root, err := tree(p.Body)
	if err != nil {
		return sellers.Result{}, fmt.Errorf("%w: %s: %w", sellers.ErrNotOurs, p.URL, err)
	}
	outer := append(root.all("dbs"), root.all("boxofs")...)
	rows := append(root.all("db"), root.all("boxof")...)
	if len(outer) == 0 && len(rows) == 0 {
		return sellers.Result{}, fmt.Errorf("%w: %s has no <dbs>", sellers.ErrNotOurs, p.URL)
	}
	for _, o := range outer {
		rows = append(append(rows, o.all("db")...), o.all("boxof")...)
	}
	rows = distinct(rows)
	for _, row := range append(rows, outer...) {
		if code := row.get("returncode"); code != "" && code != "00" {
			return sellers.Result{}, fmt.Errorf("%w: KOPIS answered %s: %s", sellers.ErrRefused, code, row.get("errmsg"))
		}
	}
	r := read(p.Kind, rows)
	switch {
	case len(r.Shows)+len(r.Facilities) > 0 || len(rows) == 0 && (p.Kind == ticket.ListPage || strings.Contains(p.URL, "/prfplc?")):
		return r, nil
	case len(rows) == 0:
		return r, fmt.Errorf("%w: %s", sellers.ErrGone, p.URL)
	}
	return r, fmt.Errorf("%w: %s has no rows of kind %s", sellers.ErrNotOurs, p.URL, p.Kind)
}

// distinct drops rows that were found both by themselves and inside of <dbs>.
func distinct(rows []*node) []*node {
	seen := make(map[*node]bool, len(rows))
	out := rows[:0]
	for _, r := range rows {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

func read(kind ticket.PageKind, rows []*node) sellers.Result {
	var r sellers.Result
	for _, row := range rows {
		if kind == ticket.FacilityPage {
			if f := readFacility(row); f.Code != "" && f.Name != "" {
				r.Facilities = append(r.Facilities, f)
			}
			continue
		}
		if s := readShow(row); s.Code != "" && s.Title != "" {
			s.Partial = kind == ticket.ListPage
			r.Shows = append(r.Shows, s)
		}
	}
	return r
}

func readShow(row *node) sellers.RawShow {
	code := row.get("mt20id")
	if !reShow.MatchString(code) {
		return sellers.RawShow{}
	}
	s := sellers.RawShow{
		Code: code, URL: "https://www.kopis.or.kr/por/db/pblprfr/pblprfrView.do?menuId=MNU_00020&mt20Id=" + code,
		Title: row.get("prfnm"), GenreText: row.get("genrenm"), VenueText: row.get("fcltynm"), RegionText: row.get("area"),
		StartText: row.get("prfpdfrom"), EndText: row.get("prfpdto"), OpenRunText: row.get("openrun"), CastText: row.get("prfcast"),
		RunningText: row.get("prfruntime"), AgeText: row.get("prfage"), TimesText: row.get("dtguidance"), PosterURL: row.get("poster"),
		CompanyText: companies(row), Synopsis: plain(row.get("sty")), StateText: row.get("prfstate"), KidsText: row.get("child"), FestivalText: row.get("festival"), VisitText: row.get("visit"),
	}
	if s.GenreText == "" { // the box office has names of its own
		s.Ranked = row.get("cate") != ""
		s.GenreText, s.VenueText, s.PeriodText = row.get("cate"), cmp.Or(s.VenueText, row.get("prfplcnm")), row.get("prfpd")
	}
	if c := row.get("mt10id"); reFacility.MatchString(c) {
		s.VenueCode = c
	}
	if price := row.get("pcseguidance"); price != "" {
		s.Prices = []sellers.RawPrice{{Text: price}}
	}
	for _, strip := range row.all("styurl") {
		if u := strings.TrimSpace(strip.text); u != "" {
			s.Strips = append(s.Strips, u)
		}
	}
	for _, relate := range row.all("relate") {
		if u := relate.get("relateurl"); u != "" {
			s.Links = append(s.Links, sellers.RawLink{Name: relate.get("relatenm"), URL: u})
		}
	}
	return s
}

// companies are who produces the show (entrpsnmP) and sends the artists (entrpsnmA), or both in one field (entrpsnm); hosts
// and organisers (entrpsnmH, entrpsnmS) are mostly the house and the town.
func companies(row *node) string {
	if both := strings.Trim(row.get("entrpsnmP")+", "+row.get("entrpsnmA"), ", "); both != "" {
		return both
	}
	return row.get("entrpsnm")
}

// plain is a synopsis without the markup its editors left in it.
func plain(s string) string {
	return strings.TrimSpace(html.UnescapeString(reMarkup.ReplaceAllString(html.UnescapeString(s), " ")))
}

func readFacility(row *node) sellers.RawFacility {
	code := row.get("mt10id")
	if !reFacility.MatchString(code) || row.get("mt20id") != "" {
		return sellers.RawFacility{}
	}
	f := sellers.RawFacility{
		Code: code, Name: row.get("fcltynm"), AddressText: row.get("adres"), //nolint:misspell // the API spells it so
		RegionText: strings.TrimSpace(row.get("sidonm") + " " + row.get("gugunnm")),
		LatText:    row.get("la"), LngText: row.get("lo"), SeatsText: row.get("seatscale"), Phone: row.get("telno"), Homepage: row.get("relateurl"),
	}
	for _, hall := range row.all("mt13") {
		if name := hall.get("prfplcnm"); name != "" {
			f.Halls = append(f.Halls, name)
		}
	}
	return f
}
