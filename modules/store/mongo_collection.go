package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// mongoBatch is how many documents one bulk write carries.
const mongoBatch = 50

// incTries bounds how often Inc meets another one that makes the same document at the same moment.
const incTries = 5

type mongoCollection struct {
	spec Spec
	coll *mongo.Collection
}

func (c *mongoCollection) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, c.spec.Name, duplicate(err))
}

func (c *mongoCollection) Get(ctx context.Context, id string, out any) error {
	raw, err := c.coll.FindOne(ctx, bson.D{{Key: idField, Value: id}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return fmt.Errorf("%w: %s %q", ErrNotFound, c.spec.Name, id)
	}
	if err != nil {
		return c.wrap("get from", err)
	}
	return decode(raw, out)
}

func (c *mongoCollection) Insert(ctx context.Context, doc any) error {
	d, err := encode(doc)
	if err == nil {
		_, err = c.coll.InsertOne(ctx, d.raw)
	}
	return c.wrap("insert into", err)
}

func (c *mongoCollection) Upsert(ctx context.Context, docs ...any) error {
	for len(docs) > 0 {
		n := min(len(docs), mongoBatch)
		models := make([]mongo.WriteModel, n)
		for i := range models {
			d, err := encode(docs[i])
			if err != nil {
				return c.wrap("upsert into", err)
			}
			models[i] = mongo.NewReplaceOneModel().SetFilter(bson.D{{Key: idField, Value: d.id}}).
				SetReplacement(d.raw).SetUpsert(true)
		}
		docs = docs[n:]
		if _, err := c.coll.BulkWrite(ctx, models); err != nil {
			return c.wrap("upsert into", err)
		}
	}
	return nil
}

func (c *mongoCollection) Replace(ctx context.Context, doc any, version int64) error {
	d, err := encode(doc)
	if err != nil {
		return c.wrap("replace in", err)
	}
	filter := bson.D{{Key: idField, Value: d.id}, {Key: "version", Value: version}}
	if version == 0 { // a document without a version has version 0
		filter[1].Value = bson.D{{Key: "$in", Value: bson.A{int64(0), nil}}}
	}
	res, err := c.coll.ReplaceOne(ctx, filter, d.raw)
	if err == nil && res.MatchedCount == 0 {
		err = fmt.Errorf("%w: %s is absent or no longer version %d", ErrConflict, d.id, version)
	}
	return c.wrap("replace in", err)
}

func (c *mongoCollection) Find(ctx context.Context, q Query, out any) error {
	l, err := newList(out)
	if err != nil {
		return err
	}
	filter, err := c.filter(q.Where)
	if err != nil {
		return err
	}
	sort, err := c.sort(q)
	if err != nil {
		return err
	}
	opts := options.Find().SetSort(sort)
	if q.Limit > 0 {
		opts.SetLimit(int64(q.Limit))
	}
	err = c.each(ctx, filter, opts, l.add)
	if err == nil {
		l.done()
	}
	return err
}

// each calls fn for every document found. The bytes are fn's to keep.
func (c *mongoCollection) each(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder, fn func(bson.Raw) error) error {
	cur, err := c.coll.Find(ctx, filter, opts)
	if err != nil {
		return c.wrap("find in", err)
	}
	defer func() { _ = cur.Close(context.WithoutCancel(ctx)) }()
	for cur.Next(ctx) {
		if err := fn(append(bson.Raw(nil), cur.Current...)); err != nil {
			return c.wrap("find in", err)
		}
	}
	return c.wrap("find in", cur.Err())
}

func (c *mongoCollection) Count(ctx context.Context, where ...Cond) (int64, error) {
	filter, err := c.filter(where)
	if err != nil {
		return 0, err
	}
	n, err := c.coll.CountDocuments(ctx, filter)
	return n, c.wrap("count", err)
}

func (c *mongoCollection) GroupCount(ctx context.Context, field string, where ...Cond) (map[string]int64, error) {
	f, err := c.spec.field(field)
	if err != nil {
		return nil, err
	}
	filter, err := c.filter(where)
	if err != nil {
		return nil, err
	}
	if f.Array {
		return c.groupMembers(ctx, f, filter)
	}
	cur, err := c.coll.Aggregate(ctx, mongo.Pipeline{
		{{Key: "$match", Value: filter}},
		{{Key: "$group", Value: bson.D{
			{Key: idField, Value: "$" + field},
			{Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}},
		}}},
	})
	if err != nil {
		return nil, c.wrap("count", err)
	}
	defer func() { _ = cur.Close(context.WithoutCancel(ctx)) }()
	out := map[string]int64{}
	for cur.Next(ctx) {
		n, _ := cur.Current.Lookup("n").AsInt64OK()
		out[groupName(value(cur.Current, idField))] += n
	}
	return out, c.wrap("count", cur.Err())
}

// groupMembers counts on our side, where a path that leads through an array of documents means the same as elsewhere.
func (c *mongoCollection) groupMembers(ctx context.Context, f Field, filter bson.D) (map[string]int64, error) {
	out := map[string]int64{}
	opts := options.Find().SetProjection(bson.D{{Key: f.Path, Value: 1}})
	return out, c.each(ctx, filter, opts, func(raw bson.Raw) error {
		in, _ := members(raw, f.Path)
		for _, m := range in {
			out[m]++
		}
		return nil
	})
}

