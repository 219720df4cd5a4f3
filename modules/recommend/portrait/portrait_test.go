package portrait

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", " ", "-", "...", "상세설명이 없습니다.", "상세 설명이 없습니다", "상세정보 없음", "등록된 줄거리가 없습니다.", "준비중입니다.", "내용 준비 중", "추후 공지",
		"default", "null", "N/A", "TBD", "상세페이지 참조", "작품 소개가 없습니다!", "상세 내용은 추후 공지 예정"} {
		if !Placeholder(s) {
			t.Errorf("%q says nothing", s)
		}
	}
	for _, s := range []string{"사랑", "없습니다 나는", "바다", "추후의 사랑", "내용증명", "이 세상에 없는 계절", "준비된 신부", strings.Repeat("상세설명이 없습니다 ", 30)} {
		if Placeholder(s) {
			t.Errorf("%q says something", s)
		}
	}
}

// TestWhatManySayWordForWord: a sentence that four productions have is nobody's; one that a production has in four halls is its own.
func TestWhatManySayWordForWord(t *testing.T) {
	t.Parallel()
	var shows []Show
	for i := range 4 {
		shows = append(shows,
			Show{Title: fmt.Sprint("여행", i), Production: fmt.Sprint("여행", i), Synopsis: fmt.Sprint("사진 촬영은 금지되어 있습니다. 낱말", i, " 하나.")},
			Show{Title: "순회", Production: "순회", Synopsis: "등대지기 소년이 고래를 만납니다."})
	}
	s, c := Learn(Shipped, shows)
	if got := s.telling(shows[0].Synopsis); strings.Contains(got, "촬영") || !strings.Contains(got, "낱말0") {
		t.Errorf("told is %q", got)
	}
	if got := s.telling(shows[1].Synopsis); got != shows[1].Synopsis {
		t.Errorf("a production's own text is %q", got)
	}
	if c.Cosine(1, 3) < 0.99 {
		t.Error("two runs of a production are alike")
	}
	// A new show with the same notice is not like the others for it.
	more := s.Extend(c, []Show{{Title: "별", Production: "별", Synopsis: "사진 촬영은 금지되어 있습니다."}})
	for d := range c.Len() {
		if v := more.Cosine(c.Len(), d); v > 0 {
			t.Errorf("a notice makes a show %.2f like %s", v, shows[d].Title)
		}
	}
}

func TestKeywords(t *testing.T) {
	t.Parallel()
	var shows []Show
	for i := range 100 {
		shows = append(shows, Show{Title: fmt.Sprint("공연", i), Synopsis: "공연의 관객에게 공연을"})
	}
	shows[3].Synopsis, shows[4].Synopsis = "등대의 소년이 조형균을 만난다. 떠난다", "등대에서 떠난다 조형균과"
	shows[3].Cast = []string{"조형균"}
	s, _ := Learn(Shipped, shows)
	a, b := s.Keywords(&shows[3]), s.Keywords(&shows[4])
	if got := s.Shared(a, b, 5); !slices.Equal(got, []string{"등대"}) {
		t.Errorf("both are about %v", got)
	}
	if got := s.Shared(a, s.Keywords(&shows[9]), 5); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
