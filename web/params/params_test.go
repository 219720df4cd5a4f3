package params

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"ticketmoa/modules/search"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/problem"
)

func values(t *testing.T, raw string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSearch(t *testing.T) {
	t.Parallel()
	q, err := Search(values(t, "q=시라노&genre=musical,play&region=수도권&region=부산&seller=yes24&status=on_sale&from=2026-12-01&to=2026-12-31&price_max=70000&age=7&exclusive=true&page=3&limit=10"))
	if err != nil {
		t.Fatal(err)
	}
	if q.Text != "시라노" || len(q.Genres) != 2 || len(q.Regions) != 4 || q.Offset != 20 || q.Limit != 10 || *q.PriceMax != 70000 || *q.Age != 7 || !*q.Exclusive || q.Sort != search.ByRelevance || q.From != "2026-12-01" {
		t.Errorf("query = %+v", q)
	}
	if q, err := Search(values(t, "from=2026-12-01&q=&genre=&region=&to=")); err != nil || q.Sort != search.ByNewest || q.To != "" || q.Limit != DefaultLimit {
		t.Errorf("empty fields of a form: %+v, %v", q, err)
	}
}

func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Search(values(t, "genre=opera&region=평양&from=내일&limit=0&price_max=x&age=-1&sort=best&exclusive=perhaps&seller=ebay&status=open&updated_since=now&page=0"))
	var p *problem.Problem
	if !errors.As(err, &p) || p.Status != 400 {
		t.Fatalf("err = %v", err)
	}
	named := map[string]bool{}
	for _, f := range p.Errors {
		named[f.Pointer] = true
		if f.Detail == "" {
			t.Errorf("%s has no word of what is wrong", f.Pointer)
		}
	}
	for _, want := range []string{"genre", "region", "from", "limit", "price_max", "age", "sort", "exclusive", "seller", "status", "updated_since", "page"} {
		if !named[want] {
			t.Errorf("%s is not named", want)
		}
	}
}

func TestOpeningsBeginNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	if q, err := ReadOpenings(url.Values{}, now); err != nil || !q.From.Equal(now) {
		t.Errorf("query = %+v, %v", q, err)
	}
	q, err := ReadOpenings(values(t, "from=2015-01-01&to=2015-01-31&seller=ticketlink&genre=concert&region=서울"), now)
	if err != nil || ticket.DateOf(q.From) != "2015-01-01" || ticket.DateOf(q.To) != "2015-02-01" || q.Seller != ticket.Ticketlink {
		t.Errorf("query = %+v, %v", q, err)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("q=a&limit=5&from=2026-01-01")
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := Search(v)
		if err == nil && (q.Limit < 1 || q.Limit > MaxLimit || q.Offset < 0 || q.From != "" && q.To != "" && q.To < q.From) {
			t.Errorf("Search(%q) let %+v through", raw, q)
		}
	})
}
