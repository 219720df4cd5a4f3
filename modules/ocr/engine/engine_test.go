package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ticketmoa/modules/ocr/ocrtest"
)

// page is what Tesseract writes of a picture: rows of its table, and the text.
const page = `page() {
	printf '1\t%s\t0\t0\t0\t0\t0\t0\t100\t40\t-1\t\n' "$1"
	printf '5\t%s\t1\t1\t1\t1\t10\t10\t80\t20\t90.5\t%s\n' "$1" "$2"
	printf '%s\n\f' "$2"
}
`

// fake is a Tesseract that says it has all it needs, and then does what body says.
func fake(t *testing.T, body string) string {
	t.Helper()
	return script(t, `case "$1" in
--list-langs) echo 'List of available languages in "/usr/share/" (2):'; echo script/Hangul; echo kor; exit 0;;
--version) echo 'tesseract 9.9.9'; echo ' leptonica'; exit 0;;
esac
`+page+body)
}

func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tesseract")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, cfg Config) *Engine {
	t.Helper()
	e, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// installed is the real Tesseract, or a reason to skip.
func installed(t *testing.T, cfg Config) *Engine {
	t.Helper()
	e, err := New(t.Context(), cfg)
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func blocks(n int) []*image.Gray {
	out := make([]*image.Gray, n)
	for i := range out {
		s := ocrtest.Blank(100, 40, 255)
		s.Fill(image.Rect(30, 10, 60, 30), 0)
		out[i] = s.Gray
	}
	return out
}

// TestBadEngines: whatever the process does, the call ends in time with an error that says so.
func TestBadEngines(t *testing.T) {
	tests := []struct {
		name, body string
		memory     uint64
		within     time.Duration // that the call is given; 0 is ten seconds
		says       string
	}{
		{"hangs", "/bin/sleep 300", 0, 300 * time.Millisecond, "stopped after its time"},
		{"hangs and hears no signal", "trap '' TERM INT HUP PIPE; while :; do :; done", 0, 300 * time.Millisecond, "stopped after its time"},
		{"does not read", "/bin/sleep 300 < /dev/null", 0, 300 * time.Millisecond, "stopped after its time"},
		{"fails", "echo 'Error during processing.' >&2; exit 1", 0, 0, "exit status 1: Error during processing."},
		{"crashes", "kill -SEGV $$", 0, 0, "segmentation fault"},
		{"is killed", "kill -KILL $$", 0, 0, "killed"},
		{"aborts", "kill -ABRT $$", 0, 0, "aborted"},
		{"eats memory", "x=0123456789abcdef; while :; do x=$x$x; done", 64 << 20, 0, "tesseract failed: "},
		{"writes without end", "while :; do echo 0123456789012345678901234567890123456789; done", 0, 0, errTooMuch.Error()},
		{"writes without end and cannot be stopped by it", "trap '' PIPE; while :; do echo 0123456789; done 2>/dev/null", 0, 0, errTooMuch.Error()},
		{"complains without end", "while :; do echo 0123456789012345678901234567890123456789 >&2; done", 0, 0, errTooMuch.Error()},
		{"writes nothing", "exit 0", 0, 0, "it read 0 of 3 lines"},
		{"writes fewer pages", "page 1 a; page 2 b", 0, 0, "it read 2 of 3 lines"},
		{"leaves a page out", "page 1 a; page 3 c", 0, 0, "it read 2 of 3 lines"},
		{"writes the same page again", "page 1 a; page 1 b; page 1 c", 0, 0, "it read 1 of 3 lines"},
		{"writes pages nobody asked for", "page 7 a; page 0 b; page -1 c; page 99999999999999999999 d", 0, 0, "it read 0 of 3 lines"},
		{"writes something else", "echo hello; printf 'a\\tb\\n'; printf '\\377\\376\\000'", 0, 0, "it read 0 of 3 lines"},
		{"writes a file", "echo x > /tmp/of-tesseract-$$", 0, 0, "file size limit exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := open(t, Config{Command: fake(t, tt.body), Memory: tt.memory})
			if e.prlimit == "" && (tt.memory > 0 || strings.Contains(tt.says, "limit")) {
				t.Skip("no prlimit")
			}
			within := tt.within
			if within == 0 {
				within = 10 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			start := time.Now()
			texts, _, err := e.Read(ctx, Both, blocks(3))
			if took := time.Since(start); took > within+4*time.Second {
				t.Errorf("took %s", took)
			}
			if texts != nil || !errors.Is(err, ErrFailed) || errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, %v; want %q", texts, err, tt.says)
			}
		})
	}
}

