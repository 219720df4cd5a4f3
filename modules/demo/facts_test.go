package demo

import (
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

func checkShow(t *testing.T, p *ticket.Page, raw sellers.RawShow, s *show) {
	t.Helper()
	if s == nil {
		t.Errorf("%s: no show of code %s", p.URL, raw.Code)
		return
	}
	if got := normalize.Title(raw.Title).Core; got != coreOf(s) {
		t.Errorf("%s: title %q has the core %q, want %q", p.URL, raw.Title, got, coreOf(s))
	}
	if got := normalize.VenueKey(raw.VenueText); got != venueOf(s) {
		t.Errorf("%s: venue %q has the key %q, want %q", p.URL, raw.VenueText, got, venueOf(s))
	}
	got := periodOf(t, raw)
	if got.Start != s.start || !s.openRun && got.End != s.end {
		t.Errorf("%s: period %v, want %s to %s", p.URL, got, s.start, s.end)
	}
	if p.Kind != ticket.DetailPage {
		return
	}
	var prices []ticket.Price
	for _, one := range raw.Prices {
		got, err := normalize.Prices(strings.TrimSpace(one.Grade + " " + one.Text))
		if err != nil {
			t.Errorf("%s: prices %q: %v", p.URL, one, err)
		}
		prices = append(prices, got...)
	}
	if !slices.Equal(prices, s.prices) && (p.Source != interparkSite || len(prices) > 0) { // NOL keeps its prices apart
		t.Errorf("%s: prices %v, want %v", p.URL, prices, s.prices)
	}
	checkTimes(t, p, raw, s)
}

func checkTimes(t *testing.T, p *ticket.Page, raw sellers.RawShow, s *show) {
	t.Helper()
	minutes, rest, err := normalize.Running(raw.RunningText)
	if err != nil || (minutes == nil) != (s.minutes == 0) || minutes != nil && *minutes != s.minutes || rest != nil && *rest != s.pause {
		t.Errorf("%s: running time %q: %v", p.URL, raw.RunningText, err)
	}
	want := s.age.years
	if s.age.months > 0 {
		want = s.age.months / 12
	}
	if _, years, err := normalize.Age(raw.AgeText); err != nil || years == nil || *years != want {
		t.Errorf("%s: age %q is %v, want %d: %v", p.URL, raw.AgeText, years, want, err)
	}
	cast := raw.Cast
	if len(cast) == 0 {
		cast = normalize.CastLine(raw.CastText)
	}
	if apart := p.Source == interparkSite && !strings.Contains(string(p.Body), "castingList"); apart {
		cast = s.cast // its data name nobody, its page does
	}
	if len(cast) != len(s.cast) || len(cast) > 0 && cast[0].Name != s.cast[0].Name {
		t.Errorf("%s: cast %v, want %v", p.URL, cast, s.cast)
	}
	if p.Source == yes24Site || p.Source == melonSite || p.Source == interparkSite && raw.OpensText != "" {
		if at, err := normalize.Opens(raw.OpensText, noon); err != nil || at == nil || !at.Equal(s.opens) {
			t.Errorf("%s: opens %q is %v, want %v: %v", p.URL, raw.OpensText, at, s.opens, err)
		}
	}
	if p.Source != ticketlinkSite && raw.Synopsis != s.synopsis {
		t.Errorf("%s: synopsis %q, want %q", p.URL, raw.Synopsis, s.synopsis)
	}
}

func checkNotice(t *testing.T, p *ticket.Page, raw sellers.RawNotice, cat *catalogue) {
	t.Helper()
	if strings.HasPrefix(raw.ID, "match-") {
		return // checkMatch reads the same
	}
	all := cat.noticesOf(p.Source, 0)
	i := slices.IndexFunc(all, func(n *notice) bool { return n.id == raw.ID })
	if i < 0 {
		t.Errorf("%s: no notice %s", p.URL, raw.ID)
		return
	}
	n := all[i]
	title := normalize.Title(raw.Title)
	if title.Core != coreOf(n.show) || title.Round != n.round && p.Source != interparkSite {
		t.Errorf("%s: title %q is %q round %d, want %q round %d", p.URL, raw.Title, title.Core, title.Round, coreOf(n.show), n.round)
	}
	if at, err := normalize.Opens(raw.OpensText, noon); err != nil || at == nil || !at.Equal(n.opens) {
		t.Errorf("%s: opens %q is %v, want %v: %v", p.URL, raw.OpensText, at, n.opens, err)
	}
	if n.product != (raw.ProductCode != "") && (p.Source == ticketlinkSite || p.Kind == ticket.NoticePage) {
		t.Errorf("%s: product %q", p.URL, raw.ProductCode)
	}
	if p.Kind != ticket.NoticePage {
		return
	}
	if normalize.VenueKey(raw.BodyVenueText) != venueOf(n.show) {
		t.Errorf("%s: venue %q", p.URL, raw.BodyVenueText)
	}
	if got, err := normalize.Period(raw.PeriodText, ticket.DateOf(noon)); err != nil || got.Start != n.show.start || got.End != n.show.end {
		t.Errorf("%s: period %q is %v, want %s to %s: %v", p.URL, raw.PeriodText, got, n.show.start, n.show.end, err)
	}
	if got, err := normalize.Prices(raw.PriceText); err != nil || !slices.Equal(got, n.show.prices) {
		t.Errorf("%s: prices %q are %v, want %v: %v", p.URL, raw.PriceText, got, n.show.prices, err)
	}
	if (len(raw.Presales) == 1) != n.presale {
		t.Errorf("%s: presales %v, want %v", p.URL, raw.Presales, n.presale)
	}
	for _, pre := range raw.Presales {
		from, to, _ := strings.Cut(pre.Text, "~")
		for _, text := range slices.DeleteFunc([]string{from, to}, func(s string) bool { return s == "" }) { // a window, or only its beginning
			if at, err := normalize.Opens(text, n.registered); err != nil || at == nil || !at.Before(n.opens) {
				t.Errorf("%s: presale %q: %v %v", p.URL, text, at, err)
			}
		}
	}
}

func checkMatch(t *testing.T, raw sellers.RawShow, cat *catalogue) {
	t.Helper()
	i := slices.IndexFunc(cat.matches, func(m *game) bool { return strings.TrimPrefix(raw.Code, "match-") == m.code })
	if i < 0 {
		t.Errorf("no match %s", raw.Code)
		return
	}
	m := cat.matches[i]
	opens, err := normalize.Opens(raw.OpensText, noon)
	if raw.Home != m.home || raw.Away != m.away || raw.VenueText != m.stadium || periodOf(t, raw).Start != ticket.DateOf(m.at) || raw.TimesText != m.at.Format("15:04") || err != nil || !opens.Equal(m.opens) {
		t.Errorf("%+v is not %+v: %v", raw, m, err)
	}
}

func checkSupplement(t *testing.T, p *ticket.Page, raw sellers.RawShow, s *show) {
	t.Helper()
	switch p.Kind {
	case ticket.PricePage:
		var prices []ticket.Price
		for _, one := range raw.Prices {
			got, err := normalize.Prices(strings.TrimSpace(one.Grade + " " + one.Text))
			if err != nil {
				t.Errorf("%s: %q: %v", p.URL, one, err)
			}
			if one.Label == "" {
				prices = append(prices, got...)
			}
		}
		if !slices.Equal(prices, s.prices) {
			t.Errorf("%s: prices %v, want %v", p.URL, prices, s.prices)
		}
	case ticket.DatesPage:
		if got := periodOf(t, raw); got.Start != s.start || got.End > s.end {
			t.Errorf("%s: days %v, want from %s", p.URL, got, s.start)
		}
	}
}
