package recommend

import "testing"

func TestProduction(t *testing.T) {
	t.Parallel()
	for title, want := range map[string][2]string{
		"호두까기 인형 - 서울 강동":       {"호두까기 인형", "호두까기인형"},
		"호두까기 인형 - 제주,서귀포":      {"호두까기 인형", "호두까기인형"},
		"뮤지컬 〈시라노〉 - 대구":        {"뮤지컬 〈시라노〉", "시라노"},
		"뮤지컬 〈시라노〉 [부산]":        {"뮤지컬 〈시라노〉", "시라노"},
		"스웨그 에이지: 외쳐, 조선 - 의정부": {"스웨그 에이지: 외쳐, 조선", "스웨그에이지외쳐조선"},
		"사계 - 봄": {"사계 - 봄", "사계봄"},
		"X-맨":    {"X-맨", "x맨"},
		"":       {"", ""},
	} {
		if name, core := Production(title); name != want[0] || core != want[1] {
			t.Errorf("%q is %q of %q, want %q", title, name, core, want)
		}
	}
}
