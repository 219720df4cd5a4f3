package versus

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"ticketmoa/modules/events"
	"ticketmoa/modules/lake"
	"ticketmoa/modules/popular"
	"ticketmoa/modules/queue"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
)

const day = ticket.Date("2026-11-22")

// someEvents are n events of one day in the order they come: as many people as a busy day has, few shows that many look
// at and many that few do.
func someEvents(n int) []ticket.Event {
	rng := rand.New(rand.NewPCG(2026, 11))
	begin := day.Time()
	shows := rand.NewZipf(rng, 1.2, 20, 19_999)
	out := make([]ticket.Event, n)
	for i := range out {
		p := rng.IntN(n/5 + 1)
		show := int(shows.Uint64())
		e := ticket.Event{
			ID: fmt.Sprintf("%016x%016x", rng.Uint64(), rng.Uint64()), Kind: ticket.EventView, Person: fmt.Sprintf("a:%016x", uint64(p)*0x9e3779b97f4a7c15),
			ReceivedAt: ticket.Instant(begin.Add(time.Duration(float64(24*time.Hour) * float64(i) / float64(n)))),
			Browser:    []string{"chrome", "safari", "samsung", "whale"}[p%4], Device: []string{"phone", "phone", "desktop"}[p%3], Page: "detail",
			PerformanceID: fmt.Sprintf("p%025d", show), Genre: ticket.Genres()[show%10], Region: ticket.Regions()[show%17],
			Bot: rng.IntN(50) == 0, Prefetch: rng.IntN(50) == 0,
		}
		if p%3 == 0 {
			e.Account, e.AgeBand, e.Gender = true, ticket.AgeBands()[p%6], []ticket.Gender{ticket.Female, ticket.Male, ""}[p/3%3]
			e.Person = fmt.Sprintf("u:%026d", p)
		}
		switch rng.IntN(10) {
		case 0, 1:
			e.Kind, e.PerformanceID, e.Genre, e.Region, e.Page = ticket.EventSearch, "", "", "", "list"
			e.Query, e.Results = fmt.Sprint("헤드윅 ", rng.IntN(3000)), rng.IntN(50)
		case 2:
			e.Kind, e.OfferID, e.Seller = ticket.EventOfferClick, fmt.Sprint("o", show), ticket.Sellers()[rng.IntN(5)]
		case 3:
			e.OccurredAt = e.ReceivedAt.Add(-time.Second)
		}
		out[i] = e
	}
	return out
}