func (c *mongoCollection) Scan(ctx context.Context, fn func(decode func(out any) error) error) error {
	opts := options.Find().SetSort(bson.D{{Key: idField, Value: 1}}).SetLimit(pageSize)
	filter := bson.D{}
	for {
		var page []bson.Raw
		err := c.each(ctx, filter, opts, func(raw bson.Raw) error {
			page = append(page, raw)
			return nil
		})
		if err != nil {
			return err
		}
		for _, raw := range page {
			if err := fn(func(out any) error { return decode(raw, out) }); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		after := page[len(page)-1].Lookup(idField)
		filter = bson.D{{Key: idField, Value: bson.D{{Key: "$gt", Value: after}}}}
	}
}

func (c *mongoCollection) UpdateWhere(ctx context.Context, set map[string]any, where ...Cond) (int64, error) {
	update, err := updateOf(set)
	if err != nil {
		return 0, c.wrap("update", err)
	}
	filter, err := c.filter(where)
	if err != nil {
		return 0, err
	}
	res, err := c.coll.UpdateMany(ctx, filter, update)
	if err != nil {
		return 0, c.wrap("update", err)
	}
	return res.MatchedCount, nil
}

func (c *mongoCollection) DeleteWhere(ctx context.Context, where ...Cond) (int64, error) {
	filter, err := c.filter(where)
	if err != nil {
		return 0, err
	}
	res, err := c.coll.DeleteMany(ctx, filter)
	if err != nil {
		return 0, c.wrap("delete from", err)
	}
	return res.DeletedCount, nil
}

func (c *mongoCollection) Inc(ctx context.Context, id, field string, by int64) (int64, error) {
	if err := checkPath(field); err != nil || field == idField || id == "" {
		return 0, fmt.Errorf("%w: cannot count %q of %s %q", ErrBadQuery, field, c.spec.Name, id)
	}
	opts := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	update := bson.D{{Key: "$inc", Value: bson.D{{Key: field, Value: by}}}}
	var raw bson.Raw
	var err error
	for range incTries {
		raw, err = c.coll.FindOneAndUpdate(ctx, bson.D{{Key: idField, Value: id}}, update, opts).Raw()
		if !mongo.IsDuplicateKeyError(err) { // else another one made the document just now; it is there the next time
			break
		}
	}
	if err != nil {
		return 0, c.wrap("count in", err)
	}
	n, ok := raw.Lookup(strings.Split(field, ".")...).AsInt64OK()
	if !ok {
		return 0, fmt.Errorf("%w: %s of %s %q is not a whole number", ErrBadQuery, field, c.spec.Name, id)
	}
	return n, nil
}

func (c *mongoCollection) Claim(ctx context.Context, set map[string]any, out any, q Query) error {
	update, err := updateOf(set)
	if err != nil {
		return c.wrap("claim in", err)
	}
	filter, err := c.filter(q.Where)
	if err != nil {
		return err
	}
	sort, err := c.sort(q)
	if err != nil {
		return err
	}
	opts := options.FindOneAndUpdate().SetSort(sort).SetReturnDocument(options.After)
	raw, err := c.coll.FindOneAndUpdate(ctx, filter, update, opts).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return c.wrap("claim in", ErrNotFound)
	}
	if err != nil || out == nil {
		return c.wrap("claim in", err)
	}
	return decode(raw, out)
}

func updateOf(set map[string]any) (bson.D, error) {
	todo, err := changes(set)
	if err != nil {
		return nil, err
	}
	var sets, unsets, out bson.D
	for _, ch := range todo {
		if ch.value == nil {
			unsets = append(unsets, bson.E{Key: ch.path, Value: ""})
		} else {
			sets = append(sets, bson.E{Key: ch.path, Value: ch.value})
		}
	}
	if sets != nil {
		out = append(out, bson.E{Key: "$set", Value: sets})
	}
	if unsets != nil {
		out = append(out, bson.E{Key: "$unset", Value: unsets})
	}
	return out, nil
}

func (c *mongoCollection) sort(q Query) (bson.D, error) {
	f, err := c.spec.order(q)
	if err != nil {
		return nil, err
	}
	dir := 1
	if q.Desc {
		dir = -1
	}
	out := bson.D{{Key: f.Path, Value: dir}}
	if f.Path != idField {
		out = append(out, bson.E{Key: idField, Value: 1})
	}
	return out, nil
}

// filter never passes text of a caller where MongoDB reads operators: values are scalars, paths are declared.
func (c *mongoCollection) filter(where []Cond) (bson.D, error) {
	terms, err := c.spec.terms(where)
	if err != nil {
		return nil, err
	}
	if len(terms) == 0 {
		return bson.D{}, nil
	}
	parts := bson.A{}
	for _, t := range terms {
		parts = append(parts, bson.D{{Key: t.field.Path, Value: condition(t)}})
	}
	if len(parts) == 1 {
		return parts[0].(bson.D), nil
	}
	return bson.D{{Key: "$and", Value: parts}}, nil
}

func condition(t term) any {
	v := t.value
	if tm, ok := v.(time.Time); ok {
		v = bson.NewDateTimeFromTime(tm)
	}
	op := map[Op]string{Ne: "$ne", Lt: "$lt", Lte: "$lte", Gt: "$gt", Gte: "$gte", In: "$in"}[t.op]
	switch t.op {
	case Eq:
		return v
	case Missing:
		return nil
	case Present:
		return bson.D{{Key: "$ne", Value: nil}}
	}
	return bson.D{{Key: op, Value: v}}
}
