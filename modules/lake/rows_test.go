package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/lake/columns"
	"ticketmoa/modules/ticket"
)

// someEvents are n events with every kind and field, the same for the same seed.
func someEvents(n int, seed uint64) []ticket.Event {
	rng := rand.New(rand.NewPCG(seed, 1))
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	kinds := ticket.EventKinds()
	out := make([]ticket.Event, n)
	for i := range out {
		at = at.Add(time.Duration(rng.IntN(200)) * time.Millisecond)
		e := ticket.Event{
			ID: fmt.Sprintf("%016x%08x", rng.Uint64(), i), Kind: kinds[rng.IntN(len(kinds))], ReceivedAt: at, Person: fmt.Sprintf("p%015x", rng.IntN(n/4+1)),
			Account: rng.IntN(3) == 0, Bot: rng.IntN(20) == 0, Prefetch: rng.IntN(30) == 0, Browser: []string{"chrome", "safari", "samsung", ""}[rng.IntN(4)],
			Device: []string{"phone", "desktop", ""}[rng.IntN(3)], Page: []string{"home", "list", "detail"}[rng.IntN(3)],
		}
		if e.Account {
			e.AgeBand, e.Gender = ticket.AgeBands()[rng.IntN(6)], []ticket.Gender{ticket.Female, ticket.Male, ""}[rng.IntN(3)]
		}
		if rng.IntN(2) == 0 {
			e.OccurredAt = at.Add(-time.Second)
		}
		switch e.Kind {
		case ticket.EventSearch:
			e.Query, e.Results = []string{"시라노", "뮤지컬 헤드윅", "a\x00b", "🎭"}[rng.IntN(4)], rng.IntN(3)
		case ticket.EventFollow:
			e.ArtistID, e.On = fmt.Sprint("a", rng.IntN(50)), rng.IntN(2) == 0
		case ticket.EventLogin, ticket.EventSignUp:
			e.Method = "kakao"
		case ticket.EventLogout:
		default:
			e.PerformanceID, e.Genre, e.Region = fmt.Sprintf("pf%06d", rng.IntN(500)), ticket.Genres()[rng.IntN(10)], ticket.Regions()[rng.IntN(17)]
			e.OfferID, e.Seller, e.FromID, e.Position = fmt.Sprint("o", rng.IntN(900)), ticket.Sellers()[rng.IntN(5)], fmt.Sprint("pf", rng.IntN(500)), rng.IntN(4)
			e.AlertID, e.Channel = fmt.Sprint("al", rng.IntN(9)), "push"
		}
		out[i] = e
	}
	return out
}

func TestEventsComeBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5000} {
		in := someEvents(n, 42)
		body, err := EncodeEvents(in)
		must(t, err)
		got, err := DecodeEvents(body)
		if err != nil || len(got) != n || n > 0 && !reflect.DeepEqual(got, in) {
			t.Fatalf("%d events: got %d, %v", n, len(got), err)
		}
		if rows, err := CountRows(body); err != nil || rows != int64(n) {
			t.Errorf("footer says %d rows of %d, %v", rows, n, err)
		}
	}
}

// TestEveryFieldIsAColumn: a field that someone adds to Event is not forgotten here.
func TestEveryFieldIsAColumn(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range reflect.TypeFor[ticket.Event]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[ticket.Event]().Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	var got []string
	f, err := columns.Open(mustEncode(t, nil))
	must(t, err)
	for _, c := range f.Fields() {
		got = append(got, c.Name)
	}
	if !slices.Equal(got, names) {
		t.Errorf("columns %v, fields %v: a new field needs schema %d and an encoder for it", got, names, ticket.EventSchema+1)
	}
}

func mustEncode(t *testing.T, events []ticket.Event) []byte {
	t.Helper()
	body, err := EncodeEvents(events)
	must(t, err)
	return body
}

func TestNullsOfEvents(t *testing.T) {
	t.Parallel()
	body, err := EncodeEvents([]ticket.Event{{ID: "a", Kind: ticket.EventSearch, ReceivedAt: time.UnixMilli(5)}, {ID: "b", Kind: ticket.EventView, ReceivedAt: time.UnixMilli(6), Position: 2}})
	must(t, err)
	must(t, ReadEventColumns(body, []string{"id", "person", "results", "position", "occurred_at", "received_at"}, func(rows int, c []Column) error {
		for what, ok := range map[string]bool{
			"rows": rows == 2, "id": c[0].Dict[c[0].Codes[1]] == "b", "nobody is null": c[1].IsNull(0) && c[1].IsNull(1),
			"a search may find nothing": !c[2].IsNull(0) && c[2].Nums[0] == 0, "a view finds nothing": c[2].IsNull(1),
			"position": c[3].IsNull(0) && c[3].Nums[1] == 2, "occurred": c[4].IsNull(0), "received": c[5].Nums[1] == 6,
		} {
			if !ok {
				t.Errorf("%s: %+v", what, c)
			}
		}
		return nil
	}))
	if err := ReadEventColumns(body, []string{"nothing"}, nil); !errors.Is(err, ErrBadParquet) {
		t.Errorf("unknown column: %v", err)
	}
	if _, err := DecodeEvents([]byte("PAR1")); !errors.Is(err, ErrBadParquet) {
		t.Errorf("no file: %v", err)
	}
}

const encodeEnv = "LAKE_TEST_ENCODE"

