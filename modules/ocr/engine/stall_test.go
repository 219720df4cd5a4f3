package engine

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestStall: a process that comes to no other line is killed long before its caller's deadline; one that is slow but goes on is
// left to its work.
func TestStall(t *testing.T) {
	const stall = time.Second
	for name, body := range map[string]string{"silent from the beginning": "/bin/sleep 300", "silent after a line": "page 1 a; echo 'Page 2' >&2; while :; do :; done"} {
		e := open(t, Config{Command: fake(t, body), Stall: stall})
		if _, _, err := e.Read(t.Context(), Both, blocks(3)); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), errStalled.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	slow := "for n in 1 2 3 4 5 6 7 8; do echo \"Page $n\" >&2; /bin/sleep 0.2; done; page 1 a; page 2 b; page 3 c"
	e := open(t, Config{Command: fake(t, slow), Stall: stall})
	if texts, _, err := e.Read(t.Context(), Both, blocks(3)); err != nil || texts[2].Text != "c" {
		t.Errorf("slow: %v %v", texts, err)
	}
}
