package search

import (
	"fmt"
	"testing"

	"ticketmoa/modules/ticket"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	phantom := show("phantom", "뮤지컬 〈오페라의 유령〉", "서울", "2026-12-01", "2027-02-01", 1)
	phantom.VenueID, phantom.Place.Name = "v1", "샤롯데씨어터"
	phantom.Cast = []ticket.CastMember{{Name: "조승우", ArtistID: "a1"}}
	again := show("busan", "뮤지컬 〈오페라의 유령〉", "부산", "2026-12-01", "2027-02-01", 1)
	bts := show("bts", "BTS 콘서트", "서울", "2026-12-01", "2027-02-01", 1)
	gone := show("gone", "오페라 나부코", "서울", "2025-12-01", "2025-12-02", 1)
	gone.Cast = []ticket.CastMember{{Name: "조승연", ArtistID: "a2"}}
	house := show("house", "겨울 음악회", "서울", "2026-12-01", "2027-02-01", 1)
	house.VenueID, house.Place.Name = "v2", "오페라하우스"
	x, _ := newIndex(t, phantom, again, bts, gone, house)
	for in, want := range map[string]string{
		"오페라":     "[performance:phantom venue:v2]",
		"오펠":      "[performance:phantom venue:v2]", // 오페ㄹ on the way to 오페라
		"ㅇㅍㄹㅇㅇㄹ":  "[performance:phantom]",
		"dhvpfk":  "[performance:phantom venue:v2]",
		"ㅠㅅㄴ":     "[performance:bts]",
		"bt":      "[performance:bts]",
		"조승":      "[artist:a1]",
		"샤롯대":     "[venue:v1]", // one letter wrong
		"오페라의 유":  "[performance:phantom]",
		"(((":     "[]",
		"":        "[]",
		"아무도없는이름": "[]",
	} {
		got := []string{}
		for _, s := range x.Suggest(in, 5, now) {
			id := s.ID
			if id == "busan" {
				id = "phantom" // either stands for both
			}
			got = append(got, string(s.Kind)+":"+id)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("Suggest(%q) = %v, want %s", in, got, want)
		}
	}
	if got := x.Named("조승우", 3, now); len(got) != 1 || got[0].ID != "a1" || got[0].Current != 1 {
		t.Errorf("Named = %+v", got)
	}
}
