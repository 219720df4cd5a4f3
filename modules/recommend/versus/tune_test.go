package versus

import (
	"flag"
	"fmt"
	"testing"

	"ticketmoa/modules/recommend/portrait"
)

var tune = flag.Bool("tune", false, "try other weights on the half that is for choosing them")

// TestTune prints what other weights would give, on the half of productions of which TestQuality tells nothing.
func TestTune(t *testing.T) {
	if !*tune {
		t.Skip("-tune tries weights for some minutes")
	}
	all := sets(t)
	try := func(name string, change func(w *portrait.Weights)) {
		w := portrait.Shipped
		change(&w)
		r := results{}
		for i := range all {
			r.measure(&all[i], arm{name, func(s *set, h hidden) [][]int { return ours(w, h.of(s.items)) }}, true)
		}
		line := fmt.Sprintf("%-24s", name)
		for _, m := range metricNames {
			line += fmt.Sprintf(" %.4f", mean(r.at(m).values))
		}
		fmt.Println(line)
	}
	fmt.Println(metricNames)
	try("shipped", func(*portrait.Weights) {})
	for _, v := range []float64{0.5, 2, 3} {
		try(fmt.Sprint("genre ", v), func(w *portrait.Weights) { w.Genre = v })
		try(fmt.Sprint("venue ", v/4), func(w *portrait.Weights) { w.Venue = v / 4 })
	}
	try("title 3", func(w *portrait.Weights) { w.Title = 3 })
	try("cast 3", func(w *portrait.Weights) { w.Cast = 3 })
	for _, v := range []float64{0, 0.05, 0.2} {
		try(fmt.Sprint("share ", v), func(w *portrait.Weights) { w.MaxShare = v })
	}
}
