package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ticket"
)

// told is a show at two sellers that do not agree, with prices that moved.
func told() *shelf {
	s := newShelf()
	p := &ticket.Performance{ID: "moved", Title: "시라노", Period: ticket.Period{Start: "2026-12-06", End: "2027-02-23"},
		Offers: []ticket.Offer{{ID: "o1", Seller: ticket.YES24, ListingKey: "yes24:1", URL: "https://ticket.yes24.com/Perf/1", CheckedAt: testNow().Add(-3 * time.Hour)}},
		Conflicts: []ticket.Conflict{{Field: "start_time", Values: []ticket.Said{{Source: "yes24", Seller: ticket.YES24, Value: "19:30"}, {Source: "kopis", Value: "19:00"}}},
			{Field: "min_age_years", Values: []ticket.Said{{Source: "yes24", Seller: ticket.YES24, Value: "8"}, {Source: "kopis", Value: "0"}}},
			{Field: "period", Values: []ticket.Said{{Source: "yes24", Seller: ticket.YES24, Value: "2026-12-06 ~ 2027-02-23"}, {Source: "kopis", Value: "2026-12-06 ~"}}}}}
	won := func(n ticket.Won) *ticket.Won { return &n }
	row := func(field, grade string, price *ticket.Won, value string, from, until int) ticket.HistoryRow {
		return ticket.HistoryRow{Field: field, Grade: grade, Kind: ticket.DetailPage, Won: price, Value: value, From: testNow().AddDate(0, 0, from), Until: testNow().AddDate(0, 0, until)}
	}
	s.shows = append(s.shows, p)
	s.past = map[string]map[string][]ticket.HistoryRow{"moved": {"yes24:1": {
		row(ticket.HistoryPeriod, "", nil, "2026-12-06 ~ 2027-02-23", -30, 0),
		row(ticket.HistoryPrice, "R석", won(100000), "100000", -30, -11), row(ticket.HistoryPrice, "R석", won(80000), "80000", -10, 0),
		row(ticket.HistoryPrice, "S석", won(60000), "60000", -30, -21), row(ticket.HistoryPrice, "S석", nil, "", -20, 0),
		row(ticket.HistoryPrice, "VIP석", won(150000), "150000", -30, 0)}}}
	return s
}

func TestPriceHistory(t *testing.T) {
	t.Parallel()
	h := serve(t, told(), nil, nil)
	visit := func(path string) (int, string) {
		w := ask(h, "GET", path, "")
		return w.Code, w.Body.String()
	}
	code, body := visit("/p/moved")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	for _, want := range []string{"가격 변동", "<s class=\"sub\">100,000원</s> → <strong>80,000원</strong>", "내렸습니다", "판매하지 않습니다", "3시간 전</time> 예스24에서 확인",
		"다르게 적힌 것", `시작 시각: <strong>19:30</strong> <span class="sub">(예스24)</span> / <strong>19:00</strong> <span class="sub">(KOPIS)</span>`, "8세 이상", "전체 관람가", "오픈런"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if i, j := strings.Index(body, "80,000원</strong>"), strings.Index(body, "판매하지 않습니다"); i > j {
		t.Error("the latest change does not come first")
	}
	var ans struct {
		Data []struct {
			Source, Seller, Grade string
			OfferID               string `json:"offer_id"`
			History               []struct {
				Won         *int
				From        string
				Until       *string
				ConfirmedAt string `json:"confirmed_at"`
			}
		}
		Page struct{ Total int }
	}
	_, body = visit("/api/v1/performances/moved/prices")
	must(t, json.Unmarshal([]byte(body), &ans))
	if ans.Page.Total != 3 || ans.Data[0].Grade != "R석" || ans.Data[0].Seller != "yes24" || ans.Data[0].OfferID != "o1" || len(ans.Data[0].History) != 2 || *ans.Data[0].History[1].Won != 80000 ||
		ans.Data[1].History[1].Won != nil || ans.Data[0].History[0].Until == nil || ans.Data[0].History[1].Until != nil || ans.Data[0].History[1].ConfirmedAt == "" || !strings.HasSuffix(ans.Data[2].History[0].From, "+09:00") {
		t.Errorf("%s", body)
	}
	if _, body = visit("/api/v1/performances/moved/history"); !strings.Contains(body, `"field":"period"`) || strings.Contains(body, "150000") {
		t.Errorf("%s", body)
	}
	if _, body = visit("/api/v1/performances/moved"); !strings.Contains(body, `"conflicts":[{"field":"start_time","values":[{"source":"yes24","seller":"yes24","value":"19:30"},{"source":"kopis","seller":null,"value":"19:00"}]}`) {
		t.Errorf("%s", body)
	}
	for _, path := range []string{"/api/v1/performances/nobody/prices", "/api/v1/performances/nobody/history"} {
		if code, body := visit(path); code != http.StatusNotFound || !strings.Contains(body, "problem") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
}

// TestAMergedShowLeadsOn: every address below an id that was merged leads to the same one of its successor.
func TestAMergedShowLeadsOn(t *testing.T) {
	t.Parallel()
	s := told()
	s.merged = map[string]string{"old": "moved"}
	s.past["moved"]["yes24:2"] = []ticket.HistoryRow{{Field: ticket.HistoryPeriod, Kind: ticket.DetailPage, Value: "2026-12-06 ~", From: testNow(), Until: testNow()}}
	h := serve(t, s, nil, nil)
	for target, want := range map[string]string{"/p/old": "/p/moved", "/p/old?from=p1&n=1": "/p/moved?from=p1&n=1", "/api/v1/performances/old?x=1": "/api/v1/performances/moved?x=1",
		"/api/v1/performances/old/similar?limit=5": "/api/v1/performances/moved/similar?limit=5", "/api/v1/performances/old/prices": "/api/v1/performances/moved/prices",
		"/api/v1/performances/old/history": "/api/v1/performances/moved/history"} {
		if w := ask(h, "GET", target, ""); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Header().Get("Location"))
		}
	}
	w := ask(h, "GET", "/api/v1/performances/moved/history", "")
	if strings.Count(w.Body.String(), `"field":"period"`) != 2 {
		t.Errorf("two listings of one source are one line: %s", w.Body)
	}
}
