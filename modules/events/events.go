// Package events logs what people do: from the page that saw it to rows in the lake.
//
// The recorder takes events from the pages, checks and stamps them, and puts them on the durable queue in the
// background, those of some milliseconds with one fsync. It guarantees that no page ever waits for it or fails because of
// it: what it cannot keep it drops and counts. RecordNow is for callers that promise more: it returns after the fsync.
// Barrier says up to where the queue holds everything that was received before a moment; neither waits for others to come.
//
// The sink brings events from the queue into the lake, as Parquet, each id once: across batches, restarts, crashes at any
// moment and failures of the lake, which only delay it. It never overwrites another's object, never lets part of one be
// seen, and never gives a record of the queue up before its row is stored and read back. Watermarks say up to when
// the lake is complete.
//
// Viewers say who a visitor is without knowing it: a pseudonym that lives for a day, and what kind of browser asks.
// Redact takes numbers and addresses of people out of what they searched for.
//
// No event ever carries an address of the network, a user agent, a name, an e-mail address or a birthday.
package events
