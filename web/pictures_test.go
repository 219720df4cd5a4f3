package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
)

var painting = strings.Repeat("ab", 32)

// Crop and AcceptPicture are those of an admin.
func (h *held) Crop(_ context.Context, picture string, box [4]int) ([]byte, error) {
	if picture != painting {
		return nil, lake.ErrNotFound
	}
	return []byte{0x89, byte(box[0]), byte(box[3])}, nil
}

func (h *held) AcceptPicture(_ context.Context, row ticket.Withheld) (admin.Replay, error) {
	if row.Picture == "" {
		return admin.Replay{}, ocr.ErrNoValue
	}
	h.accepted = append(h.accepted, row)
	return h.answer, h.err
}

// TestDoubtsOfPictures: a value only one reading saw stands beside its piece of the picture, and an admin may take it for true, by
// form and by JSON; nobody else sees either.
func TestDoubtsOfPictures(t *testing.T) {
	t.Parallel()
	h := newHeld()
	h.rows = append(h.rows, ticket.Withheld{ID: "doubt", Source: "yes24", Kind: ticket.PicturePage, Code: "7", Field: "prices", Part: "VIP석", Raw: "ㄴ8석 99,000원", Parsed: "99000", RawKey: "raw/y", Reason: "only one",
		Picture: painting, Box: []int{3, 4, 50, 60}}, ticket.Withheld{ID: "broken", Source: "yes24", Kind: ticket.PicturePage, Code: "7", Field: "picture", Part: "http://x/1.jpg", Raw: "http://x/1.jpg", Reason: "too large", RawKey: "raw/y"})
	visit := serveHeld(t, h)
	code, body, _ := visit("GET", "/admin/quarantine?kind=picture", "")
	link := "/admin/pictures/" + painting + "?box=3,4,50,60"
	if code != 200 || !strings.Contains(body, `src="`+link+`"`) || !strings.Contains(body, "VIP석") || strings.Count(body, "읽은 값을 받아들이기") != 1 {
		t.Errorf("%d %s", code, body)
	}
	code, body, head := visit("GET", link, "")
	if code != 200 || head.Get("Content-Type") != "image/png" || body != "\x89\x03\x3c" {
		t.Errorf("crop: %d %s %q", code, head, body)
	}
	for target, want := range map[string]int{"/admin/pictures/" + strings.Repeat("0", 64) + "?box=1,2,3,4": 404, "/admin/pictures/" + painting: 400, "/admin/pictures/" + painting + "?box=1,2,3": 400,
		"/admin/pictures/" + painting + "?box=1,2,3,x": 400, "/admin/pictures/" + painting + "?box=-1,2,3,4": 400, "/admin/pictures/..%2f..%2fetc%2fpasswd?box=1,2,3,4": 404} {
		if code, _, _ := visit("GET", target, ""); code != want {
			t.Errorf("%s: %d, want %d", target, code, want)
		}
	}
	form, js := []string{"Content-Type", "application/x-www-form-urlencoded"}, []string{"Content-Type", "application/json"}
	if code, _, head = visit("POST", "/admin/quarantine/accept", "id=doubt", form...); code != 303 || head.Get("Location") != "/admin/quarantine?pages=3" {
		t.Errorf("form: %d %s", code, head)
	}
	if code, body, _ = visit("POST", "/admin/api/v1/quarantine/accept", `{"id":"doubt"}`, js...); code != 202 || !strings.Contains(body, `"pages":3`) {
		t.Errorf("JSON: %d %s", code, body)
	}
	if len(h.accepted) != 2 || h.accepted[0].Parsed != "99000" || h.accepted[0].Part != "VIP석" {
		t.Errorf("accepted %+v", h.accepted)
	}
	for body, want := range map[string]int{`{"id":"broken"}`: 409, `{"id":"id0"}`: 404, `{"id":"nobody"}`: 404, `{}`: 400, `{"id":7}`: 400, `x`: 400} {
		if code, _, _ := visit("POST", "/admin/api/v1/quarantine/accept", body, js...); code != want {
			t.Errorf("%s: %d, want %d", body, code, want)
		}
	}
	for _, target := range []string{link, "/admin/quarantine?kind=picture"} {
		if code, _, _ := visit("GET", target, "", "Cookie", "ticketmoa_admin=x"); code != 401 {
			t.Errorf("%s for a stranger: %d", target, code)
		}
	}
}

