package normalize_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/sellers/sellerstest"
	"ticketmoa/modules/ticket"
)

// TestRegionsOfTheSets measures how often the 시도 of a venue is answered, and rightly, on the sellers' own venue strings
// (target Q2), each distinct string once. The truth comes from ids, addresses and verbatim names that the sets carry,
// never from the code under test.
func TestRegionsOfTheSets(t *testing.T) {
	t.Parallel()
	sellerstest.Path(t, "sets")
	facilities := kopisFacilities(t)
	sets := []struct {
		name  string
		truth map[string]ticket.Region
	}{
		{"platform_venue", platformVenues(t, facilities)}, {"jellimin", jelliminVenues(t)}, {"naehan", naehanVenues(t, facilities)},
	}
	fetched, fresh := normalize.NewGazetteer(facilities), normalize.NewGazetteer(nil)
	for _, mode := range []struct {
		name            string
		g               *normalize.Gazetteer
		answered, right float64 // the least shares: of all, of the answered
	}{{"with the facility list", fetched, .95, .99}, {"fresh install", fresh, .70, .99}} {
		var total, answered, right int
		seen := map[string]bool{}
		for _, set := range sets {
			var n, a, r int
			for _, name := range sorted(set.truth) {
				want := set.truth[name]
				p, ok := mode.g.Find(name)
				n++
				first := !seen[name]
				seen[name] = true
				if first {
					total++
				}
				if !ok {
					if mode.g == fetched {
						t.Logf("%s, %s: no answer for %q (%s)", mode.name, set.name, name, want)
					}
					continue
				}
				a++
				if p.Region == want {
					r++
				} else {
					t.Logf("%s, %s: WRONG %q: %s, not %s (%s)", mode.name, set.name, name, want, p.Region, p.Name)
				}
				if first {
					answered++
					if p.Region == want {
						right++
					}
				}
			}
			t.Logf("%s, %s: %d strings, %d answered, %d right", mode.name, set.name, n, a, r)
		}
		t.Logf("%s, ALL: %d distinct strings, %d answered (%.1f %%), %d right (%.2f %%)", mode.name, total, answered,
			100*float64(answered)/float64(total), right, 100*float64(right)/float64(answered))
		if float64(answered) < mode.answered*float64(total) || float64(right) < mode.right*float64(answered) {
			t.Errorf("%s: below the target of %.0f %% answered and %.0f %% of those right", mode.name, 100*mode.answered, 100*mode.right)
		}
	}
}

// TestNamesOfAllFacilities asks a fresh install for the nearly 4,000 names KOPIS gives halls: names nobody had in mind.
func TestNamesOfAllFacilities(t *testing.T) {
	t.Parallel()
	var answered, right, total int
	for _, f := range kopisFacilities(t) {
		if f.Place.Region == "" {
			continue
		}
		total++
		region, _, ok := normalize.VenueRegion(f.Place.Name)
		if !ok {
			continue
		}
		answered++
		if region == f.Place.Region {
			right++
		} else {
			t.Logf("WRONG %q: %s, not %s", f.Place.Name, f.Place.Region, region)
		}
	}
	t.Logf("%d names, %d answered, %d right (%.2f %%)", total, answered, right, 100*float64(right)/float64(answered))
	if float64(right) < .99*float64(answered) {
		t.Error("fewer than 99 % of the answers are right")
	}
}

func sorted(m map[string]ticket.Region) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func table(t testing.TB, parts ...string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sellerstest.File(t, append([]string{"sets"}, parts...)...), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records(rows)
}

func records(rows [][]string) []map[string]string {
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, cell := range row {
			if i < len(rows[0]) {
				m[rows[0][i]] = cell
			}
		}
		out = append(out, m)
	}
	return out
}

