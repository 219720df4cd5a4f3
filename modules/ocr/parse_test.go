package ocr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/lake"
	"ticketmoa/modules/ocr/ocrtest"
	"ticketmoa/modules/ocr/picture"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
)

// readings is a picture with lines as both readings have them: "first§second", or the same for both.
func readings(sha string, height int, lines ...string) Read {
	r := Read{URL: "http://img.test/" + sha + ".png", Reading: Reading{SHA256: sha, Width: 860, Height: 60 * len(lines)}}
	for i, text := range lines {
		first, second, two := strings.Cut(text, "§")
		if !two {
			second = first
		}
		r.Lines = append(r.Lines, LineRead{Box: [4]int{40, 60*i + 20, 500, height}, Text: first, Again: second, Sure: 0.9})
	}
	return r
}

func picturePage(t testing.TB, pictures ...Read) *ticket.Page {
	t.Helper()
	return bodyPage(t, Body{Version: bodyVersion, Code: "1", Pictures: pictures})
}

func bodyPage(t testing.TB, body Body) *ticket.Page {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return &ticket.Page{Source: "yes24", Kind: ticket.PicturePage, Code: "1", FetchedAt: fetchedAt, Body: text}
}

// outline is what a result says, field by field.
func outline(s sellers.RawShow) string {
	var out []string
	put := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	put("period", s.PeriodText)
	put("times", s.TimesText)
	put("venue", s.VenueText)
	put("running", s.RunningText)
	put("age", s.AgeText)
	put("opens", s.OpensText)
	for _, p := range s.Prices {
		put("price", p.Grade+" "+p.Text)
	}
	for _, d := range s.Discounts {
		put("discount", fmt.Sprint(d.Name, " ", d.Percent))
	}
	for _, c := range s.Cast {
		put("cast", c.Role+" "+c.Name)
	}
	for _, r := range s.Rounds {
		put("round", fmt.Sprint(r.Date, " ", r.Time, " ", r.Cast))
	}
	return strings.Join(out, "; ")
}

func doubts(all []sellers.Doubt) string {
	out := make([]string, len(all))
	for i, d := range all {
		out[i] = d.Field + "/" + d.Part + "/" + d.Value
	}
	return strings.Join(out, "; ")
}

