package ocr

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketmoa/modules/ocr/engine"
	"ticketmoa/modules/ocr/facts"
)

var (
	picturesDir = flag.String("ocr.pictures", "../../../shared/data/ocr/dev", "pictures with their truth beside them as JSON")
	plain       = flag.Bool("ocr.plain", false, "read them with plain tesseract -l kor too, for comparison")
	everyError  = flag.Bool("ocr.errors", false, "log every line and fact that is wrong")
)

// The seven fields of a page that are held to the bounds below.
var pageFields = []facts.Field{facts.Period, facts.Times, facts.Opens, facts.Price, facts.Running, facts.Age, facts.Discount}

// tally counts facts: those wanted, those found and those of them that are right.
type tally struct{ want, got, hit int }

func (c *tally) add(want, got []string) {
	c.want, c.got = c.want+len(want), c.got+len(got)
	for _, g := range got {
		if slices.Contains(want, g) {
			c.hit++
		}
	}
}

func (c *tally) recall() float64    { return 100 * float64(c.hit) / float64(max(c.want, 1)) }
func (c *tally) precision() float64 { return 100 * float64(c.hit) / float64(max(c.got, 1)) }

// sums are what was found in the pictures of one variant.
type sums struct {
	wrong, all, plainWrong int
	cpu, plainCPU          time.Duration
	pixels                 int
	either, accepted       map[facts.Field]*tally
}

func (s *sums) count(want, either, accepted map[facts.Field][]string) {
	if s.either == nil {
		s.either, s.accepted = map[facts.Field]*tally{}, map[facts.Field]*tally{}
	}
	for f := range want {
		if s.either[f] == nil {
			s.either[f], s.accepted[f] = &tally{}, &tally{}
		}
		s.either[f].add(want[f], either[f])
		s.accepted[f].add(want[f], accepted[f])
	}
}

func (s *sums) seven(of map[facts.Field]*tally) (out tally) {
	for _, f := range pageFields {
		if t := of[f]; t != nil {
			out.want, out.got, out.hit = out.want+t.want, out.got+t.got, out.hit+t.hit
		}
	}
	return out
}

func tesseract(t *testing.T) *engine.Engine {
	t.Helper()
	eng, err := engine.New(t.Context(), engine.Config{})
	if err != nil {
		t.Skip(err)
	}
	return eng
}

// TestPictures reads the generated strips and holds text and facts against what they say. -ocr.pictures reads others.
func TestPictures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(*picturesDir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no pictures in %s", *picturesDir)
	}
	eng := tesseract(t)
	variants := map[string]*sums{}
	for _, f := range files {
		if generated := flag.Lookup("ocr.pictures").DefValue; *picturesDir == generated && !chosen(f) {
			continue
		}
		measure(t, eng, f, variants)
	}
	full := sums{either: map[facts.Field]*tally{}, accepted: map[facts.Field]*tally{}}
	for v, s := range variants {
		cer := 100 * float64(s.wrong) / float64(s.all)
		mp := float64(s.pixels) / 1e6
		either, accepted := s.seven(s.either), s.seven(s.accepted)
		t.Logf("%s: CER %.2f %%, %.2f CPU-s/MP; seven fields: recall %.1f precision %.1f, accepted recall %.1f precision %.1f", v, cer, s.cpu.Seconds()/mp,
			either.recall(), either.precision(), accepted.recall(), accepted.precision())
		for _, f := range slices.Sorted(keys(s.either)) {
			e, a := s.either[f], s.accepted[f]
			t.Logf("  %-9s %4d: recall %.1f precision %.1f, accepted recall %.1f precision %.1f", f, e.want, e.recall(), e.precision(), a.recall(), a.precision())
		}
		if *plain {
			t.Logf("  plain tesseract -l kor: CER %.2f %%, %.2f CPU-s/MP", 100*float64(s.plainWrong)/float64(s.all), s.plainCPU.Seconds()/mp)
		}
		if bound, known := map[string]float64{"clean": 2, "jpeg40": 4, "half": 16}[v]; known && cer > bound {
			t.Errorf("%s: CER %.2f %%, at most %v", v, cer, bound)
		}
		if v == "half" {
			if accepted.precision() < 97 {
				t.Errorf("half size: precision of accepted facts %.1f %%, at least 97", accepted.precision())
			}
			continue
		}
		for _, f := range pageFields {
			for to, from := range map[*map[facts.Field]*tally]map[facts.Field]*tally{&full.either: s.either, &full.accepted: s.accepted} {
				if (*to)[f] == nil {
					(*to)[f] = &tally{}
				}
				if from[f] != nil {
					sum := (*to)[f]
					sum.want, sum.got, sum.hit = sum.want+from[f].want, sum.got+from[f].got, sum.hit+from[f].hit
				}
			}
		}
	}
	either, accepted := full.seven(full.either), full.seven(full.accepted)
	if either.want > 0 && (either.recall() < 97 || either.precision() < 99) {
		t.Errorf("full size, seven fields: recall %.1f %%, precision %.1f %%; at least 97 and 99", either.recall(), either.precision())
	}
	if accepted.hit != accepted.got {
		t.Errorf("full size: %d of %d accepted facts are wrong", accepted.got-accepted.hit, accepted.got)
	}
}

// chosen tells whether a generated picture is one of those to read.
func chosen(file string) bool {
	return len(read) == 0 || slices.ContainsFunc(read, func(base string) bool { return strings.HasPrefix(filepath.Base(file), base) })
}

func measure(t *testing.T, eng *engine.Engine, file string, variants map[string]*sums) {
	t.Helper()
	var tr truth
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &tr); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	path := strings.TrimSuffix(file, ".json") + ".jpg"
	img, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := variants[tr.Variant]
	if s == nil {
		s = &sums{}
		variants[tr.Variant] = s
	}
	reading, cost, err := ReadPicture(t.Context(), eng, img)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	s.cpu += cost.CPU
	s.pixels += reading.Width * reading.Height
	var cells []cell
	for _, l := range reading.Lines {
		cells = append(cells, cell{l.rect(), l.Text})
	}
	wrong, all := score(t, tr.Lines, cells)
	s.wrong, s.all = s.wrong+wrong, s.all+all
	agreed, alone := facts.Both(reading.first(), reading.second(), facts.Known{})
	accepted, _ := believed(agreed, facts.Known{})
	want := tr.Fields.facts()
	s.count(want, inTruth(append(slices.Clone(agreed), alone...)), inTruth(accepted))
	if *everyError {
		for f, list := range inTruth(accepted) {
			for _, v := range list {
				if !slices.Contains(want[f], v) {
					t.Logf("%s: accepted and wrong: %s %s", filepath.Base(file), f, v)
				}
			}
		}
	}
	if *plain {
		s.plainly(t, path, tr)
	}
}

// plainly reads a picture as most people would: the whole of it, with the Korean data. Its lines are matched by place.
func (s *sums) plainly(t *testing.T, path string, tr truth) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "tesseract", path, "stdout", "-l", "kor", "tsv")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	s.plainCPU += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	wrong, _ := score(t, tr.Lines, words(bytes.NewReader(out)))
	s.plainWrong += wrong
}
