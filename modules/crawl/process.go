package crawl

import (
	"os/exec"
	"syscall"
	"time"
)

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
