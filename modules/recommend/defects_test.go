package recommend

import (
	"fmt"
	"strings"
	"testing"

	"ticketmoa/modules/ticket"
)

// TestDefectOffByOneLists: the first system skipped shows without a first day and then zipped two lists, so that every
// later show got another's neighbours. From a (1 Dec) the window reaches 1 Mar, from b (20 Dec) 20 Mar; nothing starts
// after e (20 Feb). b shares 등대 and 바다 with a, e shares 바다 alone, so a's order is b, e.
func TestDefectOffByOneLists(t *testing.T) {
	t.Parallel()
	want := map[string]string{"a": "[b e]", "b": "[e]", "c": "[]", "d": "[]", "e": "[]"}
	for _, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 3, 1, 4}} {
		s := &shelf{}
		for _, i := range order {
			s.shows = append(s.shows, five().shows[i])
		}
		r := newRecommender(t, s, nil)
		run(t, r)
		for id, w := range want {
			if got := ids(t, r, id); got != w {
				t.Errorf("order %v: similar to %s = %s, want %s", order, id, got, w)
			}
		}
	}
}

// TestDefectPlaceholderText: in the first system all shows without a text were alike to the last bit.
func TestDefectPlaceholderText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"상세설명이 없습니다.", "", "default", "준비중입니다", "등록된 줄거리가 없습니다.", "본 공연은 이벤트에 의해 관람 시간이 달라질 수 있습니다."} {
		s := &shelf{}
		for i, title := range []string{"바다", "하늘", "우산", "연필", "구름", "호랑나비"} {
			p := performance(fmt.Sprint("p", i), title, "서울", "2026-12-01", text)
			p.Genre = ticket.Genres()[i]
			s.shows = append(s.shows, p)
		}
		r := newRecommender(t, s, nil)
		run(t, r)
		for i := range s.shows {
			if near := similar(t, r, fmt.Sprint("p", i), 20); len(near) > 0 {
				t.Errorf("%q alone makes %v like %s", text, near, s.shows[i].Title)
			}
		}
	}
}

// TestDefectLostOrder: lists come in the order of their scores, as they were written, not in that of the store.
func TestDefectLostOrder(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	words := strings.Fields("등대 바다 소년 고래 파도 항구 갈매기 선장 나침반 모래")
	s.shows = append(s.shows, performance("z", "원본", "서울", "2026-12-01", strings.Join(words, " ")))
	for i := range words { // the more words it shares, the lower its id sorts
		s.shows = append(s.shows, performance(fmt.Sprint("m", 9-i), fmt.Sprint("사본", i), "서울", "2026-12-02",
			strings.Join(words[:i+1], " ")+strings.Repeat(" 딴말"+fmt.Sprint(i), 3)))
	}
	r := newRecommender(t, s, nil)
	run(t, r)
	near := similar(t, r, "z", 20)
	if len(near) != len(words) || near[0].ID != "m0" {
		t.Fatalf("%v", near)
	}
	for i := 1; i < len(near); i++ {
		if near[i].Score > near[i-1].Score {
			t.Errorf("%v before %v", near[i-1], near[i])
		}
	}
}
