package app

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ticketmoa/modules/crawl"
	"ticketmoa/web/admin"
)

// progressBar tells on a terminal how a crawl gets on: one line that is written over, or, where the output is no terminal,
// a line now and then.
type progressBar struct {
	out      io.Writer
	terminal bool

	mu    sync.Mutex // workers report side by side
	last  time.Time
	width int
}

func newProgressBar(out io.Writer) *progressBar {
	b := &progressBar{out: out}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return b
}

// update shows where a crawl stands, at most twice a second on a terminal and every two seconds elsewhere; room is why
// the queue takes nothing at the moment, nil when it does.
func (b *progressBar) update(p crawl.Progress, room error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	every := 2 * time.Second
	if b.terminal {
		every = 500 * time.Millisecond
	}
	if now := time.Now(); now.Sub(b.last) < every {
		return
	} else {
		b.last = now
	}
	line := barLine(p)
	if room != nil {
		line += fmt.Sprintf("; waiting for room: %v", room)
	}
	if !b.terminal {
		say(b.out, line+"\n")
		return
	}
	n := utf8.RuneCountInString(line)
	say(b.out, "\r"+line+strings.Repeat(" ", max(0, b.width-n)))
	b.width = n
}

// end leaves the line.
func (b *progressBar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.width > 0 {
		say(b.out, "\n")
	}
}

const barCells = 24

// barLine is a bar as long as what was asked, of all that is known to be asked, and the counts behind it.
func barLine(p crawl.Progress) string {
	done := share(p) * barCells / 100
	text := fmt.Sprintf("%s [%s%s] %d/%d asked, %d stored", p.Source, strings.Repeat("#", done), strings.Repeat(".", barCells-done), p.Asked, p.Asked+p.Waiting, p.Stored)
	for _, more := range []struct {
		n    int64
		what string
	}{{p.New, "new"}, {p.Changed, "changed"}, {p.Unchanged, "unchanged"}, {p.Gone, "gone"}, {p.Failed, "failed"}} {
		if more.n > 0 {
			text += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	if p.Resumed {
		text += " (resumed)"
	}
	return text
}

// share is how much of a crawl is done, in percent of what is known so far.
func share(p crawl.Progress) int {
	if p.Asked+p.Waiting == 0 {
		return 0
	}
	return int(p.Asked * 100 / (p.Asked + p.Waiting))
}

// crawlsUnderway are the crawls of this moment, for /admin.
func (a *App) crawlsUnderway() []admin.CrawlState {
	out := []admin.CrawlState{}
	a.underway.Range(func(_, v any) bool {
		p := v.(crawl.Progress)
		out = append(out, admin.CrawlState{Source: p.Source, Title: a.sources[p.Source].Info().Title, StartedAt: p.StartedAt, Share: share(p), Asked: p.Asked, Waiting: p.Waiting,
			Stored: p.Stored, New: p.New, Changed: p.Changed, Unchanged: p.Unchanged, Gone: p.Gone, Failed: p.Failed, Resumed: p.Resumed})
		return true
	})
	slices.SortFunc(out, func(x, y admin.CrawlState) int { return cmp.Compare(x.Source, y.Source) })
	return out
}