// TestGoodEngine is the control of the others: the same script, doing what it is asked.
func TestGoodEngine(t *testing.T) {
	e := open(t, Config{Command: fake(t, "page 1 하나; page 2 ''; page 3 셋")})
	texts, cost, err := e.Read(t.Context(), Both, blocks(3))
	if err != nil || len(texts) != 3 || texts[0].Text != "하나" || texts[1] != (Text{}) || texts[2].Text != "셋" || texts[0].Sure != 0.905 || cost.Peak == 0 {
		t.Errorf("%+v, %+v, %v", texts, cost, err)
	}
	if v := e.Version(); v != "tesseract 9.9.9" {
		t.Errorf("version %q", v)
	}
	if texts, cost, err := e.Read(t.Context(), Both, nil); texts != nil || cost != (Cost{}) || err != nil {
		t.Errorf("of nothing: %v, %v, %v", texts, cost, err)
	}
}

// TestGroupIsKilled: at the deadline, and when the process crashes, what it started goes with it.
func TestGroupIsKilled(t *testing.T) {
	for name, end := range map[string]string{"hangs": "wait", "crashes": "kill -SEGV $$", "fails": "exit 1"} {
		t.Run(name, func(t *testing.T) {
			fifo := filepath.Join(t.TempDir(), "pid") // a file it may not write
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			e := open(t, Config{Command: fake(t, "/bin/sleep 300 & echo $! > "+fifo+"\n"+end)})
			pids := make(chan int, 1)
			go func() {
				f, err := os.Open(fifo)
				if err != nil {
					close(pids)
					return
				}
				line, _ := bufio.NewReader(f).ReadString('\n')
				pid, _ := strconv.Atoi(strings.TrimSpace(line))
				pids <- pid
			}()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, _, err := e.Read(ctx, Both, blocks(1)); !errors.Is(err, ErrFailed) {
				t.Error(err)
			}
			pid := <-pids
			if pid == 0 {
				t.Fatal("it started nothing")
			}
			for range 200 {
				if !runs(pid) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Errorf("process %d still runs", pid)
		})
	}
}

// runs tells whether there is a process that is not dead but for its parent's asking.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// TestMissing says what to install.
func TestMissing(t *testing.T) {
	tests := map[string]struct {
		command string
		says    []string
	}{
		"no command":      {"/nowhere/tesseract", []string{"/nowhere/tesseract is not installed", Install}},
		"no file to run":  {t.TempDir(), []string{"is not installed", Install}},
		"no Hangul":       {script(t, "echo kor; echo eng"), []string{`"Hangul"`, "tesseract-ocr-script-hang", Install}},
		"no kor":          {script(t, "echo script/Hangul; echo eng"), []string{`"kor"`, "tesseract-ocr-kor", Install}},
		"no languages":    {script(t, ":"), []string{`"Hangul"`, Install}},
		"it fails":        {script(t, "echo 'no tessdata' >&2; exit 1"), []string{"--list-langs", "no tessdata"}},
		"it writes a lot": {script(t, "while :; do echo Hangul; done"), []string{"--list-langs", errTooMuch.Error()}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := New(t.Context(), Config{Command: tt.command})
			if e != nil || !errors.Is(err, ErrMissing) {
				t.Fatalf("%v, %v", e, err)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

// TestNewDoesNotHang on a command that hangs, with a child that keeps its output open.
func TestNewDoesNotHang(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := New(ctx, Config{Command: script(t, "/bin/sleep 300 & /bin/sleep 300")}); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestGoneLater: Tesseract that is taken away while we run is missing, and no picture's fault.
func TestGoneLater(t *testing.T) {
	for _, limits := range []bool{true, false} {
		path := fake(t, "page 1 a")
		e := open(t, Config{Command: path})
		if !limits {
			e.prlimit = ""
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.Read(t.Context(), Both, blocks(1)); !errors.Is(err, ErrMissing) || errors.Is(err, ErrFailed) {
			t.Errorf("with limits %t: %v", limits, err)
		}
	}
}

// TestLimits: the kernel bounds memory, time, files and their size; nothing of our environment is handed on.
func TestLimits(t *testing.T) {
	t.Setenv("SECRET", "of this program")
	e := open(t, Config{Command: fake(t, `echo "$(ulimit -v) $(ulimit -t) $(ulimit -n) $(ulimit -f) $(ulimit -c)" $SECRET "$OMP_THREAD_LIMIT" >&2; exit 1`), Memory: 512 << 20})
	if e.prlimit == "" {
		t.Skip("no prlimit")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, _, err := e.Read(ctx, Both, blocks(1))
	if err == nil || !strings.Contains(err.Error(), ": 524288 31 64 0 0 1") {
		t.Errorf("%v", err)
	}
	if _, _, err = e.Read(t.Context(), Both, blocks(1)); err == nil || !strings.Contains(err.Error(), ": 524288 602 64 0 0 1") {
		t.Errorf("without a deadline: %v", err)
	}
}

// TestArguments is I7: they are always the same, and what comes in is a TIFF of ours.
func TestArguments(t *testing.T) {
	e := open(t, Config{Command: fake(t, `printf '%s,' "$@" >&2; /usr/bin/head -c 4 | /usr/bin/od -An -c >&2; exit 1`)})
	lists := [][]*image.Gray{blocks(1), blocks(3), {ocrtest.Blank(1, 1, 0).Gray}}
	text := image.NewGray(image.Rect(0, 0, 12, 2))
	copy(text.Pix, "/etc/passwd\n/etc/shadow\n")
	lists = append(lists, []*image.Gray{text})
	for _, lines := range lists {
		_, _, err := e.Read(t.Context(), Hangul, lines)
		const want = ": stdin,stdout,-l,Hangul,--psm,7,-c,preserve_interword_spaces=1,-c,tessedit_create_txt=1,-c,tessedit_create_tsv=1, I I * \\0"
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

// TestWithoutLimits: where there is no prlimit it works, and what hangs is still killed.
func TestWithoutLimits(t *testing.T) {
	real, err := exec.LookPath("tesseract")
	if err != nil {
		t.Skip("no tesseract")
	}
	dir := t.TempDir()
	if err := os.Symlink(real, filepath.Join(dir, "tesseract")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	e := installed(t, Config{})
	if e.prlimit != "" {
		t.Fatal("prlimit was found")
	}
	line := ocrtest.Blank(300, 64, 255)
	line.Text(ocrtest.Face(t, 36), 20, 45, 0, "공연장")
	if texts, _, err := e.Read(t.Context(), Both, []*image.Gray{line.Gray}); err != nil || texts[0].Text != "공연장" {
		t.Errorf("%v, %v", texts, err)
	}
	e = open(t, Config{Command: fake(t, "/bin/sleep 300")})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, _, err := e.Read(ctx, Both, blocks(1)); !errors.Is(err, ErrFailed) {
		t.Error(err)
	}
}

// TestReal reads 300 lines in one call: each comes back in its place, and an empty one as nothing.
func TestReal(t *testing.T) {
	e := installed(t, Config{})
	if v := e.Version(); !strings.HasPrefix(v, "tesseract ") {
		t.Errorf("version %q", v)
	}
	face := ocrtest.Face(t, 36)
	lines := make([]*image.Gray, 300)
	for i := range lines {
		s := ocrtest.Blank(240, 64, 255)
		if i%50 != 7 {
			s.Text(face, 20, 45, 0, fmt.Sprintf("%d원", 10_000+37*i))
		}
		lines[i] = s.Gray
	}
	texts, cost, err := e.Read(t.Context(), Both, lines)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, text := range texts {
		want := ""
		if i%50 != 7 {
			want = fmt.Sprintf("%d원", 10_000+37*i)
		}
		switch {
		case want == "" && text != (Text{}):
			t.Errorf("an empty line %d was read as %+v", i, text)
		case want != "" && (text.Sure <= 0 || text.Sure > 1):
			t.Errorf("line %d: %+v", i, text)
		case text.Text != want:
			wrong++
		}
	}
	if wrong > 6 {
		t.Errorf("%d of 300 lines are wrong or in another's place", wrong)
	}
	if cost.CPU <= 0 || cost.Peak < 10<<20 {
		t.Errorf("cost %+v", cost)
	}
	t.Logf("%d of 300 wrong, %s, %d MiB", wrong, cost.CPU, cost.Peak>>20)
}

// TestRealUnderStress: pictures of any shape are lines to it, and too little memory or time is an error.
func TestRealUnderStress(t *testing.T) {
	e := installed(t, Config{})
	noise := image.NewGray(image.Rect(0, 0, 800, 60))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i * 7919 >> 5)
	}
	shapes := []*image.Gray{ocrtest.Blank(1, 1, 0).Gray, ocrtest.Blank(8024, 64, 255).Gray, ocrtest.Blank(3, 200, 0).Gray, noise, ocrtest.Blank(25, 25, 255).Gray}
	if texts, _, err := e.Read(t.Context(), Both, shapes); err != nil || len(texts) != len(shapes) {
		t.Errorf("%v, %v", texts, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := e.Read(ctx, Both, blocks(100)); !errors.Is(err, ErrFailed) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too little time: %v", err)
	}
	if e.prlimit == "" {
		return
	}
	e.memory = 60 << 20
	if _, _, err := e.Read(t.Context(), Both, blocks(1)); !errors.Is(err, ErrFailed) {
		t.Errorf("too little memory: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t96.1\t공연\n공연\n\f", uint8(1))
	f.Add("level\tpage_num\n1\t9999999999\t0\t0\t0\t0\t0\t0\t0\t0\tNaN\t\n", uint8(3))
	f.Fuzz(func(t *testing.T, out string, n uint8) {
		texts, pages := parse(out, int(n))
		if len(texts) != int(n) || pages < 0 || pages > int(n) {
			t.Fatalf("%d texts, %d pages of %d", len(texts), pages, n)
		}
		for _, text := range texts {
			if !(text.Sure >= 0 && text.Sure <= 1) {
				t.Fatalf("so sure: %v", text.Sure)
			}
		}
	})
}
