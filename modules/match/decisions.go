package match

import (
	"cmp"
	"slices"
	"strings"

	"ticketmoa/modules/ticket"
)

// decisions are what people decided, by the keys they speak of, the latest first.
type decisions struct {
	byID  map[string]*ticket.Decision
	byKey map[string][]*ticket.Decision
}

// latest orders decisions, the latest first.
func latest(a, b *ticket.Decision) int {
	return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID))
}

// Decide adds a decision or replaces the one of its id; one that was undone counts no more.
func (x *Index) Decide(d ticket.Decision) {
	if old := x.decisions.byID[d.ID]; old != nil {
		delete(x.decisions.byID, d.ID)
		for _, key := range old.Keys() {
			x.decisions.byKey[key] = slices.DeleteFunc(x.decisions.byKey[key], func(o *ticket.Decision) bool { return o == old })
			x.dirty[key] = true
		}
	}
	if d.UndoneAt != nil {
		return
	}
	x.decisions.byID[d.ID] = &d
	for _, key := range d.Keys() {
		x.decisions.byKey[key] = append(x.decisions.byKey[key], &d)
		slices.SortFunc(x.decisions.byKey[key], latest)
		x.dirty[key] = true
	}
}

// between is what the latest decision that speaks of both says of two shows; "" when none does.
func (d *decisions) between(a, b string) ticket.DecisionKind {
	for _, one := range d.byKey[a] {
		if verdict := one.Between(a, b); verdict != "" {
			return verdict
		}
	}
	return ""
}
