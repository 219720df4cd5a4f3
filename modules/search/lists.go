package search

// lists are many short lists of numbers, one behind the other.
type lists struct {
	start []uint32 // one more than lists
	all   []uint32
}

func (l *lists) of(i uint32) []uint32 { return l.all[l.start[i]:l.start[i+1]] }

// turned is the lists the other way round: by number, of which there are so many, the lists that hold it, rising and each
// once.
func (l *lists) turned(numbers int) lists {
	last := make([]uint32, numbers) // one more than the last list a number was seen in
	each := func(fn func(list, number uint32)) {
		clear(last)
		for i := range len(l.start) - 1 {
			for _, n := range l.of(uint32(i)) {
				if last[n] != uint32(i)+1 {
					last[n] = uint32(i) + 1
					fn(uint32(i), n)
				}
			}
		}
	}
	out := lists{start: make([]uint32, numbers+1)}
	each(func(_, n uint32) { out.start[n+1]++ })
	for i := range numbers {
		out.start[i+1] += out.start[i]
	}
	out.all = make([]uint32, out.start[numbers])
	next := make([]uint32, numbers)
	copy(next, out.start)
	each(func(list, n uint32) {
		out.all[next[n]] = list
		next[n]++
	})
	return out
}
