package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeNamesWhatExists holds every path and command the README names against the tree.
func TestReadmeNamesWhatExists(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../README.md")
	must(t, err)
	text := string(b)
	paths := 0
	for _, m := range regexp.MustCompile("`((?:app|modules|web|\\.ci)/[A-Za-z0-9_./-]*|[a-z.]+\\.(?:go|yaml))`").FindAllStringSubmatch(text, -1) {
		name := m[1]
		if strings.HasPrefix(name, "imports_test") || !strings.Contains(name, "/") && name != "main.go" && name != "config.yaml" {
			name = filepath.Join("app", name)
		}
		paths++
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("README names %s: %v", m[1], err)
		}
	}
	if paths < 20 {
		t.Errorf("only %d paths found: does the expression still fit the README?", paths)
	}
	commands := text[strings.Index(text, "### Commands"):strings.Index(text, "### In a container")]
	for name := range commandOptions {
		if name != "help" && !strings.Contains(commands, "`"+name) {
			t.Errorf("README does not tell of the command %s", name)
		}
		if name != "help" && !strings.Contains(usage, name) {
			t.Errorf("the usage does not tell of the command %s", name)
		}
	}
	for _, marker := range []string{"<!-- run command -->\n\n    ", "<!-- test command -->\n\n    "} {
		if strings.Count(text, marker) != 1 {
			t.Errorf("README must hold %q once: .ci/run reads it", marker)
		}
	}
	for _, noun := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(text, -1) {
		var files []string
		for _, places := range []string{"*_test.go", "../modules/*/*_test.go", "../modules/*/*/*_test.go"} {
			some, err := filepath.Glob(places)
			must(t, err)
			files = append(files, some...)
		}
		found := false
		for _, f := range files {
			src, err := os.ReadFile(f)
			must(t, err)
			found = found || strings.Contains(string(src), "func "+noun[1]+"(")
		}
		if !found {
			t.Errorf("README names the test %s, which is nowhere", noun[1])
		}
	}
}
