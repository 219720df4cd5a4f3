package crawl

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const orphanEnv = "CRAWL_TEST_BROWSER"

func TestMain(m *testing.M) {
	if os.Getenv(orphanEnv) != "" { // starts a browser, says which profile it has, and waits to be killed
		inst, err := newBrowser(withDefaults(Config{}), nil, quiet()).start(context.Background())
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(inst.profile)
		select {}
	}
	os.Exit(m.Run())
}

// running counts the processes that were started on a profile.
func running(profile string) (n int) {
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range commands {
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), "--user-data-dir="+profile) {
			n++
		}
	}
	return n
}

// TestKilledProcessTakesItsBrowserAlong kills a process with SIGKILL: its browser ends, and the next start removes the
// profile it left, and a browser that lived on all the same.
func TestKilledProcessTakesItsBrowserAlong(t *testing.T) {
	needChromium(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphanEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	profile := strings.TrimSpace(line)
	if err != nil || running(profile) == 0 {
		t.Fatalf("the browser did not start: %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(10 * time.Second); running(profile) > 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if n := running(profile); n > 0 {
		t.Errorf("%d processes of the browser live on", n)
	}
	// Stands for a browser that lives on: a process with that profile in its command line.
	orphan := exec.Command("sh", "-c", "exec 1>&-; while :; do sleep 0.1; done", "--user-data-dir="+profile)
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	sweep(quiet())
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = orphan.Process.Kill()
		t.Error("the sweep left a process of a killed owner alive")
	}
	if _, err := os.Stat(profile); !os.IsNotExist(err) {
		t.Errorf("the profile %s is still there: %v", profile, err)
	}
}
