// Package engine reads lines of text with Tesseract, in a process of its own for each call.
//
// Guarantees: Tesseract gets pictures this program drew, on its standard input, and the same arguments always: nothing that
// came from outside reaches it as a name, an option or a file. A call ends at its deadline with the whole process group; its
// memory, processor time and files are bounded by the kernel; what it writes beyond measure is an error. Two calls do not
// share anything.
package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// Why lines were not read.
var (
	// ErrMissing means that Tesseract or its Korean data are not installed, or not any more; the text says which and how to
	// install them.
	ErrMissing = errors.New("no Tesseract")
	// ErrFailed means that Tesseract crashed, was killed for its memory or time, or gave something else than it was asked.
	ErrFailed = errors.New("tesseract failed")
)

// Install is what puts everything in place on Debian.
const Install = "apt-get install tesseract-ocr tesseract-ocr-kor tesseract-ocr-script-hang"

// Languages are the readings there are, as Tesseract is asked for them.
const (
	Both   = "Hangul+kor" // the better one
	Hangul = "Hangul"     // reads without the dictionary of the other: errors differ
)

// Config are the settings.
type Config struct {
	Command string // "tesseract" when empty
	Data    string // folder of its data; its own when empty
	Memory  uint64 // bytes of address space of one process; 1 GiB when 0
	// Stall is how long a process may go without coming to another line; 20 s when 0. It is killed then, however much time its
	// caller has: a busy machine makes it slow, but never silent for so long.
	Stall time.Duration
}

// Engine reads lines. Make one with New.
type Engine struct {
	command string
	env     []string
	memory  uint64
	stall   time.Duration
	prlimit string
	version string
}

// New looks for Tesseract and its data. ErrMissing.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Command == "" {
		cfg.Command = "tesseract"
	}
	if cfg.Memory == 0 {
		cfg.Memory = 1 << 30
	}
	path, err := exec.LookPath(cfg.Command)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not installed; %s", ErrMissing, cfg.Command, Install)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	e := &Engine{command: path, memory: cfg.Memory, stall: cmp.Or(cfg.Stall, 20*time.Second), env: []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"}}
	if cfg.Data != "" {
		e.env = append(e.env, "TESSDATA_PREFIX="+cfg.Data)
	}
	e.prlimit, _ = exec.LookPath("prlimit")
	out, _, err := e.run(ctx, []string{"--list-langs"}, nil, mostListed)
	if err != nil {
		return nil, fmt.Errorf("%w: %s --list-langs: %w", ErrMissing, path, err)
	}
	have := map[string]bool{}
	for line := range strings.Lines(out) {
		have[filepath.Base(strings.TrimSpace(line))] = true
	}
	for _, data := range [][2]string{{"Hangul", "tesseract-ocr-script-hang"}, {"kor", "tesseract-ocr-kor"}} {
		if !have[data[0]] {
			return nil, fmt.Errorf("%w: its data for %q are not installed (package %s); %s", ErrMissing, data[0], data[1], Install)
		}
	}
	if out, _, err = e.run(ctx, []string{"--version"}, nil, mostListed); err == nil {
		e.version, _, _ = strings.Cut(out, "\n")
	}
	return e, nil
}

const mostListed = 64 << 10 // bytes of a list of languages

// Version is how Tesseract names itself: "tesseract 5.3.0".
func (e *Engine) Version() string { return e.version }

// Cost is what a call took.
type Cost struct {
	CPU  time.Duration // of the process
	Peak int64         // bytes it had in memory at most
}

// Text is what stands in a line.
type Text struct {
	Text string
	Sure float64 // how sure Tesseract is, 0 to 1; of nothing 0
}

// Read reads pictures of one line each; texts[i] is what stands in lines[i], "" where nothing was read. ErrFailed; ErrMissing
// when Tesseract has gone.
func (e *Engine) Read(ctx context.Context, languages string, lines []*image.Gray) (texts []Text, cost Cost, err error) {
	if len(lines) == 0 {
		return nil, cost, nil
	}
	args := []string{"stdin", "stdout", "-l", languages, "--psm", "7", "-c", "preserve_interword_spaces=1", "-c", "tessedit_create_txt=1", "-c", "tessedit_create_tsv=1"}
	out, cost, err := e.run(ctx, args, tiff(lines), 64<<10+16<<10*len(lines))
	if err != nil {
		return nil, cost, err
	}
	texts, pages := parse(out, len(lines))
	if pages != len(lines) {
		return nil, cost, fmt.Errorf("%w: it read %d of %d lines", ErrFailed, pages, len(lines))
	}
	for i, g := range lines {
		if empty(g) { // in which Tesseract sees a letter all the same
			texts[i] = Text{}
		}
	}
	return texts, cost, nil
}

// empty tells whether a picture has one tone.
func empty(g *image.Gray) bool {
	for y := range g.Rect.Dy() {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			if v != g.Pix[0] {
				return false
			}
		}
	}
	return true
}

