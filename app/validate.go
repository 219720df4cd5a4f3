package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"ticketmoa/modules/schedule"
)

// validate holds every setting against what can work.
func (c *Config) validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: %s (%s): %s", ErrConfig, key, c.origin[key], fmt.Sprintf(format, args...)))
	}
	if c.Data.Dir == "" {
		bad("data.dir", "must not be empty")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "%q is not debug, info, warn or error", c.Log.Level)
	}
	if !slices.Contains([]string{"text", "json", "auto"}, c.Log.Format) {
		bad("log.format", "%q is not text, json or auto", c.Log.Format)
	}
	if c.Store.URL != "" && !strings.HasPrefix(c.Store.URL, "mongodb://") && !strings.HasPrefix(c.Store.URL, "mongodb+srv://") {
		bad("store.url", "must begin with mongodb:// or be empty")
	}
	if c.Lake.URL != "" && !strings.HasPrefix(c.Lake.URL, "s3://") {
		bad("lake.url", "must begin with s3:// or be empty")
	}
	if u := c.HTTP.PublicURL; u != "" && !isWebURL(u) {
		bad("http.public_url", "%q is not an http or https URL", u)
	}
	if _, _, err := net.SplitHostPort(c.HTTP.Addr); err != nil {
		bad("http.addr", "%q is not written host:port or :port", c.HTTP.Addr)
	}
	for key, n := range map[string]int64{"crawl.workers": int64(c.Crawl.Workers), "crawl.tabs": int64(c.Crawl.Tabs), "crawl.timeout": int64(c.Crawl.Timeout),
		"crawl.max_pages": int64(c.Crawl.MaxPages), "crawl.max_bytes": c.Crawl.MaxBytes, "queue.max_age": int64(c.Queue.MaxAge),
		"queue.dead_letters": c.Queue.DeadLetters} {
		if n <= 0 {
			bad(key, "must be more than 0")
		}
	}
	c.validateOCR(bad)
	if strings.TrimSpace(c.Crawl.UserAgent) == "" {
		bad("crawl.user_agent", "must say who asks, with a contact")
	}
	if c.Crawl.Refresh < 0 {
		bad("crawl.refresh", "must not be less than 0s")
	}
	if c.Queue.MaxBytes < 64<<20 {
		bad("queue.max_bytes", "%d is less than 67108864 (64 MiB)", c.Queue.MaxBytes)
	}
	if c.Queue.MinFree < 0 || c.Queue.MinFree > 0.5 {
		bad("queue.min_free", "%v is not a share between 0 and 0.5", c.Queue.MinFree)
	}
	schedules := map[string]string{"recommend.schedule": c.Recommend.Schedule, "popular.schedule": c.Popular.Schedule}
	for name, s := range c.Sources {
		schedules["sources."+name+".schedule"] = s.Schedule
	}
	for key, spec := range schedules {
		if err := schedule.Check(spec); err != nil {
			bad(key, "%v", err)
		}
	}
	c.validateSources(bad)
	return errors.Join(errs...)
}

func (c *Config) validateSources(bad func(key, format string, args ...any)) {
	for name, s := range c.Sources {
		key := "sources." + name
		if s.Robots != "obey" && s.Robots != "ignore" {
			bad(key+".robots", "%q is not obey or ignore", s.Robots)
		}
		if s.Robots == "ignore" && strings.TrimSpace(s.Permission) == "" {
			bad(key+".robots", "ignore needs %s.permission: who allowed it, and when", key)
		}
		if s.Rate <= 0 || s.Rate > 1000 {
			bad(key+".rate", "%v requests a second: it must be more than 0 and at most 1000", s.Rate)
		}
		if s.Concurrency < 1 || s.Concurrency > 64 {
			bad(key+".concurrency", "%d is not between 1 and 64 requests at once", s.Concurrency)
		}
		for host, to := range s.Hosts {
			if !isWebURL(to) {
				bad(key+".hosts", "%s: %q is not an http or https URL", host, to)
			}
		}
	}
}

func isWebURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// validateOCR is validate for how pictures are read.
func (c *Config) validateOCR(bad func(key, format string, args ...any)) {
	if c.OCR.Share <= 0 || c.OCR.Share > 1 {
		bad("ocr.share", "%v is not a share above 0 and up to 1", c.OCR.Share)
	}
	if c.OCR.Rate <= 0 {
		bad("ocr.rate", "must be more than 0")
	}
	if c.OCR.Refresh <= 0 {
		bad("ocr.refresh", "must be more than 0s")
	}
}
