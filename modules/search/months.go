package search

// months are the documents that run in each month, so that a question for some days looks at few of the others.
type months struct {
	first int      // the month of sets[0]
	sets  []bitset // nil for a month in which nothing runs
	long  bitset   // what runs for longer than longRun is in none of them
}

// longRun is how many months a run has at most to be found under each of them; a window of more is not looked up.
const longRun = 24

// monthOf numbers the month of a day as dayNumber gives it.
func monthOf(day uint16) int { return (int(day) - 1) / 31 }

func (s *segment) findMonths() *months {
	m := &months{long: newBitset(len(s.docs))}
	first, last := 1<<16, 0
	for _, r := range s.runs {
		if r.known() && monthOf(r.last)-monthOf(r.first) <= longRun {
			first, last = min(first, monthOf(r.first)), max(last, monthOf(r.last))
		}
	}
	if first > last {
		first = last
	}
	m.first, m.sets = first, make([]bitset, last-first+1)
	for n, r := range s.runs {
		switch {
		case !r.known():
		case monthOf(r.last)-monthOf(r.first) > longRun:
			m.long.set(uint32(n))
		default:
			for i := monthOf(r.first) - first; i <= monthOf(r.last)-first; i++ {
				if m.sets[i] == nil {
					m.sets[i] = newBitset(len(s.docs))
				}
				m.sets[i].set(uint32(n))
			}
		}
	}
	return m
}

// between adds sets of which one holds every document that runs on any of the days; ok is false when the days are too many.
func (m *months) between(from, to uint16, sets []bitset) (_ []bitset, ok bool) {
	a, b := max(monthOf(from)-m.first, 0), min(monthOf(to)-m.first, len(m.sets)-1)
	if b-a > longRun {
		return nil, false
	}
	sets = append(sets, m.long)
	for ; a <= b; a++ {
		if m.sets[a] != nil {
			sets = append(sets, m.sets[a])
		}
	}
	return sets, true
}
