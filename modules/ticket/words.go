package ticket

import "slices"

// Genre is the one kind a performance is of. Everything finer (family, festival, …) is a tag.
type Genre string

// The genres, in the order pages show them.
const (
	Musical     Genre = "musical"
	Play        Genre = "play"
	Concert     Genre = "concert"
	Classical   Genre = "classical"
	Dance       Genre = "dance"
	Traditional Genre = "traditional"
	CircusMagic Genre = "circus_magic"
	Exhibition  Genre = "exhibition"
	Sports      Genre = "sports"
	OtherGenre  Genre = "other"
)

// Genres lists every genre in display order. It returns a fresh slice.
func Genres() []Genre {
	return []Genre{Musical, Play, Concert, Classical, Dance, Traditional, CircusMagic, Exhibition, Sports, OtherGenre}
}

// Tags a performance may carry beside its genre.
const (
	TagFamily        = "family"
	TagFestival      = "festival"
	TagFanMeeting    = "fan_meeting"
	TagOpenRun       = "open_run"
	TagForeignArtist = "foreign_artist"
)

// Region is the short name of one of the 17 시도.
type Region string

// Regions lists the 17 시도 in the order of their official codes. It returns a fresh slice.
func Regions() []Region {
	return []Region{"서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주"}
}

// RegionsIn expands a filter value: one of the 17, or a group of the first system's (수도권, 경상, 전라, 충청).
// ok is false for anything else.
func RegionsIn(name string) (regions []Region, ok bool) {
	switch name {
	case "수도권":
		return []Region{"서울", "경기", "인천"}, true
	case "경상":
		return []Region{"부산", "대구", "울산", "경북", "경남"}, true
	case "전라":
		return []Region{"광주", "전북", "전남"}, true
	case "충청":
		return []Region{"대전", "세종", "충북", "충남"}, true
	}
	if r := Region(name); slices.Contains(Regions(), r) {
		return []Region{r}, true
	}
	return nil, false
}

// Seller is who sells a ticket. A seller beyond ours is OtherSeller with its name beside it.
type Seller string

// The sellers an offer can lead to.
const (
	Interpark   Seller = "interpark"
	YES24       Seller = "yes24"
	Ticketlink  Seller = "ticketlink"
	Melon       Seller = "melon"
	OtherSeller Seller = "other"
)

// Sellers lists every seller in display order. It returns a fresh slice.
func Sellers() []Seller { return []Seller{Interpark, YES24, Ticketlink, Melon, OtherSeller} }

// Status is where a performance or an offer stands now; it is a function of time and never stored for a performance.
type Status string

// The statuses. "" is unknown.
const (
	Upcoming Status = "upcoming"
	OnSale   Status = "on_sale"
	SoldOut  Status = "sold_out"
	Ended    Status = "ended"
)

// Statuses lists every status. It returns a fresh slice.
func Statuses() []Status { return []Status{Upcoming, OnSale, SoldOut, Ended} }

// Cause says why something changed. Alerts act on CauseSource only.
type Cause string

// The causes of a change.
const (
	CauseSource  Cause = "source"  // the source says something new
	CauseReparse Cause = "reparse" // the same page read by a newer parser
	CauseMerge   Cause = "merge"   // listings were joined or split
	CauseAdmin   Cause = "admin"   // a person decided
)