// kopisFacilities is the facility list as the program would have fetched it.
func kopisFacilities(t testing.TB) []ticket.Facility {
	t.Helper()
	detail := map[string]map[string]string{}
	for _, d := range table(t, "kopis_2026_seoyeon", "04_facility_detail.csv") {
		detail[d["mt10id"]] = d
	}
	var out []ticket.Facility
	for _, f := range table(t, "kopis_2026_seoyeon", "03_facility_list.csv") {
		p := ticket.Place{Name: f["fcltynm"], Code: f["mt10id"], Address: detail[f["mt10id"]]["adres"]} //nolint:misspell // KOPIS spells it so
		if slices.Contains(ticket.Regions(), ticket.Region(f["sidonm"])) {
			p.Region = ticket.Region(f["sidonm"])
			if r, d := normalize.Region(p.Address); r == p.Region {
				p.District = d
			}
		}
		out = append(out, ticket.Facility{Key: "kopis:" + p.Code, Source: "kopis", FetchedAt: time.Unix(0, 0), Place: p})
	}
	return out
}

// platformVenues joins what a seller calls a venue to the facility of the KOPIS performance beside it: by the facility's
// id where another set of KOPIS musicals has the performance, otherwise by the name KOPIS writes before the hall.
func platformVenues(t *testing.T, facilities []ticket.Facility) map[string]ticket.Region {
	byID, byName := map[string]ticket.Region{}, verbatim(facilities)
	at := map[string]string{}
	for _, f := range facilities {
		byID[f.Place.Code] = f.Place.Region
	}
	for _, row := range table(t, "kopis_musicals_skn03", "p_d.csv") {
		at[row["performance_id"]] = row["facility_id"]
	}
	out := map[string]ticket.Region{}
	for _, row := range table(t, "crossplatform", "kopis_vs_platform_titles_2023.csv") {
		region := byID[at[row["mt20id"]]]
		if region == "" {
			region = byName(row["kopis_place"])
		}
		if region == "" {
			region = readByEye[row["platform_venue"]]
		}
		if region == "" {
			t.Errorf("no truth for %q (%s)", row["platform_venue"], row["kopis_place"])
			continue
		}
		out[row["platform_venue"]] = region
	}
	return out
}

// readByEye are the venues whose truth no join finds: renamed since, and looked up one by one.
var readByEye = map[string]ticket.Region{
	"대학로 열린극장":    "서울", // its address lacks the 시도: 종로구 명륜2가
	"노형수퍼마켙":      "제주", // its address is 해안동 2137-1: the media art house in Jeju
	"부산 해바라기 소극장": "부산", // no address; KOPIS lists it as 해바라기소극장 [부산]
}

// excluded are strings that name no place, or one nobody can know from what the sets say.
var excluded = map[string]string{
	"해당공연 공연장": "names no place", "해당정보없음": "names no place", "해당정보 없음": "names no place", "온라인": "no place",
	"연남스페이스": "no address, and in no list",
}

// jelliminVenues takes the 시도 off the address Interpark gives beside the venue.
func jelliminVenues(t *testing.T) map[string]ticket.Region {
	out := map[string]ticket.Region{}
	for _, file := range []string{"current_shows_2023-08.csv", "simm.csv"} {
		for _, row := range table(t, "interpark_jellimin", file) {
			name := row["장소"]
			if name == "" || excluded[name] != "" {
				continue
			}
			region := addressRegion(row["주소"])
			if region == "" {
				region = readByEye[name]
			}
			if region == "" {
				if out[name] == "" {
					t.Errorf("no truth for %q (%s)", name, row["주소"])
				}
				continue
			}
			out[name] = region
		}
	}
	return out
}

// addressRegion reads the first word of an address, and nothing more.
func addressRegion(address string) ticket.Region {
	first, _, _ := strings.Cut(strings.TrimSpace(address), " ")
	for long, short := range map[string]ticket.Region{"충청북도": "충북", "충청남도": "충남", "전라북도": "전북", "전라남도": "전남", "경상북도": "경북", "경상남도": "경남"} {
		if first == long {
			return short
		}
	}
	for _, r := range ticket.Regions() {
		if strings.HasPrefix(first, string(r)) {
			return r
		}
	}
	return ""
}

