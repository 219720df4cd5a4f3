package versus

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var large = flag.Bool("large", false, "measure ours at 100,000 texts too")

// python is one that has scikit-learn; the test is skipped where there is none.
func python(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import sklearn, scipy").Run() == nil {
			return name
		}
	}
	t.Skip("no python3 with scikit-learn (apt-get install python3-sklearn): nothing to hold the engine against")
	return ""
}

func build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ours")
	if out, err := exec.Command("go", "build", "-o", path, "./ours").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func texts(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), fmt.Sprint(n))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteTexts(f, n, 7); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// cost is what a whole process needed.
type cost struct {
	cpu, wall float64 // seconds
	peak      float64 // MiB
}

func run(t testing.TB, name string, args ...string) (cost, string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	begin := time.Now()
	out, err := cmd.Output()
	wall := time.Since(begin)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), wall.Seconds(), float64(u.Maxrss) / 1024}, string(out)
}

func median(all []cost) cost {
	pick := func(of func(cost) float64) float64 {
		v := make([]float64, len(all))
		for i := range all {
			v[i] = of(all[i])
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	return cost{pick(func(c cost) float64 { return c.cpu }), pick(func(c cost) float64 { return c.wall }), pick(func(c cost) float64 { return c.peak })}
}

// read gives the lists of a file, with scores where it has them.
func read(t testing.TB, path string) (ids [][]string, scores [][]float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var row []string
		var vals []float64
		for field := range strings.FieldsSeq(sc.Text()) {
			id, score, _ := strings.Cut(field, ":")
			v, _ := strconv.ParseFloat(score, 64)
			row, vals = append(row, id), append(vals, v)
		}
		ids, scores = append(ids, row), append(scores, vals)
	}
	return ids, scores
}

// TestSameAsScikitLearn: the ten nearest of 5,000 texts are those that scikit-learn finds, but for the order of scores that
// are equal to six places.
func TestSameAsScikitLearn(t *testing.T) {
	py, bin, in := python(t), build(t), texts(t, 5000)
	dir := t.TempDir()
	run(t, py, "rival.py", "linear", in, filepath.Join(dir, "theirs"))
	run(t, bin, in, filepath.Join(dir, "ours"))
	theirs, scores := read(t, filepath.Join(dir, "theirs"))
	ours, _ := read(t, filepath.Join(dir, "ours"))
	equal, ties := 0, 0
	for d := range theirs {
		if len(ours[d]) != len(theirs[d]) {
			t.Fatalf("text %d: %d hits, scikit-learn has %d", d, len(ours[d]), len(theirs[d]))
		}
		for i, id := range theirs[d] {
			if ours[d][i] == id {
				equal++
				continue
			}
			// The same score to six places as where ours has it, or as the last: then either order is right.
			at := slices.Index(theirs[d], ours[d][i])
			other := scores[d][len(scores[d])-1]
			if at >= 0 {
				other = scores[d][at]
			}
			if math.Abs(other-scores[d][i]) > 1e-6 {
				t.Fatalf("text %d, place %d: %s, scikit-learn has %s", d, i, ours[d][i], id)
			}
			ties++
		}
	}
	t.Logf("%d ids equal, %d of equal scores in another order", equal, ties)
}

// BenchmarkSpeed prints what whole processes need, ours and Python's in turn.
func BenchmarkSpeed(b *testing.B) {
	py, bin := python(b), build(b)
	out := filepath.Join(b.TempDir(), "out")
	sizes := []int{5000, 20_000}
	if *large {
		sizes = append(sizes, 100_000)
	}
	for b.Loop() {
		own := map[int]cost{}
		for _, n := range sizes {
			in := texts(b, n)
			all := map[string][]cost{}
			rounds := map[int]int{5000: 3, 20_000: 2, 100_000: 1}[n]
			for range rounds {
				for _, how := range []string{"ours", "linear", "sparse"} {
					if how == "ours" {
						for range 3 { // it is short: the middle of more runs, but for the largest
							c, _ := run(b, bin, in, out)
							all[how] = append(all[how], c)
							if n >= 100_000 {
								break
							}
						}
					} else if n < 100_000 {
						c, _ := run(b, py, "rival.py", how, in, out)
						all[how] = append(all[how], c)
					}
				}
			}
			o := median(all["ours"])
			own[n] = o
			fmt.Printf("\n%d texts: ours %.2f CPU s, %.2f s, %.0f MiB\n", n, o.cpu, o.wall, o.peak)
			for _, how := range []string{"linear", "sparse"} {
				if c := median(append(all[how], cost{})[:max(len(all[how]), 1)]); c.cpu > 0 {
					fmt.Printf("  scikit-learn %-7s %.2f CPU s (%.1f x), %.2f s (%.1f x), %.0f MiB (%.1f x)\n", how, c.cpu, c.cpu/o.cpu, c.wall, c.wall/o.wall, c.peak, c.peak/o.peak)
				}
			}
		}
		for i := 1; i < len(sizes); i++ {
			a, z := sizes[i-1], sizes[i]
			fmt.Printf("growth %d to %d: N^%.2f\n", a, z, math.Log(own[z].cpu/own[a].cpu)/math.Log(float64(z)/float64(a)))
		}
		fmt.Printf("100 added to 20,000, CPU s and s, seven times:\n%s", added(b, bin, out))
	}
}

func added(b *testing.B, bin, out string) string {
	_, told := run(b, bin, texts(b, 20_100), out, "100")
	return told
}
