package demo

import (
	"strconv"
	"strings"

	"ticketmoa/modules/ticket"
)

// hall is a venue. The halls are real ones, so that regions resolve and names are written the ways sellers write them;
// coordinates are rough. What plays in them is invented.
type hall struct {
	code     string // KOPIS's
	name     string
	mark     string // what KOPIS sets behind the name, "[서울]"
	address  string
	region   ticket.Region
	city     string // as a title names it: "청주", "부산"
	lat, lng string
	seats    int
	rooms    []room
}

// room is one stage of a hall: kinds says what plays there, name is "" for a hall of one stage.
type room struct {
	hall  *hall
	kinds string // of kindLetters
	name  string
}

// The kinds of rooms: b big stages, s small stages, c concert halls, l live halls, e exhibition halls.
const hallRows = `예술의전당|[서울]|서울특별시 서초구 남부순환로 2406 (서초동)|37.4786|127.0118|2340|b:오페라극장,b:CJ 토월극장,s:자유소극장,c:콘서트홀,c:IBK챔버홀,c:리사이틀홀
블루스퀘어||서울특별시 용산구 이태원로 294 (한남동)|37.5408|127.0025|1760|b:신한카드홀,l:마스터카드홀
세종문화회관||서울특별시 종로구 세종대로 175 (세종로)|37.5725|126.9756|3022|bc:대극장,b:M씨어터,s:S씨어터,c:체임버홀,e:미술관
국립극장||서울특별시 중구 장충단로 59 (장충동2가)|37.5523|126.9996|1221|bc:해오름극장,b:달오름극장,s:하늘극장
충무아트센터||서울특별시 중구 퇴계로 387 (흥인동)|37.5660|127.0147|1255|b:대극장,s:중극장 블랙,s:소극장 블루
LG아트센터 서울||서울특별시 강서구 마곡중앙로 136 (마곡동)|37.5657|126.8290|1335|bc:LG SIGNATURE 홀,s:U+ 스테이지
샤롯데씨어터||서울특별시 송파구 올림픽로 240 (잠실동)|37.5107|127.0990|1241|b:
롯데콘서트홀||서울특별시 송파구 올림픽로 300 (신천동)|37.5135|127.1040|2036|c:
두산아트센터||서울특별시 종로구 종로33길 15 (연지동)|37.5718|127.0010|620|b:연강홀,s:Space111
대학로예술극장||서울특별시 종로구 대학로10길 17 (동숭동)|37.5806|127.0033|504|s:대극장,s:소극장
아르코예술극장||서울특별시 종로구 대학로8길 7 (동숭동)|37.5808|127.0026|600|s:대극장,s:소극장
국립국악원||서울특별시 서초구 남부순환로 2364 (서초동)|37.4775|127.0083|734|c:예악당,c:우면당
올림픽공원||서울특별시 송파구 올림픽로 424 (방이동)|37.5206|127.1151|2452|l:올림픽홀,l:뮤즈라이브
예스24 라이브홀||서울특별시 광진구 구천면로 20 (광장동)|37.5453|127.1077|1090|l:
마포아트센터||서울특별시 마포구 대흥로20길 28 (대흥동)|37.5497|126.9453|1004|bc:아트홀 맥,s:플레이 맥
동대문디자인플라자||서울특별시 중구 을지로 281 (을지로7가)|37.5665|127.0092|0|e:뮤지엄 전시1관,e:뮤지엄 전시2관
부산문화회관||부산광역시 남구 유엔평화로76번길 1 (대연동)|35.1255|129.0948|1403|bc:대극장,b:중극장,c:챔버홀
드림씨어터|[부산]|부산광역시 남구 전포대로 133 (문현동)|35.1479|129.0653|1727|b:
영화의전당||부산광역시 해운대구 수영강변대로 120 (우동)|35.1712|129.1271|841|bl:하늘연극장,s:소극장
벡스코||부산광역시 해운대구 APEC로 55 (우동)|35.1689|129.1360|4002|l:오디토리움,e:제2전시장
대구오페라하우스||대구광역시 북구 호암로 15 (칠성동2가)|35.8838|128.5918|1508|bc:
계명아트센터||대구광역시 달서구 달구벌대로 1095 (신당동)|35.8556|128.4917|1954|bl:
수성아트피아||대구광역시 수성구 무학로 180 (지산동)|35.8285|128.6310|1167|c:대극장,s:소극장
인천문화예술회관||인천광역시 남동구 예술로 149 (구월동)|37.4476|126.7009|1332|bcl:대공연장,s:소공연장
아트센터인천||인천광역시 연수구 아트센터대로 222 (송도동)|37.3949|126.6372|1727|c:콘서트홀
광주예술의전당||광주광역시 북구 북문대로 60 (운암동)|35.1752|126.8802|1517|bcl:대극장,s:소극장
국립아시아문화전당||광주광역시 동구 문화전당로 38 (광산동)|35.1470|126.9200|1120|s:예술극장 극장2,e:복합전시1관
대전예술의전당||대전광역시 서구 둔산대로 135 (만년동)|36.3665|127.3838|1546|bcl:아트홀,s:앙상블홀
울산문화예술회관||울산광역시 남구 번영로 200 (달동)|35.5435|129.3290|1428|bcl:대공연장,s:소공연장
세종예술의전당||세종특별자치시 나성로 125 (나성동)|36.4860|127.2590|1071|bcl:
성남아트센터||경기도 성남시 분당구 성남대로 808 (야탑동)|37.4030|127.1309|1804|b:오페라하우스,c:콘서트홀,s:앙상블시어터
고양아람누리||경기도 고양시 일산동구 중앙로 1286 (마두동)|37.6606|126.7761|1887|b:아람극장,c:아람음악당,s:새라새극장
경기아트센터||경기도 수원시 팔달구 효원로307번길 20 (인계동)|37.2610|127.0370|1541|bl:대극장,s:소극장
부천아트센터||경기도 부천시 원미구 소향로 165 (중동)|37.5037|126.7645|1445|c:콘서트홀,s:소공연장
춘천문화예술회관||강원특별자치도 춘천시 효자상길5번길 13 (효자동)|37.8710|127.7290|982|bcl:
강릉아트센터||강원특별자치도 강릉시 종합운동장길 84 (교동)|37.7755|128.8970|998|bcl:사임당홀,s:소공연장
청주예술의전당||충청북도 청주시 서원구 흥덕로 69 (사직동)|36.6420|127.4720|1493|bcl:대공연장,s:소공연장
충주시문화회관||충청북도 충주시 중앙로 128 (성내동)|36.9690|127.9330|707|bsl:
천안예술의전당||충청남도 천안시 동남구 종합휴양지로 185 (성남면)|36.7640|127.2230|1642|bcl:대공연장,s:소공연장
한국소리문화의전당||전북특별자치도 전주시 덕진구 소리로 31 (덕진동1가)|35.8545|127.1390|2037|bcl:모악당,s:연지홀
군산예술의전당||전북특별자치도 군산시 백토로 203 (지곡동)|35.9660|126.7190|1200|bcl:대공연장
GS칼텍스 예울마루||전라남도 여수시 예울마루로 100 (시전동)|34.7430|127.6700|1021|bcl:대극장,s:소극장
순천문화예술회관||전라남도 순천시 삼산로 128 (석현동)|34.9580|127.4830|949|bcl:대극장
경주예술의전당||경상북도 경주시 알천북로 1 (황성동)|35.8490|129.2190|1098|bcl:화랑홀,s:원화홀
포항문화예술회관||경상북도 포항시 남구 희망대로 850 (대도동)|36.0090|129.3600|972|bcl:대공연장
안동문화예술의전당||경상북도 안동시 축제장길 66 (운흥동)|36.5630|128.7230|994|bcl:웅부홀
김해문화의전당||경상남도 김해시 김해대로 2060 (내동)|35.2370|128.8730|1464|bcl:마루홀,s:누리홀
성산아트홀||경상남도 창원시 의창구 중앙대로 181 (용호동)|35.2330|128.6810|1688|bcl:대극장,s:소극장
제주아트센터||제주특별자치도 제주시 오남로 231 (오라이동)|33.4780|126.5030|1184|bcl:
서귀포예술의전당||제주특별자치도 서귀포시 태평로 270 (서홍동)|33.2470|126.5510|802|bc:대극장,s:소극장`

