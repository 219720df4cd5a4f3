package ticketlink

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/page"
	"ticketmoa/modules/ticket"
)

const (
	baseball   = "137" // the category of KBO; the others' are not known
	seasonDays = 120   // how far ahead fixtures are asked for
)

// clubs are the baseball clubs whose tickets Ticketlink sells, by its team id: Samsung, KIA, LG, KT, Hanwha.
var clubs = []string{"57", "58", "59", "62", "63"}

func schedules(team string, now time.Time) sellers.Request {
	from := ticket.DateOf(now)
	day := func(d ticket.Date) string { return d.Time().Format("20060102") }
	return sellers.Request{Kind: ticket.ListPage, Header: map[string]string{"Accept": "application/json", "Referer": clubURL(team)},
		URL: fmt.Sprintf("%s/mapi/sports/schedules?categoryId=%s&teamId=%s&startDate=%s&endDate=%s", api, baseball, team, day(from), day(from.AddDays(seasonDays)))}
}

func clubURL(team string) string { return site + "/sports/" + baseball + "/" + team }

type club struct {
	ID    page.Scalar `json:"teamId"`
	Name  page.Scalar `json:"teamName"`
	Short page.Scalar `json:"teamShortName"`
}

func (c club) name() string {
	if c.Name != "" {
		return string(c.Name)
	}
	return string(c.Short)
}

// schedule is one match of mapi/sports/schedules.
type schedule struct {
	ID       page.Scalar `json:"scheduleId"`
	Date     page.Scalar `json:"scheduleDate"`
	Title    page.Scalar `json:"matchTitle"`
	Home     club        `json:"homeTeam"`
	Away     club        `json:"awayTeam"`
	Product  page.Scalar `json:"productName"`
	Venue    page.Scalar `json:"venueName"`
	Opens    page.Scalar `json:"reserveOpenDateTime"`
	OpensDay page.Scalar `json:"reserveOpenDate"`
	Presale  page.Scalar `json:"reservePreOpenDateTime"`
	Status   page.Scalar `json:"reserveButtonStatus"`
}

var reVersus = regexp.MustCompile(`(?i)^(.+?)\s+vs\.?\s+(.+?)$`)

// teams are the two of a match; where it does not name them apart, as its title does.
func (s schedule) teams() (home, away string) {
	home, away = s.Home.name(), s.Away.name()
	for _, title := range []page.Scalar{s.Title, s.Product} {
		if m := reVersus.FindStringSubmatch(string(title)); m != nil && (home == "" || away == "") {
			return m[1], m[2]
		}
	}
	return home, away
}

// add adds a match as a show, and as an opening that leads to it where its sale is dated.
func (s schedule) add(r *sellers.Result, team string) {
	id, when := s.ID.Digits(), epochMinute(s.Date)
	home, away := s.teams()
	if id == "" || when == "" || home == "" || away == "" {
		return
	}
	if t := s.Home.ID.Digits(); t != "" {
		team = t
	}
	code := "match-" + id // a match and a product may bear the same number
	show := sellers.RawShow{Code: code, URL: clubURL(team), Title: home + " vs " + away, GenreText: "스포츠", VenueText: string(s.Venue),
		PeriodText: when[:len("2006.01.02")], TimesText: when[len("2006.01.02 "):], Home: home, Away: away, StateText: state(s.Status)}
	show.OpensText = string(s.Opens)
	if show.OpensText == "" {
		show.OpensText = string(s.OpensDay)
	}
	r.Shows = append(r.Shows, show)
	if show.OpensText == "" && s.Presale == "" {
		return
	}
	n := sellers.RawNotice{ID: code, URL: show.URL, Title: show.Title, OpensText: show.OpensText, VenueText: show.VenueText, PeriodText: show.PeriodText,
		TimesText: show.TimesText, GenreText: show.GenreText, ProductCode: code, ProductURL: show.URL}
	if s.Presale != "" {
		n.Presales = []sellers.RawPresale{{Name: "선예매", Text: string(s.Presale)}}
	}
	r.Notices = append(r.Notices, n)
}

// state is the sale state in the words other pages use.
func state(s page.Scalar) string {
	switch s {
	case "SOLD_OUT":
		return "매진"
	case "END", "END_SALE", "SALE_END":
		return "판매종료"
	}
	return string(s)
}

// epochMinute writes an instant in milliseconds as the day and minute it is in Seoul; "" for anything else.
func epochMinute(s page.Scalar) string {
	at, ok := epoch(s)
	if !ok {
		return ""
	}
	return at.Format("2006.01.02 15:04")
}

// parseDates reads mapi/product/{id}/datesByUtc: an instant for every show still to come.
func parseDates(p *ticket.Page) (sellers.Result, error) {
	var answer struct {
		Data *[]struct {
			Date page.Scalar `json:"productDate"`
		} `json:"data"`
	}
	if err := page.JSON(p, &answer); err != nil {
		return sellers.Result{}, err
	}
	code := page.Scalar(p.Code).Digits()
	if m := reDatesPath.FindStringSubmatch(p.URL); code == "" && m != nil {
		code = m[1]
	}
	if answer.Data == nil || code == "" {
		return sellers.Result{}, fmt.Errorf("%w: %s has no days of a product", sellers.ErrNotOurs, p.URL)
	}
	s := sellers.RawShow{Code: code, URL: productURL(code), Supplement: true}
	var days []string
	for _, d := range *answer.Data {
		if day := epochDay(d.Date); day != "" {
			days = append(days, day)
		}
	}
	slices.Sort(days)
	s.PeriodText = strings.Join(slices.Compact(days), ", ")
	return sellers.Result{Shows: []sellers.RawShow{s}}, nil
}
