package normalize

import "strings"

// clubs are the ten KBO clubs by every way sellers write them, without blanks and in lower case.
var clubs = clubNames()

func clubNames() map[string]string {
	m := map[string]string{}
	for full, others := range map[string]string{
		"LG 트윈스": "엘지 lg 엘지트윈스", "두산 베어스": "두산", "키움 히어로즈": "키움 넥센히어로즈", "KIA 타이거즈": "kia 기아 기아타이거즈", "삼성 라이온즈": "삼성",
		"SSG 랜더스": "ssg 쓱 신세계랜더스", "NC 다이노스": "nc 엔씨 엔씨다이노스", "KT 위즈": "kt 케이티 케이티위즈 ktwiz kt위즈", "롯데 자이언츠": "롯데", "한화 이글스": "한화",
	} {
		m[teamKey(full)] = full
		for o := range strings.FieldsSeq(others) {
			m[o] = full
		}
	}
	return m
}

func teamKey(s string) string { return strings.ToLower(strings.Join(strings.Fields(Text(s)), "")) }

// Team cleans the name of a team and writes the KBO clubs as they call themselves: "엘지 트윈스", "LG" and "LG 트윈스" are one.
func Team(raw string) string {
	if full := clubs[teamKey(raw)]; full != "" {
		return full
	}
	return Text(raw)
}
