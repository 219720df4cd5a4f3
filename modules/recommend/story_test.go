package recommend

import (
	"testing"

	"ticketmoa/modules/ticket"
)

// TestStory: of what pictures say, sentences tell something of a show; headings, prices and times are on every picture.
func TestStory(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ synopsis, strip, want string }{
		"no picture":      {"바다 이야기", "", "바다 이야기"},
		"a sentence":      {"바다 이야기", "공연 정보\n안개 낀 항구의 등대지기가 마지막 편지를 쓴다", "바다 이야기\n안개 낀 항구의 등대지기가 마지막 편지를 쓴다"},
		"facts say none":  {"", "기간 : 2026년 12월 1일(화) ~ 2026년 12월 31일(목)\n장애인·국가유공자 할인 50%\n캐스팅\n관람 연령 : 초등학생 이상 관람가", ""},
		"a line of names": {"", "조형균 최재림", ""},
	} {
		if got := story(&ticket.Performance{Synopsis: tc.synopsis, StripText: tc.strip}); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
