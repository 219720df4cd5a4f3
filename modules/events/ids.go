package events

import "crypto/rand"

// alphabet is that of RFC 4648: five bits a letter.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// ids makes ids as rand.Text does: 26 letters of 130 random bits, which nobody can guess. It fetches the randomness of many
// at once, for asking the system each time takes longer than all else of an event.
type ids struct {
	random [40 * idLength]byte
	used   int // of random; all of it at first, see newIDs
}

const idLength = 26

func newIDs() *ids {
	i := &ids{}
	i.used = len(i.random)
	return i
}

func (i *ids) next() string {
	if i.used == len(i.random) {
		_, _ = rand.Read(i.random[:]) // never fails: it ends the program instead
		i.used = 0
	}
	var id [idLength]byte
	for k := range id {
		id[k] = alphabet[i.random[i.used+k]%uint8(len(alphabet))]
	}
	clear(i.random[i.used : i.used+idLength])
	i.used += idLength
	return string(id[:])
}