// longRegions are the 시도 as KOPIS writes them, by the word an address begins with.
func shortRegion(long string) ticket.Region {
	for _, r := range ticket.Regions() {
		pair := []rune(string(r))
		runes := []rune(long)
		if strings.HasPrefix(long, string(r)) || len(runes) >= 3 && runes[0] == pair[0] && runes[2] == pair[1] {
			return r
		}
	}
	return ""
}

func buildHalls() []*hall {
	var out []*hall
	for row := range strings.SplitSeq(hallRows, "\n") {
		f := strings.Split(row, "|")
		words := strings.Fields(f[2])
		h := &hall{code: "FC9" + pad(len(out)+1, 5), name: f[0], mark: f[1], address: f[2], lat: f[3], lng: f[4], region: shortRegion(words[0])}
		h.seats, _ = strconv.Atoi(f[5]) // a literal of the table above
		h.city = string(h.region)
		if c, ok := strings.CutSuffix(words[1], "시"); ok {
			h.city = c
		}
		for r := range strings.SplitSeq(f[6], ",") {
			kinds, name, _ := strings.Cut(r, ":")
			h.rooms = append(h.rooms, room{hall: h, kinds: kinds, name: name})
		}
		out = append(out, h)
	}
	return out
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}

// ticketlinkName, yes24Name and kopisName are the three ways a room is written.
func (r room) ticketlinkName() string {
	return strings.TrimSpace(r.hall.name + " " + strings.ReplaceAll(r.name, " ", ""))
}

func (r room) yes24Name() string { return strings.TrimSpace(r.hall.name + " " + r.name) }

func (r room) kopisName() string {
	name := r.hall.kopisName()
	if r.name != "" {
		name += " (" + r.name + ")"
	}
	return name
}

func (h *hall) kopisName() string { return strings.TrimSpace(h.name + " " + h.mark) }

// province is the first word of the address: "서울특별시".
func (h *hall) province() string { return strings.Fields(h.address)[0] }

// district is the second word of the address, "" for 세종 that has none.
func (h *hall) district() string {
	if h.region == "세종" {
		return ""
	}
	return strings.Fields(h.address)[1]
}