// painted is a show of which pictures say a part, and one of which they say nothing.
func painted() *shelf {
	s := newShelf()
	minutes := 110
	s.shows = append(s.shows, &ticket.Performance{ID: "painted", Title: "시라노", Period: ticket.Period{Start: "2026-12-06", End: "2027-02-23"}, RunningMinutes: &minutes, AgeText: "8세 이상",
		Cast: []ticket.CastMember{{Name: "조형균", Role: "시라노"}}, Discounts: []ticket.Discount{{Name: "재관람 할인", Percent: 20}},
		Rounds:    []ticket.Round{{Date: "2026-12-06", Time: "19:30", Cast: []ticket.CastMember{{Name: "조형균", Role: "시라노"}}}, {Date: "2026-12-07", Time: "11:00", Cast: []ticket.CastMember{{Name: "최재림", Role: "시라노"}}}},
		FromImage: []string{ticket.ImageRunning, ticket.ImageCast, ticket.ImageDiscounts, ticket.ImageRounds},
		Offers: []ticket.Offer{{ID: "o1", Seller: ticket.YES24, ListingKey: "yes24:1", URL: "https://ticket.yes24.com/Perf/1", CheckedAt: testNow(), Prices: []ticket.Price{{Grade: "R석", Won: 66000}},
			FromImage: []string{ticket.ImagePrices}}, {ID: "o2", Seller: ticket.Melon, ListingKey: "melon:1", URL: "https://ticket.melon.com/1", CheckedAt: testNow(), Prices: []ticket.Price{{Grade: "S석", Won: 44000}}}},
		Conflicts: []ticket.Conflict{{Field: "prices", Values: []ticket.Said{{Source: "yes24", Seller: ticket.YES24, Value: "VIP석 99000"}, {Source: "yes24", Seller: ticket.YES24, Value: "VIP석 90000", FromImage: true}}}}},
		&ticket.Performance{ID: "written", Title: "오페라", Period: ticket.Period{Start: "2026-12-06", End: "2027-02-23"}, AgeText: "8세 이상"})
	return s
}

// TestWhatPicturesSayIsMarked on the page and in the API, value by value; what is written bears no mark.
func TestWhatPicturesSayIsMarked(t *testing.T) {
	t.Parallel()
	h := serve(t, painted(), nil, nil)
	page := ask(h, "GET", "/p/painted", "").Body.String()
	mark := ` <span class="badge image" title="예매처의 그림에서 읽은 값">그림</span>`
	for _, want := range []string{"110분" + mark, "8세 이상</dd>", `시라노</span>` + mark, "재관람 할인 20%" + mark, "R석 66,000원" + mark, "S석 44,000원</p>", "2회 모두 보기" + mark, "오후 7:30", "오전 11:00",
		`가격: <strong>VIP석 99,000원</strong> <span class="sub">(예스24)</span> / <strong>VIP석 90,000원</strong> <span class="sub">(예스24 그림)</span>`, "그림으로 올린 것을 읽은 것입니다"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := ask(h, "GET", "/p/written", "").Body.String(); strings.Contains(page, "그림") {
		t.Error("a page without pictures speaks of them")
	}
	list := ask(h, "GET", "/search", "").Body.String()
	if want := `<span class="sub price">44,000원부터` + mark; !strings.Contains(list, want) || strings.Count(list, mark) != 1 {
		t.Errorf("%d marks in the list, want one, after %s", strings.Count(list, mark), want)
	}
	var p struct {
		From map[string]string
		Cast []struct{ From string }
		Dis  []struct{ From string } `json:"discounts"`
		Rs   []struct {
			Date, Time, From string
			Cast             []struct{ From string }
		} `json:"rounds"`
		Offers []struct {
			Prices []struct{ From string }
		}
		Conflicts []struct {
			Values []struct{ From string }
		}
	}
	a := ask(h, "GET", "/api/v1/performances/painted", "")
	if err := json.Unmarshal(a.Body.Bytes(), &p); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%d %v", a.Code, err)
	}
	if len(p.From) != 1 || p.From["running_minutes"] != "image" || p.Cast[0].From != "image" || p.Dis[0].From != "image" || len(p.Rs) != 2 || p.Rs[0].From != "image" || p.Rs[0].Cast[0].From != "image" ||
		p.Rs[1].Time != "11:00" || p.Offers[0].Prices[0].From != "image" || p.Offers[1].Prices[0].From != "" || p.Conflicts[0].Values[0].From != "" || p.Conflicts[0].Values[1].From != "image" {
		t.Errorf("%s", a.Body)
	}
	if a := ask(h, "GET", "/api/v1/performances/written", ""); strings.Contains(a.Body.String(), `"from"`) || strings.Contains(a.Body.String(), "discounts") {
		t.Errorf("what is written bears a mark: %s", a.Body)
	}
}