func size() int {
	if testing.Short() {
		return 50_000
	}
	return 1_000_000
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func duck(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	_, err = db.Exec("SET threads TO " + strconv.Itoa(runtime.NumCPU()))
	must(t, err)
	return db
}

// sinkRun brings events through the real queue and sink and returns the folder of the lake.
func sinkRun(t testing.TB, rows []ticket.Event) string {
	t.Helper()
	ctx, dir, log := context.Background(), t.TempDir(), slog.New(slog.DiscardHandler)
	q, err := queue.Open(filepath.Join(dir, "queue"), queue.Config{Compress: true}, log)
	must(t, err)
	defer func() { must(t, q.Close()) }()
	var batch [][]byte
	for i := range rows {
		p, err := json.Marshal(&rows[i])
		must(t, err)
		if batch = append(batch, p); len(batch) == 5000 || i == len(rows)-1 {
			_, err := q.AppendAll(ctx, batch)
			must(t, err)
			batch = batch[:0]
		}
	}
	bucket, err := lake.NewFolder(filepath.Join(dir, "lake"))
	must(t, err)
	db, err := store.Open(ctx, "", filepath.Join(dir, "store.db"), log)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	consumer, err := q.Consumer("lake")
	must(t, err)
	barrier := func(context.Context) (time.Time, uint64, error) { return time.Now(), q.Stats().Next, nil }
	s, err := events.NewSink(ctx, events.SinkDeps{Queue: q, Source: consumer, Bucket: bucket, Store: db, Barrier: barrier, Now: time.Now}, events.SinkConfig{}, log)
	must(t, err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(running) }()
	must(t, s.Seal(ctx))
	stop()
	must(t, <-done)
	return filepath.Join(dir, "lake")
}

// TestDuckDBReadsEverything is S15: the files as they are, rows, types, the partition, values, nulls.
func TestDuckDBReadsEverything(t *testing.T) {
	n := min(size(), 300_000)
	rows := someEvents(n)
	for i := range rows[:n/4] { // two days
		rows[i].ReceivedAt = rows[i].ReceivedAt.AddDate(0, 0, -1)
	}
	root := sinkRun(t, rows)
	db := duck(t)
	from := fmt.Sprintf("read_parquet('%s/events/*/*.parquet', hive_partitioning = true)", root)
	var got, first, second, ids int
	must(t, db.QueryRow("SELECT count(*), count(*) FILTER (date = DATE '2026-11-21'), count(*) FILTER (date = DATE '2026-11-22'), count(DISTINCT id) FROM "+from).Scan(&got, &first, &second, &ids))
	if got != n || first != n/4 || second != n-n/4 || ids != n {
		t.Errorf("DuckDB counts %d rows, %d and %d a day, %d ids; want %d", got, first, second, ids, n)
	}
	testTypes(t, db, from)
	testValues(t, db, from, rows)
	testStatistics(t, db, from, rows)
}

func testTypes(t *testing.T, db *sql.DB, from string) {
	t.Helper()
	want := map[string]string{"received_at": "TIMESTAMP WITH TIME ZONE", "occurred_at": "TIMESTAMP WITH TIME ZONE", "account": "BOOLEAN", "bot": "BOOLEAN",
		"prefetch": "BOOLEAN", "on": "BOOLEAN", "position": "INTEGER", "results": "INTEGER", "date": "DATE"}
	r, err := db.Query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + from + ")")
	must(t, err)
	defer r.Close()
	n := 0
	for r.Next() {
		var name, kind string
		must(t, r.Scan(&name, &kind))
		w := want[name]
		if w == "" {
			w = "VARCHAR"
		}
		if kind != w {
			t.Errorf("column %s is %s, want %s", name, kind, w)
		}
		n++
	}
	if must(t, r.Err()); n != 28 {
		t.Errorf("%d columns, want 27 and the date", n)
	}
}

// testValues compares every row, field by field, through a text that both sides make.
func testValues(t *testing.T, db *sql.DB, from string, rows []ticket.Event) {
	t.Helper()
	want := make(map[string]string, len(rows))
	null := func(s string) string {
		if s == "" {
			return "∅"
		}
		return s
	}
	for i := range rows {
		e := &rows[i]
		at, results := "∅", "∅"
		if !e.OccurredAt.IsZero() {
			at = strconv.FormatInt(e.OccurredAt.UnixMilli(), 10)
		}
		if e.Kind == ticket.EventSearch {
			results = strconv.Itoa(e.Results)
		}
		want[e.ID] = strings.Join([]string{string(e.Kind), strconv.FormatInt(e.ReceivedAt.UnixMilli(), 10), at, e.Person, strconv.FormatBool(e.Account), null(string(e.AgeBand)),
			null(string(e.Gender)), strconv.FormatBool(e.Bot), null(e.Query), results, null(string(e.Seller)), null(string(e.Region)), null(e.PerformanceID)}, "|")
	}
	r, err := db.Query("SELECT id, concat_ws('|', kind, epoch_ms(received_at), coalesce(epoch_ms(occurred_at)::VARCHAR, '∅'), person, account, coalesce(age_band, '∅')," +
		"coalesce(gender, '∅'), bot, coalesce(query, '∅'), coalesce(results::VARCHAR, '∅'), coalesce(seller, '∅'), coalesce(region, '∅'), coalesce(performance_id, '∅')) FROM " + from)
	must(t, err)
	defer r.Close()
	wrong := 0
	for r.Next() {
		var id, text string
		must(t, r.Scan(&id, &text))
		if want[id] != text {
			if wrong++; wrong < 4 {
				t.Errorf("event %s: DuckDB reads %s, want %s", id, text, want[id])
			}
		}
	}
	if must(t, r.Err()); wrong > 0 {
		t.Errorf("%d rows differ", wrong)
	}
}

