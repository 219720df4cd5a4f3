package web

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/catalog"
	"ticketmoa/modules/ticket"
)

func (s *shelf) Artist(id string) (ticket.Artist, error) {
	for _, a := range s.Artists() {
		if a.ID == id || id == "old-"+a.ID {
			return a, nil
		}
	}
	return ticket.Artist{}, fmt.Errorf("%w", catalog.ErrNoArtist)
}

func (s *shelf) Artists() []ticket.Artist {
	return append(s.artists, ticket.Artist{ID: "a1", Name: "키", Aliases: []string{"KEY"}, Groups: []string{"SHINee"}, Genres: []ticket.Genre{ticket.Musical}, Companies: []string{"고래기획"}},
		ticket.Artist{ID: "a2", Name: "까치 <b>", Genres: []ticket.Genre{ticket.Play}}, ticket.Artist{ID: "a3", Name: "SHINee", IsGroup: true})
}

func (s *shelf) Venue(id string) (ticket.Venue, error) {
	for _, v := range s.Venues() {
		if v.ID == id || id == "old-"+v.ID {
			return v, nil
		}
	}
	return ticket.Venue{}, fmt.Errorf("%w", catalog.ErrNoVenue)
}

func (s *shelf) Venues() []ticket.Venue {
	lat, lng := 37.5, 127.01
	return []ticket.Venue{{ID: "v1", Name: "블루스퀘어 (구. 인터파크홀)", Aliases: []string{"블루스퀘어 신한카드홀"}, Region: "서울", District: "용산구", Address: "서울 용산구 이태원로 294", Lat: &lat, Lng: &lng, Seats: 1766,
		Phone: "1544-1591", Homepage: "www.bluesquare.kr"}, {ID: "v2", Name: "소라극장", Homepage: "javascript:alert(1)"}}
}

func (s *shelf) Current(string, time.Time) int { return 2 }

func staged() *shelf {
	s := newShelf()
	s.shows[0].VenueID, s.shows[1].VenueID = "v1", "v1"
	s.shows[0].Cast = []ticket.CastMember{{Name: "키", Role: "시라노", ArtistID: "a1"}, {Name: "까치", ArtistID: "a2"}, {Name: "등"}}
	s.shows[1].Cast = []ticket.CastMember{{Name: "KEY", ArtistID: "a1"}}
	s.shows[1].Period = ticket.Period{Start: "2025-01-01", End: "2025-02-01"}
	return s
}

func TestArtistAPI(t *testing.T) {
	t.Parallel()
	h := serve(t, staged(), nil, nil)
	w := ask(h, "GET", "/api/v1/artists/a1", "")
	var a struct {
		ID, Name                           string
		Aliases, Groups, Genres, Companies []string
		Performances                       []struct {
			ID   string
			Role *string
			Cast []struct {
				ArtistID *string `json:"artist_id"`
			}
		}
		Page struct {
			Total int
			Next  *string `json:"next_cursor"`
		}
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &a))
	if w.Code != 200 || a.ID != "a1" || a.Name != "키" || a.Aliases[0] != "KEY" || a.Groups[0] != "SHINee" || a.Genres[0] != "musical" || a.Companies[0] != "고래기획" || a.Page.Total != 2 || a.Page.Next != nil ||
		len(a.Performances) != 2 || *a.Performances[0].Role != "시라노" || a.Performances[1].Role != nil || *a.Performances[0].Cast[0].ArtistID != "a1" || a.Performances[0].Cast[2].ArtistID != nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/api/v1/artists/a1?limit=1", ""); !strings.Contains(w.Body.String(), `"next_cursor":"more"`) || !strings.Contains(w.Header().Get("Link"), "cursor=more") {
		t.Errorf("%s %v", w.Body, w.Header())
	}
	if w := ask(h, "GET", "/api/v1/artists/a3", ""); !strings.Contains(w.Body.String(), `"aliases":[],"groups":[],"genres":[],"companies":[],"performances":[]`) {
		t.Errorf("empty lists: %s", w.Body)
	}
	for target, want := range map[string]string{"/api/v1/artists/old-a1?limit=1": "/api/v1/artists/a1?limit=1", "/api/v1/venues/old-v1": "/api/v1/venues/v1", "/artists/old-a1": "/artists/a1", "/venues/old-v2": "/venues/v2",
		"/artists/old-a1?page=2": "/artists/a1?page=2", "/venues/old-v2?page=2": "/venues/v2?page=2"} {
		if w := ask(h, "GET", target, ""); w.Code != 308 || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Header().Get("Location"))
		}
	}
	for _, target := range []string{"/api/v1/artists/nobody", "/api/v1/venues/nowhere"} {
		if w := ask(h, "GET", target, ""); w.Code != 404 || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/api/v1/artists/a1?limit=0", "/api/v1/artists/a1?limit=101", "/api/v1/venues/v1?limit=x", "/api/v1/artists/a1?cursor=bad"} {
		if w := ask(h, "GET", target, ""); w.Code != 400 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func TestVenueAPI(t *testing.T) {
	t.Parallel()
	h := serve(t, staged(), nil, nil)
	w := ask(h, "GET", "/api/v1/venues/v1", "")
	var v struct {
		ID, Name, Region, District, Address, Phone, Homepage string
		Aliases                                              []string
		Lat, Lng                                             float64
		Seats                                                int
		Performances                                         []struct{ ID string }
		Page                                                 struct{ Total int }
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &v))
	if w.Code != 200 || v.ID != "v1" || v.Region != "서울" || v.District != "용산구" || v.Address == "" || v.Seats != 1766 || v.Phone == "" || v.Lat != 37.5 || v.Lng != 127.01 || len(v.Performances) != 2 || v.Page.Total != 2 || len(v.Aliases) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/api/v1/venues/v2", ""); !strings.Contains(w.Body.String(), `"region":null,"district":null,"address":null,"lat":null,"lng":null,"seats":null,"phone":null`) {
		t.Errorf("unknown is null: %s", w.Body)
	}
}