// TestParse: what both readings say goes into the show, what one says is a doubt, what a person took for true counts.
func TestParse(t *testing.T) {
	t.Parallel()
	yes := func(field, part, value string) func(f, p, v string) bool {
		return func(f, p, v string) bool { return f == field && p == part && v == value }
	}
	tests := []struct {
		name     string
		pictures []Read
		known    Names
		want     string
		doubts   string
	}{
		{"both say so", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분 (인터미션 20분)", "관람연령 : 8세 이상", "공연장소 : 예술의전당 오페라극장")}, Names{},
			"venue=예술의전당 오페라극장; running=150분 (인터미션 20분); age=8세 이상", ""},
		{"one says so", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분§러닝타임 : 가나다")}, Names{}, "", "running_minutes//150/"},
		{"the other says so", []Read{readings("a", 20, "공연정보", "러닝타임 : 가나다§러닝타임 : 150분")}, Names{}, "", "running_minutes//150/"},
		{"they say different things: the first is offered", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분§러닝타임 : 160분")}, Names{}, "", "running_minutes//150/"},
		{"a person says so", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분§러닝타임 : 160분")}, Names{Accepted: yes(ticket.ImageRunning, "", "150/")}, "running=150분", ""},
		{"a person said another value", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분§러닝타임 : 160분")}, Names{Accepted: yes(ticket.ImageRunning, "", "170/")}, "", "running_minutes//150/"},
		{"prices, of which a higher one is read once", []Read{readings("a", 20, "티켓가격", "VIP석 150,000원§VIP석 가나다원", "R석 120,000원")}, Names{}, "price=R석 120000원", "prices/VIP석/150000"},
		{"prices, of which the lowest is read once", []Read{readings("a", 20, "티켓가격", "VIP석 150,000원", "R석 120,000원§R석 가나다원")}, Names{}, "", "prices/R석/120000; prices/VIP석/150000"},
		{"two pictures say different things", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분"), readings("b", 20, "공연정보", "러닝타임 : 160분")}, Names{}, "", "running_minutes//150/"},
		{"two pictures say different prices", []Read{readings("a", 20, "티켓가격", "R석 84,000원", "S석 63,000원"), readings("b", 20, "티켓가격", "R석 120,000원", "A석 60,000원")}, Names{}, "", "prices/R석/84000; prices/S석/63000; prices/A석/60000"},
		{"what one picture says is no doubt of another", []Read{readings("a", 20, "공연정보", "러닝타임 : 150분§"), readings("b", 20, "공연정보", "러닝타임 : 150분")}, Names{}, "running=150분", ""},
		{"a hall in Latin letters nobody knows", []Read{readings("a", 20, "공연정보", "공연장소 : L6아트센터 시그니처홀")}, Names{}, "", "venue//L6아트센터 시그니처홀"},
		{"a hall in Latin letters that is known", []Read{readings("a", 20, "공연정보", "공연장소 : LG아트센터 서울")}, Names{Venues: []string{"LG아트센터 서울"}}, "venue=LG아트센터 서울", ""},
		{"a hall in small letters nobody knows", []Read{readings("a", 9, "공연정보", "공연장소 : 예술의전당 본서트올")}, Names{}, "", "venue//예술의전당 본서트올"},
		{"an unusual discount in small letters", []Read{readings("a", 9, "할인안내", "학생 할인 20%", "경찾소방관 할인 30%")}, Names{}, "discount=학생 할인 20", "discounts/경찾소방관 할인/30"},
		{"an open run", []Read{readings("a", 20, "공연정보", "공연기간 : 2026.01.02(금) ~ 오픈런")}, Names{}, "period=2026-01-02 ~ 오픈런", ""},
		{"words that are no names among the cast", []Read{readings("a", 20, "라인업", "윤슬과 파도 달려라 우체부")}, Names{Artists: []string{"윤슬과"}}, "", ""},
		{"cast in large letters", []Read{readings("a", 20, "캐스팅", "마리 : 김철수 이영희")}, Names{}, "cast=마리 김철수; cast=마리 이영희", ""},
		{"cast in small letters nobody knows", []Read{readings("a", 10, "캐스팅", "마리 : 김철수 이영희")}, Names{}, "", "cast/마리 김철수/김철수; cast/마리 이영희/이영희"},
		{"cast in small letters of which one is known", []Read{readings("a", 10, "캐스팅", "마리 : 김철수 이영희")}, Names{Artists: []string{"이영희"}}, "cast=마리 이영희", "cast/마리 김철수/김철수"},
		{"cast in small letters a person knows", []Read{readings("a", 10, "캐스팅", "마리 : 김철수")}, Names{Accepted: yes(ticket.ImageCast, "마리 김철수", "김철수")}, "cast=마리 김철수", ""},
		{"a player of two pictures is one, and no doubt", []Read{readings("a", 20, "캐스팅", "마리 : 김철수"), readings("b", 10, "캐스팅", "마리 : 김철수")}, Names{}, "cast=마리 김철수", ""},
		{"nothing", nil, Names{}, "", ""},
		{"a picture without lines", []Read{readings("a", 20)}, Names{}, "", ""},
		{"remarks say nothing", []Read{readings("a", 20, "유의사항", "러닝타임 : 150분", "VIP석 150,000원")}, Names{}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := Parse(picturePage(t, tt.pictures...), tt.known)
			if err != nil || len(res.Shows) != 1 {
				t.Fatalf("%+v, %v", res, err)
			}
			if s := res.Shows[0]; s.Code != "1" || !s.Supplement || s.Title != "" {
				t.Errorf("%+v", s)
			}
			if got := outline(res.Shows[0]); got != tt.want {
				t.Errorf("it says  %s\nwant     %s", got, tt.want)
			}
			if got := doubts(res.Doubts); got != tt.doubts {
				t.Errorf("doubts   %s\nwant     %s", got, tt.doubts)
			}
			for _, d := range res.Doubts {
				if d.Code != "1" || d.Picture == "" || len(d.Box) != 4 || d.Text == "" || d.Reason == "" {
					t.Errorf("doubt %+v", d)
				}
			}
		})
	}
}

// TestParseRefused: a picture that cannot be read is a doubt with the reason.
func TestParseRefused(t *testing.T) {
	t.Parallel()
	res, err := Parse(bodyPage(t, Body{Version: bodyVersion, Refused: []Refusal{{URL: "http://img.test/a.png", Reason: "too large"}}}), Names{})
	if err != nil || len(res.Doubts) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	if d := res.Doubts[0]; d.Field != "picture" || d.Part != "http://img.test/a.png" || !strings.Contains(d.Reason, "too large") || d.Code != "1" || d.Value != "" {
		t.Errorf("%+v", d)
	}
}

// TestParseNotOurs: bodies nobody here wrote, and those that are damaged.
func TestParseNotOurs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "{}", "[]", "<html>", `{"version":2,"pictures":[]}`, `{"version":1,"pictures":[{"lines":[{"box":[1,2,3`, `{"version":"1"}`, `{"version":1,"pictures":{}}`} {
		p := picturePage(t)
		p.Body = []byte(text)
		if res, err := Parse(p, Names{}); !errors.Is(err, sellers.ErrNotOurs) || len(res.Shows) > 0 {
			t.Errorf("%q: %+v, %v", text, res, err)
		}
	}
}

// TestParseText: what is kept of the text is bounded, and cut between letters.
func TestParseText(t *testing.T) {
	t.Parallel()
	long := slices.Repeat([]string{strings.Repeat("가나다라 ", 40)}, 60)
	res, err := Parse(picturePage(t, readings("a", 20, long...)), Names{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(res.Shows[0].StripText)); n != mostText || strings.ContainsRune(res.Shows[0].StripText, '�') {
		t.Errorf("%d characters", n)
	}
}

// TestAccept: a value a person took for true counts for its show, and for no other.
func TestAccept(t *testing.T) {
	b := newBench(t)
	p := picturePage(t, readings("a", 20, "공연정보", "러닝타임 : 150분§러닝타임 : 160분"))
	parse := func(p *ticket.Page) (string, string) {
		res, err := b.reader.Parse(t.Context(), p, Names{})
		b.ok(err)
		return outline(res.Shows[0]), doubts(res.Doubts)
	}
	says, doubted := parse(p)
	if says != "" || doubted != "running_minutes//150/" {
		t.Fatalf("before: %q, %q", says, doubted)
	}
	row := ticket.Withheld{Source: "yes24", Kind: ticket.PicturePage, Code: "1", Field: ticket.ImageRunning, Parsed: "150/", Picture: strings.Repeat("a", 64)}
	for name, change := range map[string]func(w *ticket.Withheld){
		"another kind": func(w *ticket.Withheld) { w.Kind = ticket.DetailPage },
		"no picture":   func(w *ticket.Withheld) { w.Picture = "" },
		"no value":     func(w *ticket.Withheld) { w.Parsed = "" },
		"no show":      func(w *ticket.Withheld) { w.Code = "" },
	} {
		bad := row
		change(&bad)
		if err := b.reader.Accept(t.Context(), bad); !errors.Is(err, ErrNoValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.ok(b.reader.Accept(t.Context(), row))
	b.ok(b.reader.Accept(t.Context(), row)) // twice is once
	if says, doubted = parse(p); says != "running=150분" || doubted != "" {
		t.Errorf("after: %q, %q", says, doubted)
	}
	other := *p
	other.Code = "2"
	if says, _ = parse(&other); says != "" {
		t.Errorf("another show: %q", says)
	}
}

// TestCropOfKept shows a part of a kept picture, never more than asked and a little around it, and never anything else.
func TestCropOfKept(t *testing.T) {
	b := newBench(t)
	body := ocrtest.Blank(300, 200, 200).PNG(t)
	sha := shaOf(body)
	b.ok(b.bucket.Put(t.Context(), Key(sha), body))
	wide := ocrtest.Blank(1700, 1650, 200).PNG(t)
	b.ok(b.bucket.Put(t.Context(), Key(shaOf(wide)), wide))
	broken := strings.Repeat("b", 64)
	b.ok(b.bucket.Put(t.Context(), Key(broken), body[:50]))
	b.ok(b.bucket.Put(t.Context(), "secret/thing", body))
	const far = int(^uint(0) >> 1)
	tests := []struct {
		name string
		sha  string
		box  [4]int
		want image.Point
		err  error
	}{
		{"inside", sha, [4]int{100, 100, 50, 20}, image.Pt(98, 68), nil},
		{"at a corner", sha, [4]int{0, 0, 10, 10}, image.Pt(34, 34), nil},
		{"no size", sha, [4]int{100, 100, 0, 0}, image.Pt(49, 49), nil},
		{"a size that is negative", sha, [4]int{100, 100, -50, -50}, image.Pt(49, 49), nil},
		{"larger than the picture", sha, [4]int{0, 0, 60_000, 60_000}, image.Pt(300, 200), nil},
		{"larger than what is shown", shaOf(wide), [4]int{0, 0, 60_000, 60_000}, image.Pt(1624, 1624), nil},
		{"outside", sha, [4]int{1000, 1000, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"outside on the other side", sha, [4]int{-1000, -1000, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"so far that sums overflow", sha, [4]int{far, far, far, far}, image.Point{}, lake.ErrNotFound},
		{"and on the other side", sha, [4]int{-far, -far, far, far}, image.Point{}, lake.ErrNotFound},
		{"no such picture", strings.Repeat("c", 64), [4]int{0, 0, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"no hash", "abc", [4]int{0, 0, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"an empty hash", "", [4]int{0, 0, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"a path", "../" + strings.Repeat("x/", 24) + "../secret/thing", [4]int{0, 0, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"a hash in capitals", strings.ToUpper(sha), [4]int{0, 0, 10, 10}, image.Point{}, lake.ErrNotFound},
		{"a picture that is broken", broken, [4]int{0, 0, 10, 10}, image.Point{}, picture.ErrBroken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := b.reader.Crop(t.Context(), tt.sha, tt.box)
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			if tt.err != nil {
				return
			}
			img, err := png.Decode(bytes.NewReader(out))
			if err != nil || img.Bounds().Size() != tt.want {
				t.Errorf("%v, want %v; %v", img.Bounds().Size(), tt.want, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("공연정보\n러닝타임 : 150분\nVIP석 150,000원", 20)
	f.Add("캐스팅\n마리 : 김철수 이영희\n날짜 요일 시간 마리\n12/16 화 19:30 김철수", 10)
	f.Fuzz(func(t *testing.T, text string, height int) {
		lines := strings.Split(text[:min(len(text), 4000)], "\n")
		p := picturePage(t, readings("a", height, lines...))
		if _, err := Parse(p, Names{Artists: []string{"김철수"}, Venues: []string{"예술의전당"}}); err != nil {
			t.Fatal(err)
		}
	})
}