// testStatistics asks what DuckDB answers out of the statistics alone, or skips row groups by.
func testStatistics(t *testing.T, db *sql.DB, from string, rows []ticket.Event) {
	t.Helper()
	var nobody, known, asked int
	for i := range rows {
		if rows[i].AgeBand == "" {
			nobody++
		}
		if rows[i].Seller == ticket.Melon {
			known++
		}
		if rows[i].Query == "헤드윅 7" {
			asked++
		}
	}
	for query, want := range map[string]int{"age_band IS NULL": nobody, "age_band IS NOT NULL": len(rows) - nobody, "seller = 'melon'": known, "query = '헤드윅 7'": asked, "query = 'never'": 0,
		"alert_id IS NULL": len(rows), "\"on\"": 0} {
		var got int
		must(t, db.QueryRow("SELECT count(*) FROM "+from+" WHERE "+query).Scan(&got))
		if got != want {
			t.Errorf("WHERE %s: %d, want %d", query, got, want)
		}
	}
}

// What popular counts: people for every show by age, gender, genre and region; clicks by seller; people in all.
const (
	cellSQL   = "SELECT performance_id, age_band, gender, genre, region, count(DISTINCT person) FROM %s WHERE kind = 'view' AND NOT bot AND NOT prefetch GROUP BY ALL"
	clickSQL  = "SELECT performance_id, seller, count(DISTINCT person) FROM %s WHERE kind = 'offer_click' AND NOT bot AND NOT prefetch GROUP BY ALL"
	peopleSQL = "SELECT age_band, gender, count(DISTINCT person) FROM %s WHERE kind = 'view' AND NOT bot AND NOT prefetch GROUP BY CUBE (age_band, gender)"
)

func rows(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	r, err := db.Query(query)
	must(t, err)
	defer r.Close()
	for r.Next() {
		n++
	}
	must(t, r.Err())
	return n
}

// TestSameRanking: what popular counts is what DuckDB counts.
func TestSameRanking(t *testing.T) {
	events := someEvents(min(size(), 200_000))
	root := sinkRun(t, events)
	r, err := popular.Count(day, bodies(t, root)...)
	must(t, err)
	db := duck(t)
	q, err := db.Query(fmt.Sprintf("SELECT performance_id, count(DISTINCT person) FROM read_parquet('%s/events/*/*.parquet') WHERE kind = 'view' AND NOT bot AND NOT prefetch GROUP BY 1", root))
	must(t, err)
	defer q.Close()
	want := map[string]int64{}
	for q.Next() {
		var id string
		var n int64
		must(t, q.Scan(&id, &n))
		want[id] = n
	}
	must(t, q.Err())
	compareRanking(t, r, want)
}

func compareRanking(t *testing.T, r *popular.Ranking, want map[string]int64) {
	t.Helper()
	got := map[string]int64{}
	for _, row := range r.Rows {
		if row.Views > 0 {
			got[row.PerformanceID] = int64(row.Views)
		}
	}
	if !maps.Equal(got, want) || len(want) < 1000 {
		t.Errorf("%d shows counted, DuckDB has %d, and they differ", len(got), len(want))
	}
}

func bodies(t testing.TB, root string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(root + "/events/*/*.parquet")
	must(t, err)
	slices.Sort(files)
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		out = append(out, b)
	}
	return out
}

// usage is the CPU time of this process so far.
func usage(b testing.TB) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured runs work b.N times and reports the CPU seconds of one.
func measured(b *testing.B, n int, work func()) {
	b.Helper()
	runtime.GC()
	b.ResetTimer()
	before := usage(b)
	for b.Loop() {
		work()
	}
	spent := (usage(b) - before).Seconds() / float64(b.N)
	b.ReportMetric(spent, "cpu-s/op")
	b.ReportMetric(float64(n)/spent, "rows/cpu-s")
	b.ReportMetric(float64(peak(b))/(1<<20), "MiB-peak")
}

// peak is the most memory this process ever had.
func peak(b testing.TB) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

