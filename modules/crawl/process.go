package crawl

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	profilePrefix = "ticketmoa-chromium-"
	ownerFile     = "owner" // in a profile: the process that made it
)

// started is what Debian's chromium-headless-shell is: a shell that starts the browser and waits for it.
var started = regexp.MustCompile(`(?m)^(/\S+) "\$@"\s*$`)

// unwrapped is the browser itself where path is a script that does nothing but start it: the kernel ends only the process
// that we started, not what a shell started for us.
func unwrapped(path string) string {
	script, err := os.ReadFile(path)
	if err != nil || len(script) > 4096 || !bytes.HasPrefix(script, []byte("#!")) {
		return path
	}
	if m := started.FindSubmatch(script); m != nil && filepath.Base(string(m[1])) == filepath.Base(path) {
		if inside, err := exec.LookPath(string(m[1])); err == nil {
			return inside
		}
	}
	return path
}

// sweep ends browsers whose owner was killed, and removes their profiles.
func sweep(log *slog.Logger) {
	profiles, err := filepath.Glob(filepath.Join(os.TempDir(), profilePrefix+"*"))
	if err != nil {
		return
	}
	for _, profile := range profiles {
		b, err := os.ReadFile(filepath.Join(profile, ownerFile))
		owner, perr := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil || perr != nil || syscall.Kill(owner, 0) != syscall.ESRCH {
			continue
		}
		killThoseWith(profile)
		if err := os.RemoveAll(profile); err == nil {
			log.Info("removed the browser of a process that was killed", "pid", owner)
		}
	}
}

// killThoseWith ends every process that was started on this profile.
func killThoseWith(profile string) {
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return
	}
	for _, path := range commands {
		b, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(b, []byte("--user-data-dir="+profile)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone by now
		}
	}
}

// processGroup is Chromium with every process it started, so that none outlives it.
type processGroup struct{ cmd *exec.Cmd }

// lead makes the command the head of a group of its own; the kernel ends it with this process, however that ends.
func (g *processGroup) lead(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	g.cmd = cmd
}

// end kills what is left of the group and waits up to two seconds until nothing is.
func (g *processGroup) end() {
	if g.cmd == nil || g.cmd.Process == nil {
		return
	}
	for range 40 {
		if syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL) != nil {
			return // nobody is there any more
		}
		time.Sleep(50 * time.Millisecond)
	}
}