// mostCPU is how long a process may be busy when ctx has no deadline. Where this program is killed, and nobody is left to look
// at the deadline, the kernel still counts.
const mostCPU = 10 * time.Minute

// run runs Tesseract and gives what it wrote, at most so many bytes. When it returns with an error nothing of the process is
// left, and nothing that it started. ErrFailed, ErrMissing.
func (e *Engine) run(ctx context.Context, args []string, input []byte, most int) (written string, cost Cost, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	name := e.command
	if e.prlimit != "" {
		cpu := mostCPU
		if end, ok := ctx.Deadline(); ok {
			cpu = time.Until(end)
		}
		args = append([]string{fmt.Sprintf("--as=%d", e.memory), fmt.Sprintf("--cpu=%d", int(max(cpu, 0).Seconds())+2), "--core=0", "--nofile=64", "--fsize=0", "--", name}, args...)
		name = e.prlimit
	}
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // a command the operator names, with arguments that are always the same
	cmd.Env = e.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	cmd.Stdin = bytes.NewReader(input)
	watch := time.AfterFunc(e.stall, func() { cancel(errStalled) })
	defer watch.Stop()
	alive := func() { watch.Reset(e.stall) } // it names each line on its standard error as it begins with it
	out, complaint := &bounded{left: most, full: cancel, alive: alive}, &bounded{left: most, full: cancel, alive: alive}
	cmd.Stdout, cmd.Stderr = out, complaint
	if err = cmd.Start(); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, nice) // reading can wait; serving cannot
		if err = cmd.Wait(); err != nil {
			_ = cmd.Cancel() // what it started may have outlived it
		}
	}
	if st := cmd.ProcessState; st != nil {
		cost.CPU = st.UserTime() + st.SystemTime()
		if use, ok := st.SysUsage().(*syscall.Rusage); ok {
			cost.Peak = use.Maxrss << 10
		}
	}
	switch {
	case ctx.Err() != nil && (errors.Is(context.Cause(ctx), errTooMuch) || errors.Is(context.Cause(ctx), errStalled)):
		return "", cost, fmt.Errorf("%w: %w", ErrFailed, context.Cause(ctx))
	case ctx.Err() != nil:
		return "", cost, fmt.Errorf("%w: stopped after its time: %w", ErrFailed, ctx.Err())
	case err != nil:
		if _, gone := exec.LookPath(e.command); gone != nil || cmd.Process == nil {
			return "", cost, fmt.Errorf("%w: %s cannot be started: %w; %s", ErrMissing, e.command, err, Install)
		}
		return "", cost, fmt.Errorf("%w: %w: %s", ErrFailed, err, clip(complaint.String()))
	}
	return out.String(), cost, nil
}

// nice is how much the processes give way to others.
const nice = 10

// parse parts what Tesseract writes in the texts of n pictures and tells how many it read. For each picture come rows of a
// table, which say how sure it is of each word, then the text as it stands, with its blanks.
func parse(out string, n int) (texts []Text, pages int) {
	texts = make([]Text, n)
	weight := make([]float64, n)
	now, seen := 0, make([]bool, n+1) // the picture the rows are about
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		cells := strings.Split(line, "\t")
		if len(cells) == columns {
			if page, err := strconv.Atoi(cells[pageColumn]); err == nil && page > 0 && page <= n {
				if now = page; !seen[page] {
					seen[page] = true
					pages++
				}
				if sure, err := strconv.ParseFloat(cells[sureColumn], 64); err == nil && sure >= 0 {
					letters := float64(utf8.RuneCountInString(cells[columns-1]))
					texts[page-1].Sure += letters * min(sure, 100) / 100
					weight[page-1] += letters
				}
			}
			continue
		}
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\f", "")); line != "" && now > 0 {
			t := &texts[now-1]
			t.Text = strings.TrimSpace(t.Text + " " + line)
		}
	}
	for i := range texts {
		if weight[i] > 0 {
			texts[i].Sure /= weight[i]
		}
	}
	return texts, pages
}

// Of the table's columns.
const (
	columns    = 12
	pageColumn = 1
	sureColumn = 10
)

// bounded keeps what is written to it, and calls full once it is too much. It embeds no buffer: that would offer io.Copy a
// ReadFrom, which asks nobody how much is left.
type bounded struct {
	kept  bytes.Buffer
	left  int
	full  func(error)
	alive func() // called with each write
}

func (b *bounded) String() string { return b.kept.String() }

var errStalled = errors.New("it came to no other line in its time")

var errTooMuch = errors.New("it writes more than was asked for")

func (b *bounded) Write(p []byte) (int, error) {
	b.alive()
	if b.left -= len(p); b.left < 0 {
		b.full(errTooMuch)
		return 0, errTooMuch
	}
	return b.kept.Write(p)
}

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), 300)], "")
}
