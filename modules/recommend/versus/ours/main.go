// Command ours reads texts, one a line, and writes the numbers of the ten nearest of each, one line a text: the whole of
// what the product's engine does, as a process that can be measured.
//
//	ours TEXTS OUT [NEW]
//
// With NEW the last NEW texts are added to the finished answer of the others, and only that is timed and told.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"ticketmoa/modules/recommend/tfidf"
)

const nearest = 10

func main() {
	if len(os.Args) < 3 {
		log.Fatal("ours TEXTS OUT [NEW]")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	text := string(raw)
	added := 0
	if len(os.Args) > 3 {
		if added, err = strconv.Atoi(os.Args[3]); err != nil {
			log.Fatal(err)
		}
	}
	s := tfidf.Scheme{}
	v := tfidf.NewVocabulary()
	lines := lines(text)
	b := builder(v, s, lines[:len(lines)-added])
	c := b.Corpus(b.Model(s))
	l := c.Nearest(nearest, tfidf.Rules{}, runtime.GOMAXPROCS(0))
	if added > 0 {
		l = add(c, l, v, s, lines[len(lines)-added:])
	}
	if err := write(os.Args[2], l); err != nil {
		log.Fatal(err)
	}
}

func lines(text string) []string {
	var out []string
	for from, i := 0, 0; i < len(text); i++ {
		if text[i] == '\n' {
			out = append(out, text[from:i])
			from = i + 1
		}
	}
	return out
}

func builder(v *tfidf.Vocabulary, s tfidf.Scheme, texts []string) *tfidf.Builder {
	b := tfidf.NewBuilder(v, s)
	for _, t := range texts {
		tfidf.EachTerm(t, b.Term)
		b.EndField(1)
		b.EndDocument()
	}
	return b
}

// add tells what adding took, the median of some times.
func add(c *tfidf.Corpus, l *tfidf.Lists, v *tfidf.Vocabulary, s tfidf.Scheme, texts []string) *tfidf.Lists {
	var next *tfidf.Lists
	for range 7 {
		cpu, wall := cpuTime(), time.Now()
		grown := c.Add(builder(v, s, texts))
		next, _ = l.Updated(grown, tfidf.Rules{}, c.Len())
		fmt.Printf("%.6f %.6f\n", (cpuTime() - cpu).Seconds(), time.Since(wall).Seconds())
	}
	return next
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func write(path string, l *tfidf.Lists) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for d := range l.Len() {
		for i, h := range l.Of(d) {
			if i > 0 {
				w.WriteByte(' ')
			}
			w.WriteString(strconv.Itoa(int(h.Doc)))
		}
		w.WriteByte('\n')
	}
	return w.Flush()
}
