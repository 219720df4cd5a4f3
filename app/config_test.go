package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func defaults(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagOverEnvironmentOverFileOverDefault(t *testing.T) {
	t.Parallel()
	file := write(t, "c.yaml", "http: {addr: ':1'}\nlog: {level: warn}\nsources:\n  kopis:\n    key: from-file\n    hosts: {www.kopis.or.kr: 'http://127.0.0.1:9'}\n")
	secret := write(t, "key", "from-secret-file\n")
	cfg, err := loadConfig(defaults(t), file, []string{"TICKETMOA_HTTP__ADDR=:2", "TICKETMOA_LOG__LEVEL=error", "TICKETMOA_SOURCES__KOPIS__KEY_FILE=" + secret,
		"TICKETMOA_SOURCES__KOPIS__ENABLED=true", `TICKETMOA_SOURCES__YES24__HOSTS={ticket.yes24.com: "http://127.0.0.1:8"}`, "PATH=/bin"}, map[string]string{"http.addr": ":3", "crawl.tabs": "7"})
	if err != nil {
		t.Fatal(err)
	}
	k := cfg.Sources["kopis"]
	if cfg.HTTP.Addr != ":3" || cfg.Log.Level != "error" || cfg.Crawl.Tabs != 7 || k.Key != "from-secret-file" || !k.Enabled || k.Rate != 2 ||
		k.Hosts["www.kopis.or.kr"] != "http://127.0.0.1:9" || cfg.Sources["yes24"].Hosts["ticket.yes24.com"] != "http://127.0.0.1:8" {
		t.Errorf("config = %+v", cfg)
	}
	for key, want := range map[string]string{"http.addr": "flag --http.addr", "log.level": "environment TICKETMOA_LOG__LEVEL", "data.dir": "default"} {
		if cfg.origin[key] != want {
			t.Errorf("%s comes from %q, want %q", key, cfg.origin[key], want)
		}
	}
	var out strings.Builder
	if err := cfg.Print(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "from-secret") || !strings.Contains(out.String(), "(secret)") {
		t.Errorf("the printed settings hold the key:\n%s", out.String())
	}
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	t.Parallel()
	cfg, err := loadConfig(defaults(t), "", nil, map[string]string{"store.url": "mongodb://tut:sesame@db/x?password=sesame", "lake.url": "s3://b/p?endpoint=http://u:sesame@h&secret=sesame"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := cfg.Print(&out); err != nil || strings.Contains(out.String(), "sesame") {
		t.Errorf("printed %s, %v", out.String(), err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file, env string
		flags     map[string]string
		want      []string
	}{
		"unknown key in the file":  {file: "http: {adr: x}", want: []string{"http.adr", "http.addr"}},
		"unknown source":           {file: "sources: {ticketmaster: {enabled: true}}", want: []string{"sources.ticketmaster"}},
		"unknown environment":      {env: "TICKETMOA_HTPP__ADDR=1", want: []string{"TICKETMOA_HTPP__ADDR"}},
		"not YAML":                 {file: "http: [", want: []string{"c.yaml"}},
		"a scalar for a map":       {file: "http: 3", want: []string{"http", "shape"}},
		"robots without leave":     {flags: map[string]string{"sources.yes24.robots": "ignore"}, want: []string{"sources.yes24.permission"}},
		"a rate of nothing":        {flags: map[string]string{"sources.yes24.rate": "0"}, want: []string{"sources.yes24.rate"}},
		"a level nobody has":       {flags: map[string]string{"log.level": "loud"}, want: []string{"log.level", "loud"}},
		"a number that is none":    {flags: map[string]string{"crawl.tabs": "many"}, want: []string{"many"}},
		"a store that is none":     {flags: map[string]string{"store.url": "postgres://x"}, want: []string{"store.url", "mongodb://"}},
		"a group for a value":      {flags: map[string]string{"http": "x"}, want: []string{"http"}},
		"a schedule that is none":  {flags: map[string]string{"recommend.schedule": "x y"}, want: []string{"recommend.schedule", "five cron fields"}},
		"a schedule with a zone":   {flags: map[string]string{"sources.yes24.schedule": "TZ=0 1 * * * *"}, want: []string{"sources.yes24.schedule", "Seoul"}},
		"an address without port":  {flags: map[string]string{"http.addr": "nonsense"}, want: []string{"http.addr"}},
		"no tabs":                  {flags: map[string]string{"crawl.tabs": "0"}, want: []string{"crawl.tabs"}},
		"a time before now":        {flags: map[string]string{"crawl.timeout": "-5s"}, want: []string{"crawl.timeout"}},
		"hosts that are no map":    {flags: map[string]string{"sources.kopis.hosts": "x"}, want: []string{"sources.kopis.hosts"}},
		"a replacement without it": {flags: map[string]string{"sources.kopis.hosts": "{a: b}"}, want: []string{"sources.kopis.hosts", "URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := ""
			if tc.file != "" {
				file = write(t, "c.yaml", tc.file)
			}
			_, err := loadConfig(defaults(t), file, []string{tc.env}, tc.flags)
			if !errors.Is(err, ErrConfig) {
				t.Fatalf("err = %v", err)
			}
			for _, w := range tc.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %q", err, w)
				}
			}
		})
	}
}

func TestArgs(t *testing.T) {
	t.Parallel()
	inv, err := parseArgs([]string{"ingest", "--source", "yes24", "a.html", "--http.addr=:0", "--kind=detail", "b"})
	if err != nil || inv.name != "ingest" || strings.Join(inv.args, " ") != "a.html b" || inv.options["kind"] != "detail" || inv.settings["http.addr"] != ":0" {
		t.Errorf("parseArgs = %+v, %v", inv, err)
	}
	if inv, err := parseArgs(nil); err != nil || inv.name != "serve" {
		t.Errorf("no args = %+v, %v", inv, err)
	}
	for _, bad := range [][]string{{"fly"}, {"serve", "x"}, {"serve", "--from", "x"}, {"ingest", "--kind"}, {"-v"}} {
		if _, err := parseArgs(bad); err == nil {
			t.Errorf("parseArgs(%q) took it", bad)
		}
	}
}

// TestSettingsOfTheWrongKind: the message names the setting, where it stands and how it is written.
func TestSettingsOfTheWrongKind(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		"TICKETMOA_SOURCES__KOPIS__ENABLED=perhaps": "true or false", "TICKETMOA_CRAWL__TABS=two": "a whole number", "TICKETMOA_SOURCES__YES24__RATE=fast": "a number",
		"TICKETMOA_CRAWL__TIMEOUT=30": "a length of time like ",
	} {
		name, value, _ := strings.Cut(env, "=")
		_, err := loadConfig(defaults(t), "", []string{env}, nil)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), value) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", env, err)
		}
	}
	file := write(t, "c.yaml", "crawl: {tabs: two}\n")
	if _, err := loadConfig(defaults(t), file, nil, nil); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "crawl.tabs: two is not a whole number") {
		t.Error(err)
	}
}
