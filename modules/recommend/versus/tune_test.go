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
	for _, genre := range []float64{1, 2, 3} {
		for _, venue := range []float64{0, 0.25, 0.75} {
			try(fmt.Sprintf("genre %g, venue %g", genre, venue), func(w *portrait.Weights) { w.Genre, w.Venue = genre, venue })
		}
	}
	for _, v := range []float64{2, 4} {
		try(fmt.Sprint("title ", v), func(w *portrait.Weights) { w.Title = v })
		try(fmt.Sprint("cast ", v), func(w *portrait.Weights) { w.Cast = v })
	}
}
