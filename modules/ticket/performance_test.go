package ticket

import (
	"encoding/json"
	"testing"
	"time"
)

func TestStatusIsAFunctionOfTime(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, Seoul)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	opens := at("2026-12-01 14:00")
	run := Period{Start: "2026-12-20", End: "2026-12-31"}
	own := Offer{Seller: Ticketlink, OpensAt: &opens}
	hearsay := Offer{Seller: Melon, Hearsay: true}
	for _, tc := range []struct {
		name string
		p    Performance
		now  string
		want Status
	}{
		{"before it opens", Performance{Period: run, Offers: []Offer{own}}, "2026-12-01 13:59", Upcoming},
		{"at the very moment", Performance{Period: run, Offers: []Offer{own}}, "2026-12-01 14:00", OnSale},
		{"a registry's word does not open it", Performance{Period: run, Offers: []Offer{own, hearsay}}, "2026-12-01 13:59", Upcoming},
		{"a registry's word alone is believed", Performance{Period: run, Offers: []Offer{hearsay}}, "2026-12-01 13:59", OnSale},
		{"an announced opening and no offer", Performance{Period: run, Openings: []OpeningRef{{OpensAt: &opens}}}, "2026-11-30 00:00", Upcoming},
		{"nobody says", Performance{Period: run}, "2026-11-30 00:00", ""},
		{"sold out everywhere", Performance{Period: run, Offers: []Offer{{SaleState: SoldOut}}}, "2026-12-25 00:00", SoldOut},
		{"sold out at one", Performance{Period: run, Offers: []Offer{{SaleState: SoldOut}, own}}, "2026-12-25 00:00", OnSale},
		{"the last minute in Seoul", Performance{Period: run, Offers: []Offer{own}}, "2026-12-31 23:59", OnSale},
		{"midnight in Seoul", Performance{Period: run, Offers: []Offer{own}}, "2027-01-01 00:00", Ended},
		{"an open run does not end", Performance{Period: Period{Start: "2020-01-01", OpenRun: true}, Offers: []Offer{own}}, "2027-01-01 00:00", OnSale},
		{"a day alone ends with it", Performance{Period: Period{Start: "2026-12-20"}, Offers: []Offer{own}}, "2026-12-21 00:00", Ended},
	} {
		if got := tc.p.StatusAt(at(tc.now)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		if next := tc.p.NextBoundary(at(tc.now)); !next.IsZero() && !next.After(at(tc.now)) {
			t.Errorf("%s: the next boundary %s is not ahead", tc.name, next)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"2026-02-28": true, "2026-02-29": false, "2024-02-29": true, "26-1-1": false, "": false, "9999-12-31": false} {
		if _, err := ParseDate(in); (err == nil) != want {
			t.Errorf("ParseDate(%q) = %v", in, err)
		}
	}
	// Midnight in Seoul is the afternoon before in UTC: the first crawlers were a day early.
	if d := DateOf(time.Date(2023, 12, 5, 15, 0, 0, 0, time.UTC)); d != "2023-12-06" {
		t.Errorf("DateOf = %s", d)
	}
	if d := Date("2026-12-31").AddDays(1); d != "2027-01-01" || Date("").AddDays(1) != "" || Date("2026-12-01").DaysUntil("2027-03-01") != 90 {
		t.Errorf("AddDays = %s", d)
	}
	var d Date
	if b, err := json.Marshal(d); err != nil || string(b) != "null" {
		t.Errorf("unknown day = %s, %v", b, err)
	}
	if json.Unmarshal([]byte(`"2026-13-01"`), &d) == nil {
		t.Error("a month too many was taken")
	}
}

func FuzzDecodePage(f *testing.F) {
	p := Page{Source: "yes24", Kind: DetailPage, Body: []byte("x")}
	b, err := p.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{1, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := DecodePage(raw)
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := DecodePage(again); err != nil || string(q.Body) != string(p.Body) || q.URL != p.URL {
			t.Errorf("%v %v", q, err)
		}
	})
}