// naehanVenues reads KOPIS's own list of visiting artists: facility and hall in one string. Its column of regions is
// that of the listing's search, often another one's; so it counts only where no facility's name begins the string.
func naehanVenues(t *testing.T, facilities []ticket.Facility) map[string]ticket.Region {
	older := records(sheet(t, sellerstest.File(t, "sets", "kopis_naehan_lshpy", "공연시설DB.xlsx")))
	known := slices.Clone(facilities)
	for _, row := range older {
		known = append(known, ticket.Facility{Place: ticket.Place{Name: row["공연시설명"], Region: addressRegion(row["주소"])}})
	}
	byName := verbatim(known)
	votes := map[string]map[ticket.Region]int{}
	for _, row := range records(sheet(t, sellerstest.File(t, "sets", "kopis_naehan_lshpy", "내한공연DB.xlsx"))) {
		name := row["공연장소"]
		if name == "" || excluded[name] != "" {
			continue
		}
		if votes[name] == nil {
			votes[name] = map[ticket.Region]int{}
		}
		votes[name][ticket.Region(row["지역"])]++
	}
	out := map[string]ticket.Region{}
	for name, v := range votes {
		region := readByEye[name]
		if region == "" {
			region = byName(name)
		}
		if region == "" {
			most := 0
			for r, n := range v {
				if n > most {
					region, most = r, n
				}
			}
			t.Logf("truth by the column of regions: %q %v", name, v)
		} else if v[region] == 0 {
			t.Logf("the column of regions disagrees: %q %v, facility in %s", name, v, region)
		}
		out[name] = region
	}
	return out
}

// verbatim finds the facility whose whole name a text begins with, blanks aside; the longest one.
func verbatim(facilities []ticket.Facility) func(string) ticket.Region {
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	names := map[string]map[ticket.Region]bool{}
	for _, f := range facilities {
		if k := bare(f.Place.Name); f.Place.Region != "" {
			if names[k] == nil {
				names[k] = map[ticket.Region]bool{}
			}
			names[k][f.Place.Region] = true
		}
	}
	return func(text string) ticket.Region {
		for k := bare(text); len(k) >= 2*len("가"); k = k[:len(k)-1] {
			if len(names[k]) == 1 {
				for r := range names[k] {
					return r
				}
			}
		}
		return ""
	}
}

// sheet reads the first sheet of a workbook.
func sheet(t *testing.T, book []byte) [][]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var shared struct {
		Items []struct {
			T    string   `xml:"t"`
			Runs []string `xml:"r>t"`
		} `xml:"si"`
	}
	var data struct {
		Rows []struct {
			Cells []struct {
				Ref    string `xml:"r,attr"`
				Type   string `xml:"t,attr"`
				Value  string `xml:"v"`
				Inline string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	for name, into := range map[string]any{"xl/sharedStrings.xml": &shared, "xl/worksheets/sheet1.xml": &data} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(b, into); err != nil {
			t.Fatal(err)
		}
	}
	var out [][]string
	for _, r := range data.Rows {
		var row []string
		for _, c := range r.Cells {
			col := 0
			for _, l := range strings.TrimRight(c.Ref, "0123456789") {
				col = col*26 + int(l-'A') + 1
			}
			for len(row) < col {
				row = append(row, "")
			}
			text := c.Inline + c.Value
			if c.Type == "s" {
				var i int
				if _, err := fmt.Sscan(c.Value, &i); err != nil || i >= len(shared.Items) {
					t.Fatalf("cell %s: %q is no shared string", c.Ref, c.Value)
				}
				text = shared.Items[i].T + strings.Join(shared.Items[i].Runs, "")
			}
			row[col-1] = text
		}
		out = append(out, row)
	}
	return out
}
