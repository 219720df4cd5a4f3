package versus

import (
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk" // the analyser for Korean
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
	_ "modernc.org/sqlite" // the driver

	"ticketmoa/modules/ticket"
)

func number(d ticket.Date) float64 {
	var y, m, day float64
	fmt.Sscanf(string(d), "%f-%f-%f", &y, &m, &day)
	return y*10000 + m*100 + day
}

// bleveEngine is bleve with its scorch index on disk and its analyser for Chinese, Japanese and Korean.
type bleveEngine struct{ index bleve.Index }

// boosts are how much a word in each text says, as ours has it: title before people before place before synopsis.
var boosts = map[string]float64{"title": 8, "people": 4, "place": 2, "story": 1}

func bleveMapping() mapping.IndexMapping {
	text := bleve.NewTextFieldMapping()
	text.Analyzer, text.Store, text.IncludeInAll = "cjk", false, false
	word := bleve.NewKeywordFieldMapping()
	word.Store, word.IncludeInAll = false, false
	num := bleve.NewNumericFieldMapping()
	num.Store, num.IncludeInAll = false, false
	doc := bleve.NewDocumentStaticMapping()
	for field := range boosts {
		doc.AddFieldMappingsAt(field, text)
	}
	doc.AddFieldMappingsAt("genre", word)
	doc.AddFieldMappingsAt("region", word)
	doc.AddFieldMappingsAt("start", num)
	doc.AddFieldMappingsAt("end", num)
	m := bleve.NewIndexMapping()
	m.DefaultMapping = doc
	return m
}

func newBleve(dir string, shows []*ticket.Performance) (*bleveEngine, error) {
	index, err := bleve.New(dir, bleveMapping())
	if err != nil {
		return nil, err
	}
	batch := index.NewBatch()
	for i, p := range shows {
		err := batch.Index(p.ID, map[string]any{"title": p.Title, "people": names(p), "place": p.Place.Name, "story": p.Synopsis, "genre": string(p.Genre), "region": string(p.Place.Region), "start": number(p.Period.Start), "end": number(p.Period.End)})
		if err != nil {
			return nil, err
		}
		if batch.Size() == 1000 || i == len(shows)-1 {
			if err := index.Batch(batch); err != nil {
				return nil, err
			}
			batch.Reset()
		}
	}
	return &bleveEngine{index}, nil
}

func (b *bleveEngine) ask(a ask) int {
	var all []query.Query
	if a.word != "" {
		anywhere := bleve.NewDisjunctionQuery()
		for field, boost := range boosts {
			q := bleve.NewMatchPhraseQuery(a.word)
			q.SetField(field)
			q.SetBoost(boost)
			anywhere.AddQuery(q)
		}
		all = append(all, anywhere)
	}
	if a.genre != "" {
		for field, value := range map[string]string{"genre": string(a.genre), "region": string(a.region)} {
			q := bleve.NewTermQuery(value)
			q.SetField(field)
			all = append(all, q)
		}
		from, to := number(a.from), number(a.to)
		yes := true
		begins := bleve.NewNumericRangeInclusiveQuery(nil, &to, nil, &yes)
		begins.SetField("start")
		ends := bleve.NewNumericRangeInclusiveQuery(&from, nil, &yes, nil)
		ends.SetField("end")
		all = append(all, begins, ends)
	}
	req := bleve.NewSearchRequestOptions(bleve.NewConjunctionQuery(all...), 20, 0, false)
	res, err := b.index.Search(req)
	if err != nil {
		panic(err)
	}
	return int(res.Total)
}

func names(p *ticket.Performance) string {
	var all []string
	for _, m := range p.Cast {
		all = append(all, m.Name)
	}
	return strings.Join(all, " ")
}

// fts is SQLite's FTS5 with trigrams; words of two syllables, which trigrams cannot find, are looked for with LIKE.
type fts struct{ db *sql.DB }

func newFTS(path string, shows []*ticket.Performance) (*fts, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, s := range []string{`PRAGMA journal_mode=OFF`, `PRAGMA synchronous=OFF`, `CREATE TABLE show(id INTEGER PRIMARY KEY, genre, region, start, end)`,
		`CREATE INDEX by_all ON show(genre, region, start, end)`, `CREATE VIRTUAL TABLE words USING fts5(text, tokenize='trigram')`} {
		if _, err := db.Exec(s); err != nil {
			return nil, err
		}
	}
	tx, err := db.Begin()
	if err != nil {
		return nil, err
	}
	for i, p := range shows { // in the order of popularity: rowids rise as it falls
		if _, err := tx.Exec(`INSERT INTO show VALUES(?,?,?,?,?)`, i+1, string(p.Genre), string(p.Place.Region), string(p.Period.Start), string(p.Period.End)); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`INSERT INTO words(rowid, text) VALUES(?,?)`, i+1, textOf(p)); err != nil {
			return nil, err
		}
	}
	return &fts{db}, tx.Commit()
}

// ask gives the first twenty only: a count would cost more.
func (f *fts) ask(a ask) int {
	var where []string
	var args []any
	from := "show"
	if a.word != "" {
		from = "words JOIN show ON show.id = words.rowid"
		if utf8.RuneCountInString(a.word) >= 3 {
			where, args = append(where, "words MATCH ?"), append(args, `"`+a.word+`"`)
		} else {
			where, args = append(where, "text LIKE ?"), append(args, "%"+a.word+"%")
		}
	}
	if a.genre != "" {
		where = append(where, "genre = ? AND region = ? AND start <= ? AND end >= ?")
		args = append(args, string(a.genre), string(a.region), string(a.to), string(a.from))
	}
	order := "show.id"
	if a.word != "" {
		order = "words.rowid"
	}
	rows, err := f.db.Query("SELECT show.id FROM "+from+" WHERE "+strings.Join(where, " AND ")+" ORDER BY "+order+" LIMIT 20", args...)
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n
}
