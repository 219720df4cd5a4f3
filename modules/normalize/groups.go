package normalize

import "strings"

// KnownGroup tells whether a key (NameKey) is a name of a group of the small table below; two names of one group have the
// same number.
func KnownGroup(key string) (number int, ok bool) {
	number, ok = groupsByName[key]
	return number, ok
}

var groupsByName = groupTable()

func groupTable() map[string]int {
	out := map[string]int{}
	n := 0
	for line := range strings.Lines(groupNames) {
		for group := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if strings.TrimSpace(group) == "" {
				continue
			}
			n++
			for name := range strings.SplitSeq(group, "=") {
				out[NameKey(name)] = n
			}
		}
	}
	return out
}

// groupNames lists groups whose members also stand on stages by themselves, so that their name in a bracket tells whose
// member somebody is. Names that are common words or names of persons are left out: a bracket never has to be a group.
const groupNames = `
방탄소년단=BTS=Bangtan Boys, 샤이니=SHINee, 슈퍼주니어=Super Junior=슈주, 동방신기=TVXQ=東方神起, 소녀시대=Girls' Generation=SNSD, 엑소=EXO, 레드벨벳=Red Velvet, 에프엑스=f(x)
엔시티=NCT, NCT 127=엔시티 127, NCT DREAM=엔시티 드림, WayV=웨이션브이, 에스파=aespa, 라이즈=RIIZE, 신화=SHINHWA, 에이치오티=H.O.T., S.E.S., 젝스키스=SECHSKIES, 핑클=Fin.K.L, 지오디=god
빅뱅=BIGBANG, 투애니원=2NE1, 위너=WINNER, 아이콘=iKON, 블랙핑크=BLACKPINK, 트레저=TREASURE, 베이비몬스터=BABYMONSTER, 2PM=투피엠, 2AM=투에이엠, 갓세븐=GOT7, 데이식스=DAY6, 스트레이 키즈=Stray Kids, 트와이스=TWICE
있지=ITZY, 엔믹스=NMIXX, 원더걸스=Wonder Girls, 미쓰에이=miss A, 비스트=BEAST, 하이라이트=Highlight, 비투비=BTOB, 펜타곤=PENTAGON, 포미닛=4MINUTE, (여자)아이들=(G)I-DLE=i-dle=아이들, 인피니트=INFINITE, 러블리즈=Lovelyz, 골든차일드=Golden Child
에이핑크=Apink, 빅톤=VICTON, 빅스=VIXX, 구구단=gugudan, 틴탑=TEEN TOP, 업텐션=UP10TION, 비원에이포=B1A4, 오마이걸=OH MY GIRL, 온앤오프=ONF, 세븐틴=SEVENTEEN, 뉴이스트=NU'EST, 투모로우바이투게더=TXT=TOMORROW X TOGETHER, 엔하이픈=ENHYPEN
르세라핌=LE SSERAFIM, 뉴진스=NewJeans, 여자친구=GFRIEND, 아이브=IVE, 스테이씨=STAYC, 몬스타엑스=MONSTA X, 우주소녀=WJSN, 크래비티=CRAVITY, 씨스타=SISTAR, 마마무=MAMAMOO, 원어스=ONEUS, 원위=ONEWE, 에이티즈=ATEEZ, 더보이즈=THE BOYZ
제로베이스원=ZEROBASEONE=ZB1, 워너원=Wanna One, 아이오아이=I.O.I, 아이즈원=IZ*ONE, 아스트로=ASTRO, 판타지보이즈=FANTASY BOYS, SF9=에스에프나인, 에프티아일랜드=FTISLAND, 씨엔블루=CNBLUE, 엔플라잉=N.Flying, 에이오에이=AOA, 피원하모니=P1Harmony
블락비=Block B, 비에이피=B.A.P, 제국의아이들=ZE:A, 엠블랙=MBLAQ, 유키스=U-KISS, 초신성=SUPERNOVA, SS501=더블에스501, 에스지워너비=SG워너비=SG WANNABE, 브라운아이드걸스=Brown Eyed Girls, 브라운아이드소울=Brown Eyed Soul, 다비치=Davichi, 티아라=T-ARA
레인보우=RAINBOW, 애프터스쿨=After School, 시크릿=SECRET, 걸스데이=Girl's Day, EXID=이엑스아이디, 크레용팝=Crayon Pop, 달샤벳=Dal Shabet, 베스티=BESTie, 라붐=LABOUM, 에이프릴=APRIL, 모모랜드=MOMOLAND, 위키미키=Weki Meki, 프로미스나인=fromis_9
포레스텔라=Forestella, 포르테 디 콰트로=Forte di Quattro, 라포엠=LA POEM, 라비던스=RabidAnce, 미라클라스=Miraclass, 흉스프레소, 인기현상, 레떼아모르=Letteamor, 크레즐=Crezl, 리베란테=Libelante, 포르테나=Fortena
키스오브라이프=KISS OF LIFE, 보이넥스트도어=BOYNEXTDOOR, 투어스=TWS, 아일릿=ILLIT, 케플러=Kep1er, 이달의 소녀=LOONA, 드림캐쳐=Dreamcatcher, 퍼플키스=PURPLE KISS, 이펙스=EPEX, 싸이커스=xikers
다이나믹 듀오=Dynamic Duo, 에픽하이=EPIK HIGH, 리쌍=LeeSSang, 국카스텐=Guckkasten, 잔나비=JANNABI, 혁오=HYUKOH, 넬=NELL, 자우림=Jaurim, 노라조, 울랄라세션, 버스커버스커=Busker Busker, 십센치=10CM, 악동뮤지션=AKMU=악뮤
`
