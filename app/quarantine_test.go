package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketmoa/modules/etl"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/sellers/yes24"
	"ticketmoa/modules/store"
	"ticketmoa/modules/ticket"
	"ticketmoa/web/admin"
)

// formerly is YES24's parser of a day before it was mended: it took the first day of a run for its last.
type formerly struct {
	sellers.Source
	mended atomic.Bool
}

func (s *formerly) Parse(p *ticket.Page) (sellers.Result, error) {
	r, err := s.Source.Parse(p)
	if s.mended.Load() {
		return r, err
	}
	for i := range r.Shows {
		r.Shows[i].PeriodText, r.Shows[i].StartText, r.Shows[i].EndText = "2054.12.31 ~ 2024.01.01", "", ""
	}
	return r, err
}

// servedBy starts the server with another parser for YES24, on dir.
func servedBy(t *testing.T, dir string, parser sellers.Source) (base, link string, stop func()) {
	t.Helper()
	cfg, err := appConfig(dir)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := new(syncBuffer), make(chan error, 1)
	go func() {
		ended <- serve(ctx, cfg, Hooks{Sources: map[string]sellers.Source{"yes24": parser}}, nil, out, slog.New(slog.DiscardHandler))
	}()
	setup := regexp.MustCompile(`(http\S*)/admin/setup\?token=\S+`)
	for deadline := time.Now().Add(30 * time.Second); !setup.MatchString(out.String()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the server never came up: %s", out.String())
		}
	}
	found := setup.FindStringSubmatch(out.String())
	stop = sync.OnceFunc(func() {
		cancel()
		must(t, <-ended)
	})
	t.Cleanup(stop)
	return found[1], found[0], stop
}

// pageFiles writes n detail pages of the simulated YES24 with their sidecars, and returns the codes.
func pageFiles(t *testing.T, dir string, n int) (codes []string) {
	t.Helper()
	pages, err := cataloguePages()
	must(t, err)
	for _, p := range pages {
		if p.Source != "yes24" || p.Kind != ticket.DetailPage || len(codes) == n {
			continue
		}
		head, err := json.Marshal(sidecar{URL: p.URL, Code: p.Code, FetchedAt: p.FetchedAt, Type: p.Header["Content-Type"]})
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, p.Code+".html"), p.Body, 0o600))
		must(t, os.WriteFile(filepath.Join(dir, p.Code+".json"), head, 0o600))
		codes = append(codes, p.Code)
	}
	if len(codes) != n {
		t.Fatalf("%d pages, want %d", len(codes), n)
	}
	return codes
}

// post sends a form, or JSON when the body begins with a brace.
func (c *client) post(path, body string) answer {
	c.t.Helper()
	req, err := http.NewRequest(http.MethodPost, c.base+path, strings.NewReader(body))
	must(c.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	must(c.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(c.t, err)
	return answer{res.StatusCode, res.Header, string(b)}
}

type heldRows struct {
	Data []struct {
		ID, Code, Field, Rule, Raw, Parsed, Run string
		RawKey                                  string `json:"raw_key"`
	}
	Page struct{ Total int }
}

func (c *client) held(query string) (rows heldRows) {
	c.t.Helper()
	a := c.get("/admin/api/v1/quarantine?" + query)
	if a.status != http.StatusOK {
		c.t.Fatalf("quarantine?%s: %d %s", query, a.status, a.body)
	}
	must(c.t, json.Unmarshal([]byte(a.body), &rows))
	return rows
}

// until waits for the quarantine to come to what is wanted.
func (c *client) until(what string, ok func(heldRows) bool) {
	c.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(c.held("source=yes24")); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("never %s: %+v", what, c.held("source=yes24"))
		}
	}
}

// TestWithheldPagesAreReadAgain: four pages are ingested while YES24's parser has a fault, and are read again when it has
// none: over HTTP, through the running server and without one. What people see then differs by the parser, not the source.
func TestWithheldPagesAreReadAgain(t *testing.T) {
	t.Parallel()
	dir, files := t.TempDir(), t.TempDir()
	codes := pageFiles(t, files, 4)
	parser := &formerly{Source: yes24.New()}
	base, link, stop := servedBy(t, dir, parser)
	command := commandOn(t, dir)
	if out := command(exitOK, "ingest", "--source", "yes24", "--kind", "detail", files); !strings.Contains(out, "pages 4, stored 4, unchanged 0, quarantined 4") {
		t.Fatalf("ingest: %s", out)
	}
	if out := command(exitOK, "quarantine"); strings.Count(out, "\n") != 1 || !strings.Contains(out, "4 × yes24 period: ") {
		t.Fatalf("groups: %s", out)
	}
	if out := command(exitOK, "quarantine", "--source", "yes24", "--field", "period"); strings.Count(out, "\n") != 4 || !strings.Contains(out, codes[0]+` period: `) || !strings.Contains(out, `wrote "2054.12.31 ~ 2024.01.01"`) {
		t.Errorf("rows: %s", out)
	}
	c := newClient(t, base)
	if a := c.get(link); a.status != http.StatusSeeOther {
		t.Fatalf("setup link: %d", a.status)
	}
	c.readAgain(codes[0], parser)
	if out := command(exitOK, "quarantine", "replay", "--code", codes[1]); !strings.Contains(out, "pages 1, stored 1") {
		t.Errorf("through the server: %s", out)
	}
	lost := c.held("code=" + codes[2]).Data[0]
	must(t, os.Remove(filepath.Join(dir, "lake", filepath.FromSlash(lost.RawKey))))
	stop()
	out := command(exitFailed, "quarantine", "replay", "--all")
	if !strings.Contains(out, "pages 1, stored 1") || !strings.Contains(out, "1 pages could not be read") || !strings.Contains(out, lost.RawKey+": ") {
		t.Errorf("without a server: %s", out)
	}
	if out := command(exitOK, "quarantine", "--all"); strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, lost.ID) {
		t.Errorf("only the row whose page is lost stays: %s", out)
	}
	reparsed(t, dir, 3)
}

