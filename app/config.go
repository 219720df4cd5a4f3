package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// ErrConfig means that a setting is wrong; the text says which, where it stands and what to do.
var ErrConfig = errors.New("settings")

// Config are the effective settings, one struct a module. See config.yaml for what each means.
type Config struct {
	HTTP struct {
		Addr      string `yaml:"addr"`
		PublicURL string `yaml:"public_url"`
	} `yaml:"http"`
	Data struct {
		Dir string `yaml:"dir"`
	} `yaml:"data"`
	Store struct {
		URL string `yaml:"url"`
	} `yaml:"store"`
	Lake struct {
		URL string `yaml:"url"`
	} `yaml:"lake"`
	Queue struct {
		MaxBytes    int64         `yaml:"max_bytes"`
		MaxAge      time.Duration `yaml:"max_age"`
		MinFree     float64       `yaml:"min_free"`
		DeadLetters int64         `yaml:"dead_letters"`
	} `yaml:"queue"`
	Log struct {
		Level  string `yaml:"level"`
		Format string `yaml:"format"`
	} `yaml:"log"`
	Crawl struct {
		Workers   int           `yaml:"workers"`
		Tabs      int           `yaml:"tabs"`
		Timeout   time.Duration `yaml:"timeout"`
		Chromium  string        `yaml:"chromium"`
		MaxPages  int           `yaml:"max_pages"`
		MaxBytes  int64         `yaml:"max_bytes"`
		Refresh   time.Duration `yaml:"refresh"`
		UserAgent string        `yaml:"user_agent"`
	} `yaml:"crawl"`
	OCR struct {
		Enabled   bool          `yaml:"enabled"`
		Tesseract string        `yaml:"tesseract"`
		Data      string        `yaml:"data"`
		Share     float64       `yaml:"share"`
		Rate      float64       `yaml:"rate"`
		Refresh   time.Duration `yaml:"refresh"`
	} `yaml:"ocr"`
	Recommend struct {
		Schedule string `yaml:"schedule"`
	} `yaml:"recommend"`
	Popular struct {
		Schedule string `yaml:"schedule"`
	} `yaml:"popular"`
	Sources map[string]SourceConfig `yaml:"sources"`

	origin map[string]string // by dotted key: "default", "file PATH", "environment NAME", "flag"
}

// SourceConfig are the settings of one source.
type SourceConfig struct {
	Enabled     bool              `yaml:"enabled"`
	Schedule    string            `yaml:"schedule"`
	Rate        float64           `yaml:"rate"`
	Concurrency int               `yaml:"concurrency"`
	Robots      string            `yaml:"robots"`
	Permission  string            `yaml:"permission"`
	Key         string            `yaml:"key"`
	Hosts       map[string]string `yaml:"hosts"`
}

const envPrefix = "TICKETMOA_"

// Environment is the process environment, and this the one place where the program reads it.
func Environment() []string { return os.Environ() }

// tree is settings on their way: nested maps with scalars at the leaves.
type tree map[string]any

// layers builds the settings: defaults, then file, then environment, then flags. Every key must exist in the defaults.
type layers struct {
	values tree
	origin map[string]string
}

// loadConfig reads all layers. flags maps dotted keys to values; file "" reads none.
func loadConfig(defaults []byte, file string, environ []string, flags map[string]string) (*Config, error) {
	l := layers{values: tree{}, origin: map[string]string{}}
	if err := yaml.Unmarshal(defaults, &l.values); err != nil {
		return nil, fmt.Errorf("%w: built-in config.yaml: %w", ErrConfig, err)
	}
	for _, key := range leaves(l.values, "") {
		l.origin[key] = "default"
	}
	if file != "" {
		if err := l.addFile(file); err != nil {
			return nil, err
		}
	}
	if err := l.addEnviron(environ); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		if err := l.setText(key, flags[key], "flag --"+key); err != nil {
			return nil, err
		}
	}
	return l.decode()
}

func (l *layers) addFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: --config: %w", ErrConfig, err)
	}
	var t tree
	if err := yaml.Unmarshal(data, &t); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return l.merge(l.values, t, "", "file "+path)
}

// merge lays t over into, refusing keys that the defaults do not have.
func (l *layers) merge(into, t tree, prefix, from string) error {
	for _, k := range slices.Sorted(maps.Keys(t)) {
		key := strings.TrimPrefix(prefix+"."+k, ".")
		old, known := into[k]
		if !known {
			return l.unknown(key, from)
		}
		sub, isMap := old.(tree)
		next, nextIsMap := t[k].(tree)
		if isMap && nextIsMap && !strings.HasSuffix(key, ".hosts") {
			if err := l.merge(sub, next, key, from); err != nil {
				return err
			}
			continue
		}
		if isMap != nextIsMap && t[k] != nil {
			return fmt.Errorf("%w: %s: %s has the wrong shape: see config.yaml for how it is written", ErrConfig, from, key)
		}
		if t[k] == nil {
			continue
		}
		if want := misfit(old, t[k]); want != "" {
			return fmt.Errorf("%w: %s: %s: %v is not %s", ErrConfig, from, key, t[k], want)
		}
		into[k] = t[k]
		l.origin[key] = from
	}
	return nil
}

