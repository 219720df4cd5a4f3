package catalog

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

func hallOf(code, name string, region ticket.Region, district string, lat float64) ticket.Facility {
	lng := lat + 90
	return ticket.Facility{Key: "kopis:" + code, Source: "kopis", FetchedAt: at,
		Place: ticket.Place{Name: name, Code: code, Region: region, District: district, Address: district + " 1", Lat: &lat, Lng: &lng}}
}

// step does what the ETL does with one page.
type step func(t *testing.T, c *Catalog)

func facilityPage(f ticket.Facility) step {
	return func(t *testing.T, c *Catalog) {
		ctx := context.Background()
		_, err := c.SaveFacility(ctx, f)
		must(t, err)
		found, err := c.AtFacility(ctx, f)
		must(t, err)
		for _, l := range found {
			if l.PerformanceID != "" {
				must(t, c.Project(ctx, l.PerformanceID, ticket.Origin{Cause: ticket.CauseSource, At: f.FetchedAt, Source: f.Key}))
			}
		}
	}
}

func showPage(code string, place ticket.Place) step {
	return func(t *testing.T, c *Catalog) {
		ctx := context.Background()
		l, _, err := c.SaveListing(ctx, "yes24", code, 1, view(ticket.DetailPage, 0, ticket.Content{Title: code, TitleRaw: code, Seller: ticket.YES24, URL: "https://ticket.yes24.com/Perf/" + code, Place: place}))
		must(t, err)
		id := PerformanceID(l.Key)
		put(t, c, l)
		must(t, c.Project(ctx, id, ticket.Origin{Cause: ticket.CauseSource, At: at, Source: l.Key}))
	}
}

func placeOf(t *testing.T, c *Catalog, code string) string {
	t.Helper()
	p, err := c.Performance(context.Background(), PerformanceID("yes24:"+code))
	must(t, err)
	lat := 0.0
	if p.Place.Lat != nil {
		lat = *p.Place.Lat
	}
	return fmt.Sprintf("%s %s %s %.0f", p.Place.Region, p.Place.District, p.Place.Address, lat)
}

// TestAPlaceIsTheSameInEveryOrder feeds listings and the facilities their venues mean in many orders, some pages twice.
func TestAPlaceIsTheSameInEveryOrder(t *testing.T) {
	t.Parallel()
	steps := []step{
		facilityPage(hallOf("1", "새물결마루", "경남", "통영시", 34)),
		facilityPage(hallOf("2", "하늘빛소극장 [부산]", "부산", "남구", 35)),
		facilityPage(hallOf("3", "하늘빛소극장 [원주]", "강원", "원주시", 37)),
		facilityPage(hallOf("4", "달맞이집 (구. 옛이름아트홀)", "전북", "전주시", 36)),
		facilityPage(hallOf("5", "구름다리극장", "대구", "중구", 35)),
		facilityPage(hallOf("6", "구름다리극장", "광주", "동구", 35)),
		showPage("prefix", ticket.Place{Name: "새물결마루 마스터카드홀"}),
		showPage("both", ticket.Place{Name: "하늘빛 소극장"}),
		showPage("hinted", ticket.Place{Name: "부산 하늘빛 소극장"}),
		showPage("former", ticket.Place{Name: "옛이름 아트홀 1관"}),
		showPage("doubled", ticket.Place{Name: "구름다리 극장"}),
		showPage("decided", ticket.Place{Name: "구름다리 극장", Region: "광주"}),
		showPage("elsewhere", ticket.Place{Name: "새물결마루", Region: "서울"}),
	}
	want := map[string]string{"prefix": "경남 통영시 통영시 1 34", "both": "   0", "hinted": "부산 남구 남구 1 35", "former": "전북 전주시 전주시 1 36",
		"doubled": "   0", "decided": "광주 동구 동구 1 35", "elsewhere": "서울   0"}
	n := len(steps)
	for round := range 8 {
		c := newCatalog(t)
		for i := range n {
			at := (i*[]int{1, 12, 5, 7}[round%4] + round) % n
			steps[at](t, c)
			if i%3 == 0 {
				steps[at](t, c)
			}
		}
		for code, place := range want {
			if got := placeOf(t, c, code); got != place {
				t.Errorf("round %d: %s stands in %q, want %q", round, code, got, place)
			}
		}
	}
}

// TestARenamedFacilityLetsGo: a facility that bears another name is no longer the answer for the old one, and a new
// process knows the same as the old.
func TestARenamedFacilityLetsGo(t *testing.T) {
	t.Parallel()
	c := newCatalog(t)
	f := hallOf("1", "새물결마루", "경남", "통영시", 34)
	for _, s := range []step{facilityPage(f), showPage("1", ticket.Place{Name: "새물결마루 대극장"}), showPage("2", ticket.Place{Name: "둥근달누각"})} {
		s(t, c)
	}
	f.FetchedAt, f.Place.Name = f.FetchedAt.Add(time.Hour), "둥근달누각"
	facilityPage(f)(t, c)
	stale := f
	stale.FetchedAt, stale.Place.Name = at, "새물결마루"
	facilityPage(stale)(t, c) // an older page changes nothing
	if one, two := placeOf(t, c, "1"), placeOf(t, c, "2"); one != "   0" || two != "경남 통영시 통영시 1 34" {
		t.Errorf("1 in %q, 2 in %q", one, two)
	}
	again := &Catalog{}
	must(t, again.places.load(context.Background(), c.venues, c.listings))
	if p, ok := again.places.find(ticket.Place{Name: "둥근달누각 소극장"}); !ok || p.Region != "경남" {
		t.Errorf("a new process finds %+v %v", p, ok)
	}
	if names := again.places.meant(f); len(names) != 1 || names[0] != "둥근달누각" {
		t.Errorf("a new process knows the names %q", names)
	}
}

// TestAFacilityIsWhatListAndDetailSay: a list without addresses takes none away, in whatever order the pages come.
func TestAFacilityIsWhatListAndDetailSay(t *testing.T) {
	t.Parallel()
	lat, lng := 36.64, 127.47
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	listed := func(n int) ticket.Facility {
		return ticket.Facility{Key: "kopis:FC1", Source: "kopis", FetchedAt: day(n), Place: ticket.Place{Name: "청주아트홀", Code: "FC1", Region: "충북", District: "청주시"}}
	}
	detail := listed(2)
	detail.Place.Address, detail.Place.Lat, detail.Place.Lng, detail.Seats = "충청북도 청주시 서원구 흥덕로 69", &lat, &lng, 662
	var first string
	for _, order := range [][]ticket.Facility{{listed(1), detail, listed(3)}, {listed(3), detail, listed(1)}, {detail, listed(3), listed(1)}, {listed(1), listed(3), detail}} {
		c := newCatalog(t)
		for _, f := range order {
			if _, err := c.SaveFacility(context.Background(), f); err != nil {
				t.Fatal(err)
			}
		}
		var got ticket.Facility
		if err := c.venues.Get(context.Background(), "kopis:FC1", &got); err != nil {
			t.Fatal(err)
		}
		if got.Place.Address == "" || got.Place.Lat == nil || got.Seats != 662 || !got.FetchedAt.Equal(day(3)) {
			t.Errorf("%+v", got)
		}
		if first == "" {
			first = hash(got)
		}
		if hash(got) != first {
			t.Errorf("another order, another facility: %+v", got)
		}
	}
}