// readAgain asks for the pages over HTTP: all of them while the parser still has its fault, then the row of code without it.
func (c *client) readAgain(code string, parser *formerly) {
	t, first := c.t, c.held("code=" + code).Data[0]
	t.Helper()
	if a := c.post("/admin/api/v1/quarantine/replay", `{"field":"period"}`); a.status != http.StatusAccepted || !strings.Contains(a.body, `"pages":4`) {
		t.Fatalf("replay: %d %s", a.status, a.body)
	}
	c.until("read again by the same parser", func(h heldRows) bool {
		return h.Page.Total == 4 && h.Data[0].Run != first.Run && h.Data[0].Run == h.Data[3].Run
	})
	parser.mended.Store(true)
	a := c.post("/admin/quarantine/replay?source=yes24", "id="+first.ID)
	if to := a.header.Get("Location"); a.status != http.StatusSeeOther || !strings.Contains(to, "pages=1") || !strings.Contains(c.get(to).body, "페이지 1개를") {
		t.Errorf("the form: %d %s", a.status, to)
	}
	c.until("one row less", func(h heldRows) bool { return h.Page.Total == 3 })
	if rows := c.held("code=" + code); len(rows.Data) != 0 {
		t.Errorf("the row that reads well is still there: %+v", rows)
	}
	if a := c.post("/admin/api/v1/quarantine/replay", `{"id":"`+first.ID+`"}`); a.status != http.StatusNotFound {
		t.Errorf("a row that is gone: %d %s", a.status, a.body)
	}
}

// commandOn runs commands on a data directory, whoever owns it, and wants them to end with a code.
func commandOn(t *testing.T, dir string) func(want int, args ...string) string {
	return func(want int, args ...string) string {
		t.Helper()
		code, out, errs := run(append(args, "--data", dir, "--log.level", "error")...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d\n%s%s", args, code, want, out, errs)
		}
		return out + errs
	}
}

func TestQuarantineCommandRefuses(t *testing.T) {
	t.Parallel()
	command := commandOn(t, t.TempDir())
	if out := command(exitOK, "quarantine"); out != "nothing is withheld\n" {
		t.Errorf("an empty quarantine: %s", out)
	}
	if out := command(exitOK, "quarantine", "--source", "yes24"); out != "no row matches\n" {
		t.Errorf("a filter that nothing meets: %s", out)
	}
	for _, bad := range [][]string{{"replay"}, {"burn"}, {"replay", "a", "b"}, {"replay", ""}, {"replay", "--source", "nobody"}, {"--kind", "poem"}, {"--field", "colour"}, {"replay", "--source", ""}, {"replay", "--all", "--source", "yes24"}} {
		if out := command(exitUsage, append([]string{"quarantine"}, bad...)...); !strings.HasPrefix(out, "ticketmoa: usage") {
			t.Errorf("%v: %s", bad, out)
		}
	}
	if out := command(exitFailed, "quarantine", "replay", "nothing"); !strings.Contains(out, `no row "nothing"`) {
		t.Errorf("an id that is not there: %s", out)
	}
	if out := command(exitOK, "quarantine", "replay", "--all"); !strings.Contains(out, "pages 0") {
		t.Errorf("all of nothing: %s", out)
	}
}

// TestOneReplayAtATime: while nobody is free to carry a replay out, the next one is refused at once.
func TestOneReplayAtATime(t *testing.T) {
	t.Parallel()
	a := &App{rereads: make(chan *reread)}
	if _, err := a.askReread(t.Context(), etl.Filter{}); !errors.Is(err, admin.ErrReplaying) {
		t.Errorf("err = %v", err)
	}
}

// reparsed wants that many changes of a period that the parser is the cause of, and none that the source is.
func reparsed(t *testing.T, dir string, want int) {
	t.Helper()
	docs, err := store.Open(context.Background(), "", filepath.Join(dir, "ticketmoa.db"), slog.New(slog.DiscardHandler))
	must(t, err)
	defer func() { must(t, docs.Close()) }()
	causes := map[ticket.Cause]int{}
	for _, row := range scanAll(t, docs, "changes") {
		var ch struct {
			Cause  ticket.Cause
			Fields []struct{ Field, Old, New string }
		}
		must(t, json.Unmarshal([]byte(row), &ch))
		for _, f := range ch.Fields {
			if f.Field == "period" && f.Old == "" && f.New != "" {
				causes[ch.Cause]++
			}
		}
	}
	if causes[ticket.CauseReparse] != want || len(causes) != 1 {
		t.Errorf("periods came by %v, want %d by the parser", causes, want)
	}
}
