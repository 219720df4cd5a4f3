// Command versus holds our answers against what the machine can do at best and against what the first system used: net/http
// that writes stored bytes, and FastAPI that returns list[dict].
//
//	cd web/versus && go run .                  the table
//	cd web/versus && go run . -only list -pprof list.prof    one arm, with a CPU profile of its server
//
// Every arm is a process of its own on loopback. What is compared is the CPU time of that process for each request, sixteen
// connections kept alive, the arms taking turns round by round, medians of the rounds. FastAPI takes part where Debian's
// python3-fastapi, python3-uvicorn, python3-uvloop and python3-httptools are installed.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed fast.py
var fastAPI []byte

func main() {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3])
		return
	}
	rounds := flag.Int("rounds", 15, "how often the arms take turns")
	requests := flag.Int("requests", 4_000, "requests of an arm in a round; FastAPI gets a tenth")
	open := flag.Duration("open", 8*time.Second, "how long 300 requests a second are sent for the latencies; 0 leaves them out")
	only := flag.String("only", "", "comma-separated arms")
	profile := flag.String("pprof", "", "file for a CPU profile of the server, when -only names a single arm")
	flag.Parse()
	if err := run(*rounds, *requests, *open, *only, *profile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// arm is one way to answer.
type arm struct {
	name   string
	what   string
	bare   string // the arm it is held against
	server string // what its process serves
	header string // besides Host
	paths  []string

	process *process
	cpu     []time.Duration // for each request, one a round
	perSec  []float64
	size    int
	late    []time.Duration
}

const (
	gzip       = "Accept-Encoding: gzip\r\n"
	notMatched = "" // filled in once the tag is known
)

func arms(d *shelf) []*arm {
	list := []string{"/api/v1/performances"}
	var filtered []string
	for _, q := range filteredQueries() {
		filtered = append(filtered, "/api/v1/performances?"+q)
	}
	var details []string
	for i := range 50 {
		details = append(details, "/p/"+d.shows[i*7].ID)
	}
	browser := "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n"
	return []*arm{
		{name: "bare", what: "net/http, stored bytes of the list", server: "bare", paths: list},
		{name: "handler", what: "our handler alone, search answered at once", bare: "bare", server: "handler", paths: list},
		{name: "list", what: "the shipped server, search answered at once", bare: "bare", server: "fixed", paths: list},
		{name: "list-304", what: "the same, and the client has it", bare: "bare", server: "fixed", paths: list, header: notMatched},
		{name: "list-gzip", what: "the same, compressed", bare: "bare", server: "fixed", header: gzip, paths: list},
		{name: "search", what: "the shipped server, list of the newest", bare: "bare", server: "shipped", paths: list},
		{name: "filtered", what: "the shipped server, filtered searches", bare: "bare", server: "shipped", paths: filtered},
		{name: "bare-8k", what: "net/http, stored bytes of a list of 8 kB", server: "bare", paths: []string{"/small"}},
		{name: "handler-8k", what: "our handler alone, the same list", bare: "bare-8k", server: "handler", paths: []string{"/api/v1/performances?limit=4"}},
		{name: "list-8k", what: "the shipped server, the same list", bare: "bare-8k", server: "fixed", paths: []string{"/api/v1/performances?limit=4"}},
		{name: "bare-html", what: "net/http, stored bytes of the page", server: "bare", paths: []string{"/html/list"}, header: browser},
		{name: "html-list", what: "the shipped server, list page", bare: "bare-html", server: "shipped", paths: []string{"/search?genre=musical"}, header: browser},
		{name: "bare-detail", what: "net/http, stored bytes of the page", server: "bare", paths: []string{"/html/detail"}, header: browser},
		{name: "html-detail", what: "the shipped server, detail pages, every view recorded", bare: "bare-detail", server: "shipped", paths: details, header: browser},
		{name: "html-unseen", what: "the same, without writing down who looks", bare: "bare-detail", server: "fixed", paths: details, header: browser},
		{name: "html-gzip", what: "the list page, compressed", bare: "bare-html", server: "shipped", paths: []string{"/search?genre=musical"}, header: browser + gzip},
		{name: "fastapi", what: "FastAPI, uvicorn with uvloop and httptools: list[dict]", bare: "bare", server: "fastapi", paths: list},
	}
}

func run(rounds, requests int, open time.Duration, only, profile string) error {
	d := newShelf()
	all := arms(d)
	if only != "" {
		all = slices.DeleteFunc(all, func(a *arm) bool { return !slices.Contains(strings.Split(only, ","), a.name) })
	}
	servers := map[string]*process{}
	defer func() {
		for _, p := range servers {
			p.stop()
		}
	}()
	dir, err := os.MkdirTemp("", "versus")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	kept := all[:0]
	for _, a := range all {
		if servers[a.server] == nil {
			p, err := start(a.server, dir, profile)
			if err != nil {
				fmt.Printf("%s is left out: %v\n", a.name, err)
				continue
			}
			servers[a.server] = p
		}
		a.process = servers[a.server]
		kept = append(kept, a)
	}
	all = kept
	if len(all) == 0 {
		return errors.New("no arm is left")
	}
	if err := prepare(all); err != nil {
		return err
	}
	for range rounds {
		for _, a := range all {
			if err := a.round(requests); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
		}
	}
	if open > 0 {
		for _, a := range all {
			if a.late, err = steady(a.process.addr, a.request(), 300, open); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
		}
	}
	report(all, rounds, requests)
	return nil
}

// prepare asks each arm once: the answer must be right, and has the tag that the 304 arm sends back.
func prepare(all []*arm) error {
	for _, a := range all {
		head, body, err := once(a.process.addr, a.request()(0))
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		if a.name == "list-304" {
			for _, l := range strings.Split(head, "\r\n") {
				if tag, ok := strings.CutPrefix(strings.ToLower(l), "etag: "); ok {
					a.header = "If-None-Match: " + l[len(l)-len(tag):] + "\r\n"
				}
			}
			if head, body, err = once(a.process.addr, a.request()(0)); err != nil || !strings.HasPrefix(head, "HTTP/1.1 304") {
				return fmt.Errorf("%s: no 304 but %q, %v", a.name, head, err)
			}
		} else if !strings.HasPrefix(head, "HTTP/1.1 200") || len(body) == 0 {
			return fmt.Errorf("%s: %q", a.name, head)
		}
		a.size = len(body)
		if _, err := load(a.process.addr, a.request(), 500); err != nil { // warm
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

// request gives the nth request.
func (a *arm) request() func(n int) []byte {
	var all [][]byte
	for _, p := range a.paths {
		all = append(all, []byte("GET "+p+" HTTP/1.1\r\nHost: localhost\r\n"+a.header+"\r\n"))
	}
	return func(n int) []byte { return all[n%len(all)] }
}

func (a *arm) round(requests int) error {
	if a.server == "fastapi" {
		requests = max(requests/10, 100)
	}
	before, err := a.process.cpu()
	if err != nil {
		return err
	}
	took, err := load(a.process.addr, a.request(), requests)
	if err != nil {
		return err
	}
	after, err := a.process.cpu()
	if err != nil {
		return err
	}
	a.cpu = append(a.cpu, (after-before)/time.Duration(requests))
	a.perSec = append(a.perSec, float64(requests)/took.Seconds())
	return nil
}

func median[T int64 | float64 | time.Duration](all []T) T {
	s := slices.Sorted(slices.Values(all))
	return s[len(s)/2]
}

func report(all []*arm, rounds, requests int) {
	named := map[string]*arm{}
	for _, a := range all {
		named[a.name] = a
	}
	fast := named["fastapi"]
	fmt.Printf("\n%d rounds of %d requests over 16 connections; latencies at 300 requests a second\n\n", rounds, requests)
	fmt.Println("| arm | bytes | CPU µs | % of bare | × FastAPI | req/s | p50 ms | p99 ms | what |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, a := range all {
		ratio, times := "", ""
		cpu := median(a.cpu)
		if b := named[a.bare]; b != nil {
			each := make([]float64, len(a.cpu)) // of the same round: the neighbours' noise is common to both
			for i := range each {
				each[i] = 100 * float64(b.cpu[i]) / float64(a.cpu[i])
			}
			ratio = strconv.FormatFloat(median(each), 'f', 0, 64)
		}
		if fast != nil && a != fast && strings.Contains(a.paths[0], "/api/") {
			times = strconv.FormatFloat(float64(median(fast.cpu))/float64(cpu), 'f', 0, 64)
		}
		p50, p99 := "", ""
		if len(a.late) > 0 {
			p50, p99 = millis(a.late[len(a.late)/2]), millis(a.late[len(a.late)*99/100])
		}
		fmt.Printf("| %s | %d | %.1f | %s | %s | %.0f | %s | %s | %s |\n", a.name, a.size, float64(cpu.Nanoseconds())/1e3, ratio, times, median(a.perSec), p50, p99, a.what)
	}
	searchAlone()
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1e3, 'f', 2, 64)
}

// process is a server we started.
type process struct {
	cmd  *exec.Cmd
	addr string
}

func start(server, dir, profile string) (*process, error) {
	if server == "fastapi" {
		return startFastAPI(dir)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "serve", server, profile)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s did not start: %w", server, err)
	}
	return &process{cmd, strings.TrimSpace(line)}, nil
}

func startFastAPI(dir string) (*process, error) {
	if out, err := exec.Command("/usr/bin/python3", "-c", "import fastapi, uvicorn, uvloop, httptools").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("FastAPI is not installed (apt-get install python3-fastapi python3-uvicorn python3-uvloop python3-httptools): %s", out[max(0, len(out)-80):])
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "fast.py"), fastAPI, 0o600), os.WriteFile(filepath.Join(dir, "list.json"), newShelf().answer(20), 0o600)); err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("/usr/bin/python3", "-m", "uvicorn", "fast:app", "--host", "127.0.0.1", "--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--timeout-keep-alive", "60", "--log-level", "warning")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd, addr}
	for range 100 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return p, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.stop()
	return nil, errors.New("FastAPI does not listen")
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}

// cpu is what the process has used so far: the sum over its threads, to the nanosecond.
func (p *process) cpu() (sum time.Duration, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("no thread of process %d is seen: %w", p.cmd.Process.Pid, err)
	}
	for _, name := range threads {
		b, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		ran, _, _ := strings.Cut(string(b), " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
