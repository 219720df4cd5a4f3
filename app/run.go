package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"ticketmoa/modules/demo"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `ticketmoa gathers what Korea's ticket sellers offer and serves it as pages and a JSON API.

  ticketmoa [serve]                  everything: pages, API, scheduler, workers
  ticketmoa demo [--data DIR]        a full site on simulated sellers, no network needed
  ticketmoa crawl [--full] SOURCE…   one crawl now, then work off what it brought; --full asks for what is known too
  ticketmoa ingest --source S --kind K PATH…   feed captured pages
                   [--fetched-at TIME] [--url URL] [--code CODE]
  ticketmoa replay --from DATE [--to DATE] [--source S] [--condemned]   read kept pages again; with --condemned also those of crawls that drifted
  ticketmoa job NAME                 run one scheduled job now and wait; match --explain lists which listings are one show, and why
  ticketmoa dead [replay [KEY…] | drop KEY…]   messages that failed five times: list them, try again, drop
  ticketmoa quarantine [--source S] [--kind K] [--field F] [--rule R] [--code C] [--all]   what was withheld: counts, or rows
  ticketmoa quarantine replay [ID] [the same options]   read the pages of a row, or of all that match, again
  ticketmoa read PICTURE…            what a poster strip says: its text and facts as JSON, one line a picture
  ticketmoa admin-link               a new one-time link to /admin
  ticketmoa config print|check       effective settings and where they come from
  ticketmoa healthcheck              exit 0 when the server here is ready
  ticketmoa version

Settings: --SETTING VALUE (--http.addr :9000) over TICKETMOA_HTTP__ADDR over --config FILE over the defaults.
`

// Run is the program: args without its name in, an exit code out.
func Run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer, defaults []byte) int {
	inv, err := parseArgs(args)
	if err != nil {
		return fail(stderr, exitUsage, err)
	}
	if inv.has("help") || inv.name == "help" {
		say(stdout, usage)
		return exitOK
	}
	if inv.name == "version" {
		say(stdout, version()+"\n")
		return exitOK
	}
	cfg, err := loadConfig(defaults, inv.options["config"], environ, inv.settings)
	if err != nil {
		return fail(stderr, exitUsage, err)
	}
	log := newLogger(cfg, stderr)
	switch inv.name {
	case "serve":
		err = serve(ctx, cfg, Hooks{}, nil, stdout, log)
	case "demo":
		err = runDemo(ctx, cfg, inv, stdout, log)
	case "config":
		return configCommand(cfg, inv, stdout, stderr)
	case "healthcheck":
		err = healthcheck(ctx, cfg)
	case "read":
		err = readPictures(ctx, cfg, inv.args, stdout)
	default:
		return here(ctx, cfg, args, stdout, stderr, log)
	}
	switch {
	case errors.Is(err, errUsage):
		return fail(stderr, exitUsage, err)
	case err != nil:
		return fail(stderr, exitFailed, err)
	}
	return exitOK
}

func say(w io.Writer, text string) {
	_, _ = io.WriteString(w, text) // a closed terminal has nobody to tell
}

func fail(w io.Writer, code int, err error) int {
	say(w, "ticketmoa: "+err.Error()+"\n")
	return code
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "ticketmoa (unknown build)"
	}
	revision := "unknown revision"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return fmt.Sprintf("ticketmoa %s %s %s", info.Main.Version, revision, info.GoVersion)
}

func newLogger(cfg *Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // validated before
	opts := &slog.HandlerOptions{Level: level}
	f, isFile := w.(*os.File)
	terminal := false
	if isFile {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if cfg.Log.Format == "json" || (cfg.Log.Format == "auto" && !terminal) {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

func configCommand(cfg *Config, inv invocation, stdout, stderr io.Writer) int {
	switch strings.Join(inv.args, " ") {
	case "print":
		if err := cfg.Print(stdout); err != nil {
			return fail(stderr, exitFailed, err)
		}
	case "check":
		say(stdout, "settings are fine\n")
	default:
		return fail(stderr, exitUsage, errors.New("config print, or config check"))
	}
	return exitOK
}

// healthcheck asks the server on this machine whether it is ready.
func healthcheck(ctx context.Context, cfg *Config) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, localURL(cfg.HTTP.Addr)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req) //nolint:forbidigo // this program asks itself
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1000)) // what could be read is told
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(body)))
	}
	return nil
}

// localURL is how this machine reaches an address it listens on.
func localURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// runDemo serves a fresh data directory filled from simulated sellers.
func runDemo(ctx context.Context, cfg *Config, inv invocation, stdout io.Writer, log *slog.Logger) (err error) {
	cfg.Data.Dir = inv.options["data"]
	if cfg.Data.Dir == "" {
		dir, merr := os.MkdirTemp("", "ticketmoa-demo-")
		if merr != nil {
			return fmt.Errorf("make a temporary data directory: %w", merr)
		}
		cfg.Data.Dir = dir
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	sim, err := demo.Start(ctx, time.Now(), log)
	if err != nil {
		return fmt.Errorf("start the simulated sellers: %w", err)
	}
	defer sim.Close()
	for name, s := range cfg.Sources {
		s.Enabled, s.Hosts, s.Rate, s.Concurrency, s.Key, s.Schedule = true, sim.Hosts(name), 500, 16, demo.Key, "*/10 * * * *"
		cfg.Sources[name] = s
	}
	cfg.Crawl.Workers, cfg.Crawl.Tabs, cfg.Crawl.Refresh = 6, 3, 50*time.Minute
	cfg.OCR.Rate = 20
	log.Info("demo", "data_dir", cfg.Data.Dir)
	return serve(ctx, cfg, Hooks{}, sim.OfferHosts(), stdout, log)
}
