package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ticketmoa/modules/crawl"
)

func TestBarLine(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]crawl.Progress{
		"kopis [........................] 0/0 asked, 0 stored":                                                   {Source: "kopis"},
		"kopis [############............] 50/100 asked, 48 stored, 2 failed":                                     {Source: "kopis", Asked: 50, Waiting: 50, Stored: 48, Failed: 2},
		"kopis [########################] 9/9 asked, 9 stored, 3 new, 1 changed, 40 unchanged, 2 gone (resumed)": {Source: "kopis", Asked: 9, Stored: 9, New: 3, Changed: 1, Unchanged: 40, Gone: 2, Resumed: true},
	} {
		if got := barLine(p); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	var out bytes.Buffer
	b := newProgressBar(&out)
	b.update(crawl.Progress{Source: "kopis", Asked: 1}, errors.New("the disk is nearly full"))
	b.update(crawl.Progress{Source: "kopis", Asked: 2}, nil) // too soon to be told
	b.end()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "nearly full") || strings.Contains(got, "\r") {
		t.Errorf("%q", got)
	}
}
