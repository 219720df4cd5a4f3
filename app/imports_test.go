package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// base modules are pure or technical; features stand on them and never on each other.
var (
	baseModules    = []string{"ticket", "hangul", "jsontext", "normalize", "match", "queue", "lake", "store", "schedule", "outbound", "sellers"}
	featureModules = []string{"crawl", "etl", "catalog", "search", "recommend", "events", "popular", "auth", "demo", "drift", "ocr"}
)

// rule forbids imports. from and to are prefixes of import paths; a file of from must not import to unless it is in except.
type rule struct {
	why    string
	from   func(pkg string) bool
	to     func(imp, pkg string) bool
	except []string // packages, or single files
}

func below(prefix string) func(string) bool {
	return func(p string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }
}

func module(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "ticketmoa/modules/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func in(list []string, name string) bool {
	for _, l := range list {
		if l == name {
			return true
		}
	}
	return false
}

func anything(string) bool { return true }

func only(importPath string) func(imp, pkg string) bool {
	return func(imp, _ string) bool { return imp == importPath || strings.HasPrefix(imp, importPath+"/") }
}

func rules() []rule {
	return []rule{
		{why: "main only starts app", from: func(p string) bool { return p == "ticketmoa" },
			to: func(i, _ string) bool { return strings.HasPrefix(i, "ticketmoa/") && i != "ticketmoa/app" }},
		{why: "nothing imports app but main", from: func(p string) bool { return p != "ticketmoa" && p != "ticketmoa/app" },
			to: func(i, _ string) bool { return below("ticketmoa/app")(i) }},
		{why: "only app imports web", from: func(p string) bool { return !below("ticketmoa/web")(p) && !below("ticketmoa/app")(p) },
			to: func(i, _ string) bool { return below("ticketmoa/web")(i) }},
		{why: "a feature imports base modules, never another feature: app joins them", from: func(p string) bool { return in(featureModules, module(p)) },
			to: func(i, p string) bool { return in(featureModules, module(i)) && module(i) != module(p) }},
		{why: "a base module imports no module but ticket; a subfolder its parent", from: func(p string) bool { return in(baseModules, module(p)) },
			to: func(i, p string) bool {
				m := module(i)
				return m != "" && m != "ticket" && m != module(p)
			}},
		{why: "ticket is the standard library only", from: below("ticketmoa/modules/ticket"),
			to: func(i, _ string) bool {
				return strings.Contains(strings.SplitN(i, "/", 2)[0], ".") || strings.HasPrefix(i, "ticketmoa/")
			}},
		{why: "the browser is crawl's", from: anything, to: only("github.com/chromedp"), except: []string{"ticketmoa/modules/crawl"}},
		{why: "echo is web's", from: anything, to: only("github.com/labstack/echo"), except: []string{"ticketmoa/web"}},
		{why: "the MongoDB driver is store's", from: anything, to: only("go.mongodb.org"), except: []string{"ticketmoa/modules/store"}},
		{why: "SQLite is store's", from: anything, to: only("modernc.org/sqlite"), except: []string{"ticketmoa/modules/store"}},
		{why: "the S3 client is lake's", from: anything, to: only("github.com/aws"), except: []string{"ticketmoa/modules/lake"}},
		{why: "no package is a drawer for everything", from: func(p string) bool {
			base := filepath.Base(p)
			return in([]string{"util", "utils", "common", "helper", "helpers", "types"}, base)
		}, to: func(string, string) bool { return true }},
	}
}

// TestImports holds every file of the product against the rules of the house. Tests may import what they test with.
func TestImports(t *testing.T) {
	t.Parallel()
	checked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || isModule(path)) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "deps_tmp.go") {
			return nil
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		pkg := strings.TrimSuffix("ticketmoa/"+filepath.ToSlash(filepath.Dir(rel)), "/.")
		checked++
		checkFile(t, path, pkg)
		return nil
	})
	if err != nil || checked < 50 {
		t.Fatalf("checked %d files, %v", checked, err)
	}
}

// isModule tells whether a folder is a module of its own, which the product does not depend on.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func checkFile(t *testing.T, path, pkg string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	m := module(pkg)
	if m != "" && !in(baseModules, m) && !in(featureModules, m) {
		t.Errorf("module %q stands in no list: say whether it is base or a feature", m)
	}
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules() {
			excepted := false
			for _, e := range r.except {
				excepted = excepted || below(e)(pkg)
			}
			if !excepted && r.from(pkg) && r.to(imp, pkg) {
				t.Errorf("%s imports %s: %s", path, imp, r.why)
			}
		}
	}
}
