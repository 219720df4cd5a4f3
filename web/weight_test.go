package web

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/recommend"
	"ticketmoa/modules/ticket"
)

// busy fills a shelf with n shows that have everything a card or a page can show, none like the other.
func busy(s *shelf, n int) {
	titles := strings.Split("뮤지컬 〈시라노〉, 연극 〈고도를 기다리며〉, 2026 임윤찬 피아노 리사이틀, 뮤지컬 〈지킬앤하이드〉 20주년, 국립발레단 〈호두까기인형〉, 서울시향 말러 교향곡 2번, 뮤지컬 〈웃는 남자〉, 연극 〈라이어〉 1탄, 싸이 흠뻑쇼 2026, 뮤지컬 〈레베카〉", ", ")
	places := strings.Split("예술의전당 CJ토월극장,세종문화회관 대극장,블루스퀘어 신한카드홀,샤롯데씨어터,부산문화회관 중극장,대구오페라하우스,광주예술의전당 대극장", ",")
	names := strings.Fields("조형균 최재림 홍광호 박은태 김준수 옥주현 정선아 김소현 손준호 민우혁 전동석 이지훈 차지연 아이비 윤공주 정성화")
	for i := range n {
		minutes, rest, age := 100+i, 20, 7
		opens := testNow().Add(time.Duration(i) * time.Hour)
		p := &ticket.Performance{ID: fmt.Sprintf("k%025d", i*7919), Title: fmt.Sprintf("%s %d차 앵콜", titles[i%len(titles)], i), Genre: ticket.Genres()[i%10], Tags: []string{"family"}, Exclusive: i%3 == 0,
			Period: ticket.Period{Start: ticket.DateOf(opens), End: ticket.DateOf(opens).AddDays(40 + i)}, VenueID: fmt.Sprintf("v%025d", i), RunningMinutes: &minutes, IntermissionMinutes: &rest,
			Place:   ticket.Place{Name: places[i%len(places)], Region: ticket.Regions()[i%17], District: "서초구", Address: fmt.Sprintf("서초구 남부순환로 %d", 2000+i)},
			AgeText: "초등학생이상 관람가", MinAgeYears: &age, TimesText: "화·목·금 19:30 / 수 15:00, 19:30 / 토·일 14:00, 18:30 (월 쉼)",
			Synopsis: strings.Repeat(fmt.Sprintf("%d번째 이야기. 사랑과 용기를 노래하는 한 남자의 삶이 무대 위에 다시 펼쳐진다. ", i), 15)}
		for j, name := range names {
			p.Cast = append(p.Cast, ticket.CastMember{Name: name, Role: fmt.Sprintf("배역 %d", j), ArtistID: fmt.Sprintf("a%025d", i*16+j)})
		}
		for j, seller := range ticket.Sellers() {
			o := ticket.Offer{ID: fmt.Sprintf("o%022d%d", i, j), Seller: seller, URL: "https://ticket.yes24.com/Perf/1", Title: p.Title, CheckedAt: testNow(), OpensAt: &opens}
			for k, grade := range []string{"VIP석", "R석", "S석", "A석"} {
				o.Prices = append(o.Prices, ticket.Price{Grade: grade, Won: ticket.Won(170_000 - 30_000*k - 1000*j)}, ticket.Price{Grade: grade, Label: "조기예매 30%", Won: ticket.Won(119_000 - 21_000*k)})
			}
			p.Offers = append(p.Offers, o)
			p.Openings = append(p.Openings, ticket.OpeningRef{ID: o.ID, Seller: seller, Round: j + 1, Kind: "general", OpensAt: &opens, URL: o.URL})
		}
		s.shows = append(s.shows, p)
	}
}

var (
	reResource = regexp.MustCompile(`(?:<link rel="(?:stylesheet|icon|preload|modulepreload|manifest)"[^>]*href|<(?:script|img|iframe|source|video|audio|embed)[^>]* src)="([^"]+)"`)
	foreign    = regexp.MustCompile(`(?:src|href)="(?:https?:)?//[^"]+"[^>]*(?:rel="(?:stylesheet|icon)"|>\s*</script>)`)
)

// TestWeight holds the pages a visitor meets first to what a phone on a bad line can bear: with everything they ask for
// before a poster is seen, compressed, at most 30 kB in at most five requests.
func TestWeight(t *testing.T) {
	t.Parallel()
	const most, requests = 30_000, 5
	k := &clockwork{}
	keeping(t, k)
	k.shows = nil
	busy(k.shelf, 20)
	first := k.shows[0].ID
	k.near[first] = []recommend.Neighbour{{ID: k.shows[1].ID, Reasons: []string{"같은 장르", "같은 배우"}}, {ID: k.shows[2].ID}, {ID: k.shows[3].ID}}
	k.generation.Add(1)
	for _, target := range []string{"/search", "/p/" + first, "/"} {
		page := ask(k, "GET", target, "").Body.String()
		sum := ask(k, "GET", target, "", "Accept-Encoding", "gzip").Body.Len()
		html := sum
		asked := map[string]bool{target: true}
		for _, m := range reResource.FindAllStringSubmatch(page, -1) {
			if asked[m[1]] {
				continue
			}
			asked[m[1]] = true
			w := ask(k, "GET", m[1], "", "Accept-Encoding", "gzip")
			if w.Code != 200 {
				t.Errorf("%s asks for %s: %d", target, m[1], w.Code)
			}
			sum += w.Body.Len()
		}
		if target == "/search" && strings.Count(page, `class="card"`) != 20 {
			t.Errorf("%s has %d cards", target, strings.Count(page, `class="card"`))
		}
		if sum > most || len(asked) > requests || foreign.MatchString(page) {
			t.Errorf("%s: %d bytes, %d requests", target, sum, len(asked))
		}
		t.Logf("%s: %d bytes, %d compressed, %d with all it asks for, in %d requests", target, len(page), html, sum, len(asked))
	}
}
