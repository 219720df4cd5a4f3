package credits

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ticketmoa/modules/normalize"
	"ticketmoa/modules/ticket"
)

// line writes what a directory says of a name: its artist with all its names, or nobody.
func (d *Directory) line(n Name) string {
	names := d.One(n)
	if len(names) == 0 {
		return "nobody"
	}
	return fmt.Sprintf("%+v", d.Artist(names))
}

// TestWhatChangedIsMarked puts, replaces and takes out billings at random. Whoever looks again only at the names that are
// unsettled must know what one knows who reads everything anew.
func TestWhatChangedIsMarked(t *testing.T) {
	t.Parallel()
	casts := []string{"아이유(IU)", "IU", "아이유", "키(KEY, SHINee)", "키(SHINee), 민호(SHINee)", "SHINee(키)", "하늘(NEWG)", "바다(NEWG), 구름(SKY)", "NEWG(신인), SKY", "NEWG(신인), NEWG(막내)", "신인, 막내(NEWG)",
		"김민수(KIM)", "KIM(김민수)", "박민수(KIM)", "김민수", "KIM", "정지훈(RAIN), 비(RAIN)", "RAIN", "등", ""}
	companies := []string{"", "고래기획", "바다기획, 고래기획", "바다기획"}
	genres := []ticket.Genre{ticket.Concert, ticket.Musical, ticket.Classical, ticket.Dance, ticket.Sports}
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		d, now, known := New(), map[string]Billing{}, map[Name]string{}
		for range 150 {
			id := fmt.Sprint(rng.IntN(25))
			cast := normalize.CastLine(casts[rng.IntN(len(casts))])
			pages := [][]ticket.CastMember{cast}
			if rng.IntN(3) == 0 {
				pages = append(pages, normalize.CastLine(casts[rng.IntN(len(casts))]))
			}
			b := Read(genres[rng.IntN(len(genres))], cast, pages, normalize.Companies(companies[rng.IntN(len(companies))]))
			if rng.IntN(4) == 0 {
				b = Billing{}
			}
			d.Put(id, b)
			now[id] = b
			for _, n := range d.Unsettled() {
				for _, other := range d.Together(n) {
					known[other] = d.line(other)
				}
				d.Settled(n)
			}
		}
		fresh := New()
		for id, b := range now {
			fresh.Load(id, b)
		}
		for n, said := range known {
			if want := fresh.line(n); said != want {
				t.Fatalf("seed %d: of %v is known\n%s\nand read anew\n%s", seed, n, said, want)
			}
		}
		for n := range fresh.Names() {
			if want := fresh.line(n); known[n] != want && want != "nobody" {
				t.Fatalf("seed %d: of %v is known %q, and read anew\n%s", seed, n, known[n], want)
			}
		}
	}
}

func TestBilledAt(t *testing.T) {
	t.Parallel()
	d := New()
	d.Put("p1", Read(ticket.Concert, []ticket.CastMember{{Name: "IU"}}, [][]ticket.CastMember{{{Name: "아이유", Also: "IU"}}}, nil))
	iu, _ := NameIn(ticket.Concert, "ＩＵ")
	full, _ := NameIn(ticket.Musical, "아이유")
	if at := d.BilledAt(iu); len(at) != 1 || len(d.BilledAt(full)) != 0 {
		t.Errorf("billed as IU at %v, as 아이유 at %v", at, d.BilledAt(full))
	}
	a := d.Artist(d.One(iu))
	if a.ID != full.ID() || a.Name != "아이유" || len(a.Aliases) != 1 || NamesOf(a)[0] != full || NamesOf(a)[1] != iu {
		t.Errorf("%+v", a)
	}
	for _, none := range []string{"등", "외 10명", "앙상블", ""} {
		if n, ok := NameIn(ticket.Concert, none); ok {
			t.Errorf("%q is %v", none, n)
		}
	}
	if _, ok := NameIn(ticket.Sports, "두산"); ok {
		t.Error("a team is an artist")
	}
}