// TestSameBytesElsewhere encodes a hundred batches here, again, and in another process (S16).
func TestSameBytesElsewhere(t *testing.T) {
	sums := func() []byte {
		var out bytes.Buffer
		for i := range uint64(100) {
			body, err := EncodeEvents(someEvents(int(i)*13, i))
			must(t, err)
			fmt.Fprintln(&out, Sum(body))
		}
		return out.Bytes()
	}
	if file := os.Getenv(encodeEnv); file != "" {
		must(t, os.WriteFile(file, sums(), 0o600))
		return
	}
	here := sums()
	if !bytes.Equal(here, sums()) {
		t.Error("the same events gave other bytes")
	}
	file := t.TempDir() + "/sums"
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSameBytesElsewhere$")
	cmd.Env = append(os.Environ(), encodeEnv+"="+file, "TZ=America/New_York")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	there, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(here, there) {
		t.Errorf("another process made other bytes, %v", err)
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	b := newFolder(t)
	ctx := t.Context()
	if ms, err := Manifests(ctx, b, "2026-11-22"); err != nil || len(ms) != 0 {
		t.Errorf("a day without any: %v, %v", ms, err)
	}
	body := []byte("rows")
	m := Manifest{Date: "2026-11-22", Queue: "q1"}
	second := File{Key: EventKey(m.Date, "q1", 8, 9, 1), First: 8, Last: 9, Rows: 2, Bytes: 4, SHA256: Sum(body), Schema: 1, Dead: 1}
	m.Put(second)
	m.Put(File{Key: EventKey(m.Date, "q1", 1, 7, 1), First: 1, Last: 7, Rows: 5})
	m.Put(File{First: 10, Last: 10, Dead: 1})
	m.Put(second)
	if len(m.Files) != 2 || m.Files[0].First != 1 || m.Rows != 7 || m.Dead != 2 || len(m.Empty) != 1 {
		t.Errorf("manifest %+v", m)
	}
	must(t, PutManifest(ctx, b, m))
	must(t, PutManifest(ctx, b, Manifest{Date: m.Date, Queue: "a2"}))
	must(t, b.Put(ctx, second.Key, body))
	ms, err := Manifests(ctx, b, m.Date)
	if err != nil || len(ms) != 2 || ms[0].Queue != "a2" || !reflect.DeepEqual(ms[1], m) {
		t.Errorf("got %+v, %v", ms, err)
	}
	if got, err := GetFile(ctx, b, second); err != nil || string(got) != "rows" {
		t.Errorf("file: %q, %v", got, err)
	}
	must(t, b.Put(ctx, second.Key, []byte("rowz")))
	if _, err := GetFile(ctx, b, second); !errors.Is(err, ErrDamaged) {
		t.Errorf("changed file: %v", err)
	}
	testBadManifests(ctx, t, b)
}

func testBadManifests(ctx context.Context, t *testing.T, b Bucket) {
	t.Helper()
	for _, m := range []Manifest{{Date: "2026-13-01", Queue: "q"}, {Date: "2026-11-22", Queue: "../q"}, {Date: "2026-11-22", Queue: "Q"}, {Date: "2026-11-22"}} {
		if err := PutManifest(ctx, b, m); !errors.Is(err, ErrBadKey) {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if _, err := Manifests(ctx, b, "../x"); !errors.Is(err, ErrBadKey) {
		t.Errorf("day: %v", err)
	}
	for _, bad := range []string{"", "{", `{"date":"2026-11-21","queue":"bad"}`, `{"date":"2026-11-22","queue":"bad","files":[{"key":"raw/x","first":1,"last":2}]}`,
		`{"date":"2026-11-22","queue":"bad","files":[{"key":"events/date=2026-11-22/../../x"}]}`} {
		for _, bad := range []string{bad, withCheck(bad)} {
			must(t, b.Put(ctx, ManifestKey("2026-11-22", "bad"), []byte(bad)))
			if _, err := Manifests(ctx, b, "2026-11-22"); !errors.Is(err, ErrDamaged) {
				t.Errorf("manifest %q: %v", bad, err)
			}
		}
	}
	good, err := (&Manifest{Date: "2026-11-22", Queue: "bad", Rows: 5}).Encode()
	must(t, err)
	for i := range good {
		for bit := range 8 {
			good[i] ^= 1 << bit
			if checked(good) {
				t.Errorf("bit %d of byte %d may change", bit, i)
			}
			good[i] ^= 1 << bit
		}
	}
}

// withCheck gives an object a checksum that fits.
func withCheck(object string) string {
	body, ok := strings.CutSuffix(object, "}")
	if !ok {
		return object
	}
	body += `, "check": "` + noCheck + "\"\n}\n"
	return strings.Replace(body, noCheck, Sum([]byte(body)), 1)
}

func FuzzDecodeEvents(f *testing.F) {
	body, err := EncodeEvents(someEvents(40, 3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := DecodeEvents(body); err != nil && !errors.Is(err, ErrBadParquet) {
			t.Fatal(err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"date":"2026-11-22","queue":"q","files":[{"key":"events/date=2026-11-22/a.parquet","first":1,"last":2,"rows":1}],"rows":1,"dead":0}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := newFolder(t)
		must(t, b.Put(t.Context(), ManifestKey("2026-11-22", "q"), []byte(withCheck(string(body)))))
		m, err := ReadManifest(t.Context(), b, "2026-11-22", "q")
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if _, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkEncodeEvents(b *testing.B) {
	in := someEvents(100_000, 1)
	var size int
	for b.Loop() {
		body, err := EncodeEvents(in)
		if err != nil {
			b.Fatal(err)
		}
		size = len(body)
	}
	b.ReportMetric(float64(len(in))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(size)/float64(len(in)), "B/row")
}

func BenchmarkReadEventColumns(b *testing.B) {
	body, err := EncodeEvents(someEvents(100_000, 1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := ReadEventColumns(body, []string{"kind", "person", "performance_id", "age_band", "gender", "genre", "region", "seller", "bot", "prefetch"},
			func(int, []Column) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
