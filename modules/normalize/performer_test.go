package normalize

import (
	"slices"
	"strings"
	"testing"

	"ticketmoa/modules/ticket"
)

func TestPerformersAreTakenApart(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]ticket.CastMember{
		"아이유(IU)":         {Name: "아이유", Also: "IU"},
		"방탄소년단 (BTS)":     {Name: "방탄소년단", Also: "BTS"},
		"ＢＴＳ（방탄소년단）":      {Name: "ＢＴＳ", Also: "방탄소년단"},
		"키(SHINee)":       {Name: "키", Also: "SHINee"},
		"규현 (슈퍼주니어)":      {Name: "규현", Also: "슈퍼주니어"},
		"키(KEY, SHINee)":  {Name: "키", Also: "KEY/SHINee"},
		"키(KEY)(SHINee)":  {Name: "키", Also: "KEY/SHINee"},
		"키 [of SHINee]":   {Name: "키", Also: "SHINee"},
		"태민(SHINee(샤이니))": {Name: "태민", Also: "SHINee/샤이니"},
		"(여자)아이들":         {Name: "(여자)아이들"},
		"(G)I-DLE":        {Name: "(G)I-DLE"},
		"(특별출연) 홍길동":      {Name: "홍길동"},
		"(특별출연)홍길동":       {Name: "홍길동"},
		"[시라노]조형균":        {Name: "조형균"},
		"［캐스트］ 조형균 (IU)":  {Name: "조형균", Also: "IU"},
		"(캐스트)조형균":        {Name: "조형균"},
		"홍길동(1992년생)":     {Name: "홍길동"},
		"홍길동(토)":          {Name: "홍길동"},
		"홍길동(Day1)":       {Name: "홍길동"},
		"BTOB(비투비) 창섭":    {Name: "BTOB 창섭"},
		"조성진(피아노)":        {Name: "조성진", Role: "피아노"},
		"조성진(Pf.)":        {Name: "조성진", Role: "Pf."},
		"조형균(시라노 역)":      {Name: "조형균", Role: "시라노"},
		"Sting (UK)":      {Name: "Sting"},
		"김보라 등":           {Name: "김보라"},
		"김보라 외 10명":       {Name: "김보라"},
		"[조형균]":           {Name: "조형균"},
		"조형균(":            {Name: "조형균"},
		"조형균)":            {Name: "조형균"},
		"키(SHINee":        {Name: "키", Also: "SHINee"},
		"비(B)":            {Name: "비"},
		"아이유(아이유)":        {Name: "아이유"},
		"등":               {},
		"":                {},
	} {
		if got := performer(raw); got != want {
			t.Errorf("performer(%q) = %+v, want %+v", raw, got, want)
		}
	}
	line := CastLine("키(KEY, SHINee), 민호(SHINee) / 조성진(피아노), 이름(닫히지 않음, 다음 사람")
	want := []ticket.CastMember{{Name: "키", Also: "KEY/SHINee"}, {Name: "민호", Also: "SHINee"}, {Name: "조성진", Role: "피아노"}, {Name: "이름", Also: "닫히지 않음"}}
	if len(line) < 4 || !slices.Equal(line[:3], want[:3]) {
		t.Errorf("%+v", line)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, none := range []string{"등", "외", "외 10명", "10명", "앙상블", "미정", "추후공지", "출연진", "지휘", "피아노", "게스트", "TBA", "…", "123", "캐스트", "외 다수", "그 외", "", strings.Repeat("긴", 60)} {
		if !NoName(none) {
			t.Errorf("%q is taken for a name", none)
		}
	}
	for _, name := range []string{"아이유", "비", "진", "고수", "IU", "2NE1", "앙상블 디토", "10CM", "Mike Ross", "정경화", "국립합창단", "소녀시대", "f(x)", "서울시립교향악단", "米津玄師"} {
		if NoName(name) {
			t.Errorf("%q is not taken for a name", name)
		}
	}
}

func TestNameKeys(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{{"ＩＵ", "IU", "iu", " I U "}, {"마이클 리", "마이클리"}, {"G.O.D", "god"}, {"조성진", "조성진"}} {
		for _, s := range same {
			if NameKey(s) != NameKey(same[0]) {
				t.Errorf("%q and %q", s, same[0])
			}
		}
	}
	for text, want := range map[string]Script{"아이유": Hangul, "BTS 진": Hangul, "IU": Latin, "2NE1": Latin, "米津玄師": OtherScript, "X JAPAN": Latin, "123": NoScript, "Чайковский": OtherScript} {
		if got := ScriptOf(text); got != want {
			t.Errorf("ScriptOf(%q) = %d", text, got)
		}
	}
	a, ok := KnownGroup(NameKey("ＳＨＩＮｅｅ"))
	if b, also := KnownGroup(NameKey("샤이니")); !ok || !also || a != b {
		t.Errorf("SHINee is %d %v, 샤이니 %d %v", a, ok, b, also)
	}
	for text, want := range map[string][]string{
		"(재)인천문화재단, 아트시나브로": {"아트시나브로"}, "(주)에이치제이컬쳐(HJ컬쳐)": {"(주)에이치제이컬쳐(HJ컬쳐)"}, "오픈리뷰㈜": {"오픈리뷰(주)"}, "예술의전당": nil, "서울특별시, CJ ENM": {"CJ ENM"}, "극단 가람": {"극단 가람"}, " ": nil, "미정": nil} {
		if got := Companies(text); !slices.Equal(got, want) {
			t.Errorf("Companies(%q) = %q", text, got)
		}
	}
	for _, same := range [][2]string{{"에이치제이컬쳐㈜", "에이치제이컬쳐 주식회사"}, {"(주)에이치제이컬쳐(HJ컬쳐)", "에이치제이컬쳐"}, {"주식회사 빌리언스", "㈜빌리언스"}} {
		if a, b := CompanyKey(same[0]), CompanyKey(same[1]); a != b || a == "" {
			t.Errorf("%q is %q, %q is %q", same[0], a, same[1], b)
		}
	}
}

func FuzzCastLine(f *testing.F) {
	for _, s := range []string{"키(KEY, SHINee), 민호(SHINee) 등", "시라노｜조형균 최재림", "(((", ")))(", "(여자)아이들(i-dle", "[\xff(가", "가(나(다)라)마"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, m := range CastLine(raw) {
			if m.Name == "" || m.Name != Text(m.Name) || m.ArtistID != "" {
				t.Errorf("CastLine(%q) gives %+v", raw, m)
			}
			for also := range strings.SplitSeq(m.Also, ticket.AlsoMark) {
				if m.Also != "" && NameKey(also) == "" {
					t.Errorf("CastLine(%q): %+v has an empty note", raw, m)
				}
			}
			NoName(m.Name)
		}
		Cast([]ticket.CastMember{{Name: raw, Role: raw}})
		Companies(raw)
	})
}
