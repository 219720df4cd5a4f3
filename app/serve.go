package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/sellers"
	"ticketmoa/modules/ticket"
	"ticketmoa/web"
	"ticketmoa/web/admin"
	"ticketmoa/web/api"
	"ticketmoa/web/site"
	"ticketmoa/web/track"
)

// serve runs everything until ctx ends. offerBase, when set, leads offers of those hosts to other addresses: a demo's.
func serve(ctx context.Context, cfg *Config, hooks Hooks, offerBase map[string]string, stdout io.Writer, log *slog.Logger) (err error) {
	hooks.OfferBase = offerBase
	a, err := New(ctx, cfg, hooks, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.search.Load(ctx); err != nil {
		return err
	}
	ctl, err := listenControl(ctx, cfg.Data.Dir, a.handle, log)
	if err != nil {
		return err
	}
	srv, err := web.New(ctx, web.Config{Addr: cfg.HTTP.Addr, Secure: strings.HasPrefix(cfg.HTTP.PublicURL, "https://")}, a.webDeps(), log)
	if err != nil {
		ctl.listener.Close()
		return err
	}
	if err := a.greet(ctx, srv.Addr(), stdout); err != nil {
		srv.Close()
		ctl.listener.Close()
		return err
	}
	return runParts(ctx, log, append([]part{
		{"control", ctl.Run},
		{"scheduler", a.runJobs},
		{"rereads", a.runRereads},
		{"pictures", a.pictures.Run},
		{"etl", a.etl.Run},
		{"search", a.search.Run},
		{"web", srv.Run},
	}, a.eventParts()...))
}

// runJobs catches up on crawls, then fires jobs by the clock.
func (a *App) runJobs(ctx context.Context) error {
	if err := a.history.Interrupt(ctx, ticket.Instant(a.now())); err != nil {
		if ctx.Err() != nil { // stopped before it began
			return nil //nolint:nilerr // being told to stop is no error
		}
		return fmt.Errorf("mark interrupted runs: %w", err)
	}
	a.catchUp(ctx)
	a.catchUpPopular(ctx)
	a.catchUpMatch(ctx)
	return a.jobs.Run(ctx)
}

// greet says where the site is, what is on, what is lacking, and, until somebody set the site up, how to reach /admin.
func (a *App) greet(ctx context.Context, addr string, stdout io.Writer) error {
	base := a.publicURL(addr)
	say(stdout, "티켓모아: "+base+"\n")
	for _, s := range a.sourceStates() {
		state := "off"
		if s.Enabled {
			state = "on"
		}
		a.log.Info("source", "name", s.Name, "state", state, "lacks", s.Lacks)
	}
	if len(a.enabled()) == 0 {
		say(stdout, "아직 켜진 정보원이 없습니다. KOPIS 켜기: TICKETMOA_SOURCES__KOPIS__ENABLED=true TICKETMOA_SOURCES__KOPIS__KEY=… (둘러보기: ticketmoa demo)\n")
	}
	for _, lack := range a.lacks() {
		a.log.Warn("this machine lacks something", "what", lack)
	}
	done, err := a.auth.SetupDone(ctx)
	if err != nil || done {
		return err
	}
	link, err := a.adminLink(ctx, base)
	if err != nil {
		return err
	}
	a.log.Info("one-time setup link: opens /admin once", "url", link)
	say(stdout, "관리자 설정 링크 (한 번만 열립니다): "+link+"\n")
	return nil
}

func (a *App) publicURL(addr string) string {
	if u := strings.TrimSuffix(a.cfg.HTTP.PublicURL, "/"); u != "" {
		return u
	}
	return localURL(addr)
}

func (a *App) adminLink(ctx context.Context, base string) (string, error) {
	token, err := a.auth.NewSetupToken(ctx)
	return base + "/admin/setup?token=" + token, err
}

// lacks names what this machine does not have, in Korean, with what to do.
func (a *App) lacks() []string {
	var out []string
	if _, err := a.crawler.Chromium(); err != nil && a.cfg.Crawl.Chromium != "" {
		out = append(out, "crawl.chromium에 적힌 "+a.cfg.Crawl.Chromium+"을(를) 찾을 수 없습니다. 경로를 고치거나 비워 두세요.")
	} else if err != nil {
		out = append(out, "Chromium이 없어 자바스크립트로 만들어지는 페이지(티켓링크 상품)를 읽지 못합니다. 설치: apt-get install chromium")
	}
	if a.noTesseract != nil {
		out = append(out, "Tesseract나 그 한국어 자료가 없어 판매처가 그림으로 올린 캐스팅·가격·시간을 읽지 못합니다. 설치: "+engine.Install)
	}
	return out
}

// sourceOrder is the order people are shown the sources in: the one whose owner invites us first.
var sourceOrder = []string{"kopis", "interpark", "yes24", "ticketlink", "melon"}

func (a *App) sourceStates() []site.SourceState {
	var out []site.SourceState
	for _, name := range sourceOrder {
		src, known := a.sources[name]
		if !known {
			continue
		}
		info, s := src.Info(), a.cfg.Sources[name]
		st := site.SourceState{Name: name, Title: info.Title, Seller: info.Kind == sellers.SellerKind, Enabled: s.Enabled, NeedsKey: info.NeedsKey,
			HasKey: s.Key != "", Barred: info.Barred, Notice: info.Notice, Home: info.Home}
		if s.Enabled {
			st.Attribution = info.Attribution
		}
		if s.Enabled {
			st.Lacks = a.sourceLacks(name, info, s)
			if info.Barred && s.Robots == "obey" && !a.demo {
				st.Caution = "주인의 허락이 필요한 정보원입니다. robots.txt가 막는 주소는 모으지 않습니다. 허락을 받았다면 sources." + name + ".robots와 permission을 설정하세요."
			}
			_, st.Failing = a.ailing.Load(name)
		}
		out = append(out, st)
	}
	return out
}

// sourceLacks says in Korean what a source that is switched on lacks; "" when nothing.
func (a *App) sourceLacks(name string, info sellers.Info, s SourceConfig) string {
	if info.NeedsKey && s.Key == "" {
		return "서비스 키가 없습니다. sources." + name + ".key를 설정하세요."
	}
	if ill, failing := a.ailing.Load(name); failing {
		why := ill.(ailment)
		at := why.at.In(ticket.Seoul).Format("1월 2일 15:04")
		if why.drift {
			return info.Title + "의 페이지가 달라졌습니다(" + at + "). 믿을 수 있는 마지막 값을 보여 줍니다. 달라진 점은 관리 화면(/admin)에 있습니다."
		}
		return info.Title + "에서 모으지 못했습니다(" + at + "). 까닭은 관리 화면(/admin)과 로그에 있습니다."
	}
	if _, err := a.crawler.Chromium(); err != nil && name == "ticketlink" {
		return "Chromium이 없어 상품 페이지를 읽지 못합니다. 목록과 공지만 모읍니다. 설치: apt-get install chromium"
	}
	return ""
}

func (a *App) webDeps() web.Deps {
	seen := track.Log{Recorder: a.recorder, Viewers: a.viewers}
	return web.Deps{
		API: api.Deps{Catalog: a.catalog, Search: a.search, Similar: a.recommend, Personal: a.recommend, Popular: a.popular, Entities: a.catalog, Events: a.recorder, Track: seen, Now: a.now},
		Site: site.Deps{Catalog: a.catalog, Search: a.search, Similar: a.recommend, Personal: a.recommend, Popular: a.popular, Entities: a.catalog, Track: seen, Sources: a.sourceStates,
			Now: a.now, Demo: a.demo, Generation: a.generation, Secure: strings.HasPrefix(a.cfg.HTTP.PublicURL, "https://")},
		Admin: admin.Deps{Jobs: a.jobs, Guard: a.auth, Sources: a.sourceStates, Overview: a.overview, Quarantine: a.etl.Quarantine(), Reread: a.askReread, Merges: a.catalog, Decide: a.catalog, Show: a.showOf, Crawls: crawls{a}, Crop: a.pictures.Crop, AcceptPicture: a.acceptPicture,
			Secure: strings.HasPrefix(a.cfg.HTTP.PublicURL, "https://"), Now: a.now},
		Ready: a.ready, Degraded: a.degraded,
	}
}

func (a *App) ready(ctx context.Context) error {
	if err := a.store.Ping(ctx); err != nil {
		return errors.New("the store does not answer")
	}
	return nil
}

func (a *App) overview(ctx context.Context) (admin.Overview, error) {
	counts, err := a.catalog.Counts(ctx)
	if err != nil {
		return admin.Overview{}, err
	}
	held, err := a.etl.Quarantine().Count(ctx)
	if err != nil {
		return admin.Overview{}, err
	}
	dead, err := countObjects(ctx, a.bucket, deadPrefix)
	return admin.Overview{Counts: counts, Backlog: a.backlog(), Quarantined: held, DeadLetters: dead, Store: a.store.Name(), Lacks: a.lacks(),
		Queues: a.queueStates(), Events: a.eventsState(), Pictures: a.picturesState(), Crawls: a.crawlsUnderway()}, err
}