const aloneEnv = "VERSUS_COUNT"

// TestCountAlone is no test: it is the process whose memory BenchmarkCountAlone measures.
func TestCountAlone(t *testing.T) {
	root := os.Getenv(aloneEnv)
	if root == "" {
		t.Skip("is run by BenchmarkCountAlone")
	}
	files, err := filepath.Glob(root + "/events/*/*.parquet")
	must(t, err)
	c := popular.NewCounter(day)
	for _, f := range files {
		body, err := os.ReadFile(f)
		must(t, err)
		must(t, c.Add(body))
	}
	_, err = c.Ranking()
	must(t, err)
	fmt.Printf("alone %d %d\n", peak(t), usage(t))
}

// BenchmarkCountAlone is the memory of P10: a process that does nothing but count the day, file by file.
func BenchmarkCountAlone(b *testing.B) {
	root := sinkRun(b, someEvents(size()))
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCountAlone$", "-test.v")
		cmd.Env = append(os.Environ(), aloneEnv+"="+root)
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		var bytes, cpu int64
		_, line, _ := strings.Cut(string(out), "alone ")
		_, err = fmt.Sscanf(line, "%d %d", &bytes, &cpu)
		must(b, err)
		b.ReportMetric(float64(bytes)/(1<<20), "MiB-peak")
		b.ReportMetric(time.Duration(cpu).Seconds(), "cpu-s/op")
	}
}

// BenchmarkWrite is P9: a day of events to Parquet. Run each by itself for its own peak of memory.
func BenchmarkWrite(b *testing.B) {
	n := size()
	in := someEvents(n)
	b.Run("ours", func(b *testing.B) {
		measured(b, n, func() {
			for part := range slices.Chunk(in, 100_000) {
				if _, err := lake.EncodeEvents(part); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("ours-from-json", func(b *testing.B) {
		payloads := make([][]byte, n)
		for i := range in {
			payloads[i], _ = json.Marshal(&in[i])
		}
		measured(b, n, func() {
			for part := range slices.Chunk(payloads, 100_000) {
				w, err := lake.NewEventWriter()
				must(b, err)
				for _, p := range part {
					var e ticket.Event
					must(b, json.Unmarshal(p, &e))
					w.Add(&e)
				}
				_, err = w.Bytes()
				must(b, err)
			}
		})
	})
	b.Run("duckdb-copy", func(b *testing.B) {
		root := sinkRun(b, in)
		db := duck(b)
		_, err := db.Exec(fmt.Sprintf("CREATE TABLE e AS SELECT * FROM read_parquet('%s/events/*/*.parquet')", root))
		must(b, err)
		out := filepath.Join(b.TempDir(), "out.parquet")
		measured(b, n, func() {
			_, err := db.Exec(fmt.Sprintf("COPY e TO '%s' (FORMAT parquet, COMPRESSION zstd)", out))
			must(b, err)
		})
		info, err := os.Stat(out)
		must(b, err)
		b.ReportMetric(float64(info.Size())/float64(n), "B/row")
	})
}

// BenchmarkCount is P10: a day's rankings out of the files, each way on the same ones.
func BenchmarkCount(b *testing.B) {
	n := size()
	root := sinkRun(b, someEvents(n))
	from := fmt.Sprintf("read_parquet('%s/events/*/*.parquet')", root)
	b.Run("ours", func(b *testing.B) {
		measured(b, n, func() {
			if _, err := popular.Count(day, bodies(b, root)...); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("columns-only", func(b *testing.B) {
		measured(b, n, func() {
			for _, body := range bodies(b, root) {
				must(b, lake.ReadEventColumns(body, []string{"kind", "person", "performance_id", "age_band", "gender", "genre", "region", "seller", "bot", "prefetch"},
					func(int, []lake.Column) error { return nil }))
			}
		})
	})
	b.Run("duckdb", func(b *testing.B) {
		db := duck(b)
		measured(b, n, func() {
			for _, query := range []string{cellSQL, clickSQL, peopleSQL} {
				rows(b, db, fmt.Sprintf(query, from))
			}
		})
	})
}