// addEnviron takes TICKETMOA_HTTP__ADDR as http.addr, and TICKETMOA_…_FILE as the file that holds the value.
func (l *layers) addEnviron(environ []string) error {
	for _, pair := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, envPrefix)
		if !ours {
			continue
		}
		key := strings.ToLower(strings.ReplaceAll(rest, "__", "."))
		if base, isFile := strings.CutSuffix(key, "_file"); isFile && l.origin[key] == "" {
			data, err := os.ReadFile(value)
			if err != nil {
				return fmt.Errorf("%w: environment %s: %w", ErrConfig, name, err)
			}
			key, value = base, strings.TrimSpace(string(data))
		}
		if err := l.setText(key, value, "environment "+name); err != nil {
			return err
		}
	}
	return nil
}

// setText sets one key from text; a map (hosts) is written as YAML: {real.host: "http://127.0.0.1:8100"}.
func (l *layers) setText(key, value, from string) error {
	parts := strings.Split(key, ".")
	t := l.values
	for _, p := range parts[:len(parts)-1] {
		sub, ok := t[p].(tree)
		if !ok {
			return l.unknown(key, from)
		}
		t = sub
	}
	last := parts[len(parts)-1]
	old, known := t[last]
	if !known {
		return l.unknown(key, from)
	}
	var v any
	switch old.(type) {
	case tree:
		if !strings.HasSuffix(key, ".hosts") {
			return fmt.Errorf("%w: %s: %s holds other settings: name one of them", ErrConfig, from, key)
		}
		var m tree
		if err := yaml.Unmarshal([]byte(value), &m); err != nil {
			return fmt.Errorf("%w: %s: %s is written {real.host: \"http://127.0.0.1:8100\"}: %w", ErrConfig, from, key, err)
		}
		v = m
	case string:
		v = value
	default:
		if err := yaml.Unmarshal([]byte(value), &v); err != nil {
			return fmt.Errorf("%w: %s: %s: %w", ErrConfig, from, key, err)
		}
	}
	if want := misfit(old, v); want != "" {
		return fmt.Errorf("%w: %s: %s: %q is not %s", ErrConfig, from, key, value, want)
	}
	t[last] = v
	l.origin[key] = from
	return nil
}

// misfit says how a setting is written, by what stands there before, when next cannot take its place; else "".
func misfit(old, next any) string {
	_, nextInt := next.(int)
	_, nextFloat := next.(float64)
	switch old := old.(type) {
	case bool:
		if _, ok := next.(bool); !ok {
			return "true or false"
		}
	case int:
		if !nextInt {
			return "a whole number"
		}
	case float64:
		if !nextInt && !nextFloat {
			return "a number"
		}
	case string:
		if _, err := time.ParseDuration(old); err != nil {
			return ""
		}
		text, ok := next.(string)
		if _, err := time.ParseDuration(text); !ok || err != nil {
			return "a length of time like " + old
		}
	}
	return ""
}

func (l *layers) unknown(key, from string) error {
	best, most := "", 0
	for known := range l.origin {
		if n := common(key, known); n > most || (n == most && known < best) {
			best, most = known, n
		}
	}
	return fmt.Errorf("%w: %s: there is no setting %q (the nearest is %q); `ticketmoa config print` lists them all", ErrConfig, from, key, best)
}

// common counts the letters two keys share from the left and from the right.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	m := 0
	for m < len(a)-n && m < len(b)-n && a[len(a)-1-m] == b[len(b)-1-m] {
		m++
	}
	return n + m
}

func leaves(t tree, prefix string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(t)) {
		key := strings.TrimPrefix(prefix+"."+k, ".")
		if sub, ok := t[k].(tree); ok && !strings.HasSuffix(key, ".hosts") {
			out = append(out, leaves(sub, key)...)
			continue
		}
		out = append(out, key)
	}
	return out
}

func (l *layers) decode() (*Config, error) {
	data, err := yaml.Marshal(l.values)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	cfg := &Config{origin: l.origin}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return cfg, cfg.validate()
}

// Print writes every setting with where it comes from; secrets are not shown.
func (c *Config) Print(w io.Writer) error {
	data, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	var t tree
	if err := yaml.Unmarshal(data, &t); err != nil {
		return err
	}
	for _, key := range leaves(t, "") {
		value := lookup(t, key)
		if _, err := fmt.Fprintf(w, "%-32s %-40s # %s\n", key, redact(key, value), c.origin[key]); err != nil {
			return err
		}
	}
	return nil
}

func lookup(t tree, key string) any {
	parts := strings.Split(key, ".")
	for _, p := range parts[:len(parts)-1] {
		t, _ = t[p].(tree)
	}
	return t[parts[len(parts)-1]]
}

var (
	userInfo    = regexp.MustCompile(`//[^/@\s]*@`)
	secretParam = regexp.MustCompile(`(?i)([a-z_-]*(?:pass|secret|key|token)[a-z_-]*)=[^&\s]*`)
)

func redact(key string, value any) string {
	text := fmt.Sprint(value)
	if m, ok := value.(tree); ok {
		b, _ := yaml.Marshal(m) // came out of YAML
		text = strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", ", ")
	}
	if text == "" {
		return `""`
	}
	if strings.HasSuffix(key, ".key") {
		return "(secret)"
	}
	text = userInfo.ReplaceAllString(text, "//***@")
	return secretParam.ReplaceAllString(text, "$1=***")
}