func TestArtistAndVenuePages(t *testing.T) {
	t.Parallel()
	s := staged()
	h := serve(t, s, nil, nil)
	holds := func(target string, code int, wants ...string) {
		t.Helper()
		w := ask(h, "GET", target, "", "Accept", "text/html")
		for _, want := range wants {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s lacks %q", target, want)
			}
		}
		if w.Code != code || strings.Contains(w.Body.String(), "까치 <b>") || strings.Contains(w.Body.String(), "javascript:alert") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
		if left := regexp.MustCompile(`ZgotmplZ|%!|<no value>`).FindString(w.Body.String()); left != "" {
			t.Errorf("%s holds %q", target, left)
		}
	}
	holds("/artists/a1", 200, "<h1>키 <small>KEY</small></h1>", "SHINee", "고래기획", "진행 중이거나 예정된 공연", "지난 공연", "시라노", "함께 출연한 아티스트", `href="/artists/a2"`, "1편 함께", `"@type":"Person"`, `"performerIn"`, "뮤지컬", `rel="canonical" href="/artists/a1"`)
	holds("/artists/a3", 200, `"@type":"PerformingGroup"`, "지금 알려진 공연이 없습니다")
	holds("/venues/v1", 200, "서울 용산구 이태원로 294", "https://map.kakao.com/link/map/%EB%B8%94%EB%A3%A8%EC%8A%A4%ED%80%98%EC%96%B4,37.5,127.01", "https://map.naver.com/p/search/", "1,766석", "tel:1544-1591", `href="http://www.bluesquare.kr"`, "블루스퀘어 신한카드홀", `"@type":"EventVenue"`, `"latitude":37.5`)
	holds("/venues/v2", 200, "https://map.kakao.com/link/search/", "소라극장")
	holds("/artists", 200, "ㄱ", "ㅋ", "A–Z", `href="/artists/a3"`, "진행·예정 2편")
	holds("/artists?initial=%E3%84%B1", 200, "까치 &lt;b&gt;") // ㄲ stands under ㄱ
	holds("/venues", 200, "서울", "지역 미상", "용산구", `href="/venues/v1"`)
	holds("/venues?region=서울", 200, `href="/venues/v1"`)
	holds("/p/p1", 200, `<a href="/artists/a1">키</a>`, `<a href="/venues/v1">`, "등")
	holds("/artists/nobody", 404, "찾는 아티스트가 없습니다")
	holds("/venues/nowhere", 404, "찾는 공연장이 없습니다")
	holds("/artists?initial=x", 400, "초성")
	holds("/venues?region=평양", 400, "지역")
	if w := ask(h, "GET", "/artists?initial=%E3%84%B1", ""); strings.Contains(w.Body.String(), `href="/artists/a1"`) {
		t.Error("키 stands under ㄱ")
	}
	for i := range 300 {
		s.artists = append(s.artists, ticket.Artist{ID: fmt.Sprint("n", i), Name: fmt.Sprint("나", i)})
	}
	holds("/artists", 200, `rel="next" href="/artists?page=2"`, "1 / 3쪽")
	holds("/artists?page=99", 200, `rel="prev" href="/artists?page=2"`, "3 / 3쪽")
	holds("/artists?initial=ㄴ&page=2", 200, `rel="prev"`, "2 / 3쪽")
}
