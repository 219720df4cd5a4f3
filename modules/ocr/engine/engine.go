// Package engine reads lines of text with Tesseract, in a process of its own for each call.
//
// Guarantees: Tesseract gets pictures this program drew, on its standard input, and the same arguments always: nothing that
// came from outside reaches it as a name, an option or a file. A call ends at its deadline with the whole process group; its
// memory, processor time and files are bounded by the kernel; what it writes beyond measure is an error. Two calls do not
// share anything.
package engine

import (
	"bytes"
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
	// ErrMissing means that Tesseract or its Korean data are not installed; the text says which and how to install them.
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
}

// Engine reads lines. Make one with New.
type Engine struct {
	command string
	env     []string
	memory  uint64
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
	e := &Engine{command: path, memory: cfg.Memory, env: []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"}}
	if cfg.Data != "" {
		e.env = append(e.env, "TESSDATA_PREFIX="+cfg.Data)
	}
	e.prlimit, _ = exec.LookPath("prlimit")
	list := exec.CommandContext(ctx, path, "--list-langs")
	list.Env = e.env
	out, err := list.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s --list-langs: %w", ErrMissing, path, err)
	}
	have := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		have[filepath.Base(strings.TrimSpace(line))] = true
	}
	for lang, pkg := range map[string]string{"Hangul": "tesseract-ocr-script-hang", "kor": "tesseract-ocr-kor"} {
		if !have[lang] {
			return nil, fmt.Errorf("%w: its data for %q are not installed (package %s); %s", ErrMissing, lang, pkg, Install)
		}
	}
	if out, err = exec.CommandContext(ctx, path, "--version").CombinedOutput(); err == nil {
		e.version, _, _ = strings.Cut(string(out), "\n")
	}
	return e, nil
}

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

// Read reads pictures of one line each; texts[i] is what stands in lines[i], "" where nothing was read. ErrFailed.
func (e *Engine) Read(ctx context.Context, languages string, lines []*image.Gray) (texts []Text, cost Cost, err error) {
	if len(lines) == 0 {
		return nil, cost, nil
	}
	args := []string{"stdin", "stdout", "-l", languages, "--psm", "7", "-c", "preserve_interword_spaces=1", "-c", "tessedit_create_txt=1", "-c", "tessedit_create_tsv=1"}
	name := e.command
	if e.prlimit != "" {
		args = append([]string{fmt.Sprintf("--as=%d", e.memory), "--core=0", "--nofile=64", "--fsize=0", "--", name}, args...)
		name = e.prlimit
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = e.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	cmd.Stdin = bytes.NewReader(tiff(lines))
	out, complaint := &bounded{left: 64<<10 + 16<<10*len(lines)}, &bounded{left: 64<<10 + 64*len(lines)}
	cmd.Stdout, cmd.Stderr = out, complaint
	if err = cmd.Start(); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, nice) // reading can wait; serving cannot
		err = cmd.Wait()
	}
	if st := cmd.ProcessState; st != nil {
		cost.CPU = st.UserTime() + st.SystemTime()
		if use, ok := st.SysUsage().(*syscall.Rusage); ok {
			cost.Peak = use.Maxrss << 10
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, cost, fmt.Errorf("%w: stopped after its time: %w", ErrFailed, ctx.Err())
	case err != nil:
		return nil, cost, fmt.Errorf("%w: %w: %s", ErrFailed, err, clip(complaint.String()))
	}
	texts, pages := parse(out.String(), len(lines))
	if pages != len(lines) {
		return nil, cost, fmt.Errorf("%w: it read %d of %d lines: %s", ErrFailed, pages, len(lines), clip(complaint.String()))
	}
	return texts, cost, nil
}

// nice is how much the processes give way to others.
const nice = 10

// parse parts what Tesseract writes in the texts of n pictures and tells how many it read. For each picture come rows of a
// table, which say how sure it is of each word, then the text as it stands, with its blanks.
func parse(out string, n int) (texts []Text, pages int) {
	texts = make([]Text, n)
	weight := make([]float64, n)
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		cells := strings.Split(line, "\t")
		if len(cells) == columns {
			if page, err := strconv.Atoi(cells[pageColumn]); err == nil && page > 0 && page <= n {
				pages = max(pages, page)
				if sure, err := strconv.ParseFloat(cells[sureColumn], 64); err == nil && sure >= 0 {
					letters := float64(utf8.RuneCountInString(cells[columns-1]))
					texts[page-1].Sure += letters * sure / 100
					weight[page-1] += letters
				}
			}
			continue
		}
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\f", "")); line != "" && pages > 0 {
			t := &texts[pages-1]
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

// bounded keeps what is written to it, and fails once it is too much.
type bounded struct {
	bytes.Buffer
	left int
}

var errTooMuch = errors.New("it writes more than was asked for")

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooMuch
	}
	return b.Buffer.Write(p)
}

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), 300)], "")
}
