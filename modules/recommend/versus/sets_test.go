package versus

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/recommend"
	"ticketmoa/modules/recommend/portrait"
)

// item is a show of a set, and what relevance is judged by.
type item struct {
	portrait.Show
	region  string
	company string
	series  string // the first word of a title that others begin with too; "" for none
	popular int    // how much is heard of it, as far as the set can tell
}

// set is the shows of one source.
type set struct {
	name  string
	items []item
}

// data is the folder of the shared sets; the test is skipped where it is not.
func data(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		for _, at := range []string{filepath.Join(dir, "..", "shared", "data", "sets"), filepath.Join(dir, "shared", "data", "sets")} {
			if _, err := os.Stat(at); err == nil {
				return at
			}
		}
		dir = filepath.Dir(dir)
	}
	if _, err := os.Stat("/work/shared/data/sets"); err == nil {
		return "/work/shared/data/sets"
	}
	t.Skip("no ../shared/data beside the checkout: quality on real shows is not measured")
	return ""
}

const maxText = 1500 // letters of a text that are compared, in every arm

func sets(t testing.TB) []set {
	t.Helper()
	dir := data(t)
	all := []set{kopis(t, dir), promo(t, dir), playdb(t, dir), interpark(t, dir)}
	for i := range all {
		all[i].settle()
	}
	return all
}

// settle keeps one of each production and venue: the same listing read twice is no second run.
func (s *set) settle() {
	seen := map[string]bool{}
	runs, series := map[string]int{}, map[string]map[string]bool{}
	s.items = slices.DeleteFunc(s.items, func(it item) bool {
		key := it.Production + "\x00" + it.Venue
		if it.Production == "" || seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
	for i := range s.items {
		it := &s.items[i]
		runs[it.Production]++
		first, _, _ := strings.Cut(it.Title, " ")
		if utf8.RuneCountInString(first) >= 3 {
			it.series = strings.Trim(first, "<>〈〉[]:,")
		}
		if series[it.series] == nil {
			series[it.series] = map[string]bool{}
		}
		series[it.series][it.Production] = true
		if r := []rune(it.Synopsis); len(r) > maxText {
			it.Synopsis = string(r[:maxText])
		}
	}
	for i := range s.items {
		it := &s.items[i]
		if n := len(series[it.series]); n < 2 || n > 12 { // a word like "어린이" makes no series
			it.series = ""
		}
		it.popular = cmp.Or(it.popular, runs[it.Production])
	}
}

var reCastEnd = regexp.MustCompile(`\s*(?:등|외|\.\.\.)\s*$`)

func names(list string) []string {
	var out []string
	for n := range strings.SplitSeq(strings.NewReplacer("...", "", "，", ",").Replace(list), ",") {
		if n = strings.TrimSpace(reCastEnd.ReplaceAllString(strings.TrimSpace(n), "")); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func newItem(title, synopsis, cast, genre, venue string) item {
	name, core := recommend.Production(title)
	return item{Show: portrait.Show{Title: name, Production: core, Synopsis: synopsis, Cast: names(cast), Genre: genre, Venue: venue}, region: normalize.Title(title).City}
}

func table(t testing.TB, r io.Reader, fn func(get func(name string) string)) {
	t.Helper()
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.LazyQuotes = -1, true
	head, err := c.Read()
	if err != nil {
		t.Fatal(err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for {
		row, err := c.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		fn(func(name string) string {
			if i := slices.Index(head, name); i >= 0 && i < len(row) {
				return row[i]
			}
			return ""
		})
	}
}

func file(t testing.TB, parts ...string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// kopis are musicals as the registry describes them.
func kopis(t testing.TB, dir string) set {
	t.Helper()
	s := set{name: "kopis musicals"}
	var rows []map[string]any
	if err := json.NewDecoder(file(t, dir, "kopis_musicals_skn03", "updated_detailed_data.json")).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	for _, values := range rows {
		r := map[string]string{}
		for k, v := range values {
			r[k], _ = v.(string)
		}
		genre := "뮤지컬"
		switch {
		case r["child"] == "Y":
			genre = "아동 뮤지컬"
		case r["musical_license"] == "Y":
			genre = "라이선스 뮤지컬"
		case r["musical_create"] == "Y":
			genre = "창작 뮤지컬"
		}
		it := newItem(r["title"], r["synopsis"], r["cast"], genre, r["place"])
		it.company = r["producer"]
		s.items = append(s.items, it)
	}
	return s
}

// promo are performances with what was written beneath the videos about them, found by a search that was often wrong.
func promo(t testing.TB, dir string) set {
	t.Helper()
	s := set{name: "kopis promo texts"}
	z, err := gzip.NewReader(file(t, dir, "kopis_youtube_text", "videos.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	texts, count := map[string]string{}, map[string]int{}
	table(t, z, func(get func(string) string) {
		id, text := get("perf_id"), get("description")
		count[id]++
		if n := utf8.RuneCountInString(text); n >= 120 && utf8.RuneCountInString(texts[id]) < maxText {
			texts[id] += text + "\n"
		}
	})
	table(t, file(t, dir, "kopis_youtube_text", "performances.csv"), func(get func(string) string) {
		it := newItem(get("title"), texts[get("perf_id")], "", get("genre"), get("venue"))
		it.popular = count[get("perf_id")]
		if it.Synopsis != "" {
			s.items = append(s.items, it)
		}
	})
	return s
}

// playdb are musicals of a theatre encyclopedia.
func playdb(t testing.TB, dir string) set {
	t.Helper()
	s := set{name: "playdb"}
	for _, name := range []string{"future_v2.csv", "present.csv", "mock.csv"} {
		table(t, file(t, dir, "playdb_mumo", name), func(get func(string) string) {
			s.items = append(s.items, newItem(get("title"), get("synopsis")+"\n"+get("describe"), get("actors"), get("genre"), get("location")))
		})
	}
	return s
}

// interpark are shows that ran on a day.
func interpark(t testing.TB, dir string) set {
	t.Helper()
	s := set{name: "interpark"}
	for _, name := range []string{"current_shows_2023-08.csv", "simm.csv"} {
		table(t, file(t, dir, "interpark_jellimin", name), func(get func(string) string) {
			it := newItem(get("제목"), get("줄거리")+"\n"+get("작품설명"), "", get("세부장르"), get("장소"))
			it.region, _, _ = strings.Cut(get("주소"), " ")
			s.items = append(s.items, it)
		})
	}
	return s
}
