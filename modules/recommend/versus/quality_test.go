package versus

import (
	"flag"
	"fmt"
	"testing"
)

var quality = flag.Bool("quality", false, "measure quality on the real sets")

// TestQuality tells how good the neighbours are, by the protocol without users: see the README of the program.
func TestQuality(t *testing.T) {
	if !*quality {
		t.Skip("-quality measures for some minutes")
	}
	all, ways := sets(t), arms(t)
	got := make([]results, len(ways))
	for i, a := range ways {
		got[i] = results{}
		for j := range all {
			got[i].measure(&all[j], a, false)
		}
	}
	for _, m := range metricNames {
		own := got[0].at(m)
		fmt.Printf("\n%s (%d queries)\n", m, len(own.values))
		for i, a := range ways {
			line := fmt.Sprintf("  %-36s %.3f", a.name, mean(got[i].at(m).values))
			if i > 0 {
				low, high := interval(own, got[i].at(m))
				line += fmt.Sprintf("   ours %+.3f [%+.3f, %+.3f]", mean(own.values)-mean(got[i].at(m).values), low, high)
			}
			fmt.Println(line)
		}
	}
}
